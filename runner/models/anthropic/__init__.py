"""The Messages format of Anthropic and of all who speak it.

Source: Anthropic's reference of the Messages API and its guides on streaming, stop reasons, thinking, structured
outputs and prompt caching, as they stood in autumn 2026 (`anthropic-version: 2023-06-01`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.errors import ModelFailed
from runner.models.anthropic.request import encode
from runner.models.anthropic.stream import Answer
from runner.models.pace import left
from runner.models.reading import read_reply
from runner.models.server import Wire, checked_key
from runner.models.shapes import way_of

if TYPE_CHECKING:
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.server import Server

VERSION = b"2023-06-01"
PAUSES = 5
"""Times that a turn which the server paused is sent back, to be gone on with."""


class Anthropic:
    """A model behind a server that speaks Anthropic's Messages."""

    def __init__(self, server: Server) -> None:
        self._server = server
        key = [] if server.key is None else [(b"x-api-key", checked_key(server).encode())]
        path = "/messages" if server.url.endswith("/v1") else "/v1/messages"
        self._wire = Wire(server, path, [(b"accept", b"text/event-stream"), (b"anthropic-version", VERSION), *key])

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request, its pauses passed over; a cancelled or late one leaves no connection behind."""
        began, before = time.monotonic(), None
        for _ in range(1 + PAUSES):
            deadline = left(request.deadline, time.monotonic() - began) if before else request.deadline
            reply, before = await self._ask(replace(request, deadline=deadline), on_delta, before)
            if not before.paused:
                return reply
        raise ModelFailed(
            f"model {self._server.name}: the server paused its turn more than {PAUSES} times", trouble="broken"
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()

    async def _ask(self, request: Request, on_delta: OnDelta, before: Answer | None) -> tuple[Reply, Answer]:
        sent = encode(request, self._server, before.blocks() if before else [])
        shaped = way_of(request, self._server.profile)
        async with self._wire.ask(sent, request.deadline) as body:
            answer = Answer(body.pace.told(on_delta), self._server.provider, schema=shaped is not None, before=before)
            return await read_reply(body.chunks, answer), answer
