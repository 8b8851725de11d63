"""The Responses format of OpenAI and of all who speak it.

Source: OpenAI's reference of the Responses API, its guides on reasoning, structured outputs and prompt caching, and
xAI's guides on the same format, as they stood in autumn 2026. Nothing is stored on the server: what it thought comes
back to it encrypted, within the items of its own answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.openai_responses.request import encode
from runner.models.openai_responses.stream import Answer
from runner.models.reading import read_reply
from runner.models.server import Wire, checked_key
from runner.models.shapes import way_of

if TYPE_CHECKING:
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.server import Server


class OpenAIResponses:
    """A model behind a server that speaks Responses."""

    def __init__(self, server: Server) -> None:
        self._server = server
        key = [] if server.key is None else [(b"authorization", f"Bearer {checked_key(server)}".encode())]
        self._wire = Wire(server, "/responses", [(b"accept", b"text/event-stream"), *key])

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request; a cancelled or late one leaves no connection behind."""
        shaped = way_of(request, self._server.profile) == "tool"
        async with self._wire.ask(encode(request, self._server), request.deadline) as body:
            answer = Answer(body.pace.told(on_delta), self._server.provider, answer_tool=shaped)
            return await read_reply(body.chunks, answer)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()
