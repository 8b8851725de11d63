"""The chat completions format of OpenAI and of all who speak it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.openai_chat.request import encode
from runner.models.openai_chat.stream import Answer
from runner.models.reading import read_reply
from runner.models.server import Wire, checked_key

if TYPE_CHECKING:
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.server import Server


class OpenAIChat:
    """A model behind a server that speaks chat completions."""

    def __init__(self, server: Server) -> None:
        self._server = server
        key = [] if server.key is None else [(b"authorization", f"Bearer {checked_key(server)}".encode())]
        self._wire = Wire(server, "/chat/completions", [(b"accept", b"text/event-stream"), *key])

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request; a cancelled or late one leaves no connection behind."""
        profile = self._server.profile
        async with self._wire.ask(encode(request, self._server.model, profile), request.deadline) as body:
            answer = Answer(body.pace.told(on_delta), done_is_finish=profile.done_is_finish)
            return await read_reply(body.chunks, answer)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()
