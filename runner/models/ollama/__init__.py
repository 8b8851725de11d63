"""Ollama's own format, `/api/chat`: it alone takes the size of the context, and says how long a model stays loaded.

Source: Ollama's reference of its API and the types of its server, as they stood in autumn 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.lessons import Learning, Lesson
from runner.models.ndjson import read_lines
from runner.models.ollama.request import encode
from runner.models.ollama.stream import Answer
from runner.models.server import Wire, checked_key

if TYPE_CHECKING:
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.profile import Profile
    from runner.models.server import Server

LESSONS = (Lesson("does not support thinking", "thinking", value="off"),)


class Ollama:
    """A model behind a server that speaks Ollama's own format."""

    def __init__(self, server: Server) -> None:
        self._server = server
        key = [] if server.key is None else [(b"authorization", f"Bearer {checked_key(server)}".encode())]
        self._wire = Wire(server, "/api/chat", [(b"accept", b"application/x-ndjson"), *key])
        self._learning = Learning(server.profile, LESSONS)

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request; a cancelled or late one leaves no connection behind."""

        async def attempt(request: Request, profile: Profile) -> Reply:
            async with self._wire.ask(encode(request, self._server, profile), request.deadline) as body:
                return await read_lines(body.chunks, Answer(body.pace.told(on_delta)))

        return await self._learning.ask(request, attempt)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()
