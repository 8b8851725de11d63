"""What all wire formats have in common: nothing is imported in vain, what was kept comes back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from runner.models import ServedModel, Wire, open_model
from runner.models.port import Message
from runner.runs.events import Kept, ModelReplied
from tests.models.badserver import BadServer, Script
from tests.models.recorded import recorded

if TYPE_CHECKING:
    from runner.models.port import Request

WIRES = get_args(Wire)


@pytest.mark.parametrize("wire", WIRES)
def test_a_wire_format_imports_none_of_the_others(wire: str) -> None:
    """A small machine pays for what it speaks."""
    others = {f"runner.models.{other}" for other in WIRES} - {f"runner.models.{wire}"}
    code = f"import sys, runner.models.{wire}; print({others} & set(sys.modules) or 'none')"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "none"


@pytest.mark.parametrize(
    "provider,wire,place", [("anthropic", "anthropic", "messages"), ("xai", "openai_responses", "input")]
)
def test_thinking_comes_back_to_its_provider_out_of_the_journal(
    a_request: Request, provider: str, wire: str, place: str
) -> None:
    """Word for word, with the calls that it led to and before their results."""

    async def scenario() -> tuple[list[Any], list[Any]]:
        async with BadServer(Script([recorded(wire, "thinking_tools.sse")])) as server:
            spec = ServedModel.model_validate({"provider": provider, "model": "tiny", "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            reply = await model.reply(a_request, lambda *_: None)
            event = ModelReplied(
                path="p",
                text=reply.text,
                calls=list(reply.calls),
                usage=reply.usage,
                finish="",
                seconds=0,
                kept=reply.kept,
            )
            again = ModelReplied.model_validate_json(event.model_dump_json())
            said = Message("assistant", again.text, again.calls, kept=again.kept)
            results = [Message("tool", "text", call_id=call.id) for call in again.calls]
            await model.reply(replace(a_request, messages=[*a_request.messages, said, *results]), lambda *_: None)
            await model.close()
            assert reply.kept is not None
            return reply.kept.blocks, server.bodies[1][place]

    kept, sent = asyncio.run(scenario())
    told = sent[1]["content"] if wire == "anthropic" else sent[2 : 2 + len(kept)]
    assert told == kept
    results = sent[2]["content"] if wire == "anthropic" else sent[2 + len(kept) :]
    assert len(results) == 2


@pytest.mark.parametrize("provider,name", [("openrouter", "openrouter_tools.sse"), ("gemini", "gemini_tools.sse")])
def test_what_chat_completions_want_back_comes_out_of_the_journal_too(
    a_request: Request, provider: str, name: str
) -> None:
    """Thinking in the message, signatures in its calls."""

    async def scenario() -> tuple[list[Any], dict[str, Any]]:
        async with BadServer(Script([recorded("openai_chat", name)])) as server:
            spec = ServedModel.model_validate({"provider": provider, "model": "tiny", "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            reply = await model.reply(a_request, lambda *_: None)
            assert reply.kept is not None
            kept = Kept.model_validate_json(reply.kept.model_dump_json())
            said = Message("assistant", reply.text, reply.calls, kept=kept)
            await model.reply(replace(a_request, messages=[*a_request.messages, said]), lambda *_: None)
            await model.close()
            return kept.blocks, server.bodies[1]["messages"][2]

    (block,), sent = asyncio.run(scenario())
    told = sent if provider == "openrouter" else sent["tool_calls"][0]
    assert {key: told[key] for key in block} == block
