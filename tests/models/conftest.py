"""A question to a server that misbehaves, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest

from runner.models import PROVIDERS, ServedModel, open_model
from runner.models.port import Deadline, Message, Place, Reply, Request, ToolDef
from tests.models.badserver import BadServer, Script


@dataclass
class Asked:
    """The reply, the pieces in which it was told (those of its calls apart), and the server that gave it."""

    reply: Reply
    server: BadServer
    deltas: list[tuple[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


Ask = Callable[..., Asked]


@pytest.fixture
def a_request() -> Request:
    """A plain question, with time enough."""
    messages = [Message("system", "You help."), Message("user", "Hello")]
    return Request(messages, [], None, Deadline(20.0), Place("coder", "execute", 1, 1))


@pytest.fixture
def a_tool() -> ToolDef:
    """A tool that a model may call."""
    return ToolDef("read_file", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})


@pytest.fixture
def ask(a_request: Request) -> Ask:
    """Ask a server that answers by a script, as the provider named."""

    def ask(
        *pieces: Any,
        provider: str = "vllm",
        key: str | None = None,
        request: Request = a_request,
        entry: Mapping[str, Any] = MappingProxyType({}),
        **script: str,
    ) -> Asked:
        async def scenario() -> Asked:
            async with BadServer(Script(pieces, **script)) as server:
                variable = PROVIDERS[provider].key
                named = {"key": f"${{{variable}}}"} if variable and key is not None else {}
                said = {"provider": provider, "model": "tiny", "base_url": server.url, **named, **entry}
                spec = ServedModel.model_validate(said)
                model = open_model("lab", spec, key=key, replies=None)
                told: list[tuple[str, str]] = []
                try:
                    reply = await model.reply(request, lambda kind, text: told.append((kind, text)))
                finally:
                    await model.close()
                words = [(kind, text) for kind, text in told if kind != "call"]
                return Asked(reply, server, words, [text for kind, text in told if kind == "call"])

        return asyncio.run(scenario())

    return ask
