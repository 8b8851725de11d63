"""The chat completions format of OpenAI and of all who speak it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.lessons import Learning, Lesson
from runner.models.openai_chat.request import encode
from runner.models.openai_chat.stream import Answer
from runner.models.reading import read_reply
from runner.models.server import Wire, checked_key
from runner.models.shapes import way_of

if TYPE_CHECKING:
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.profile import Profile
    from runner.models.server import Server

LESSONS = (
    Lesson(r"stream_options|include_usage", "usage_option", value=False),
    Lesson(r"max_completion_tokens", "max_completion_tokens", value=True),
    Lesson(r"max_completion_tokens", "max_completion_tokens", value=False),
    Lesson(r"prompt_cache_key", "cache_key", value=False),
    Lesson(r"tool_choice", "forced_tools", value=False),
    Lesson(r"(?:one|first|begin|multiple|single).*\bsystem (?:message|role)", "one_system", value=True),
    Lesson(r"\bsystem (?:message|role)s?\b.*(?:one|first|begin|multiple|single)", "one_system", value=True),
)


class OpenAIChat:
    """A model behind a server that speaks chat completions."""

    def __init__(self, server: Server) -> None:
        self._server = server
        key = [] if server.key is None else [(b"authorization", f"Bearer {checked_key(server)}".encode())]
        self._wire = Wire(server, "/chat/completions", [(b"accept", b"text/event-stream"), *key])
        self._learning = Learning(server.profile, LESSONS)

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request; a cancelled or late one leaves no connection behind."""

        async def attempt(request: Request, profile: Profile) -> Reply:
            answer_tool = way_of(request, profile) == "tool"
            async with self._wire.ask(encode(request, self._server, profile), request.deadline) as body:
                heard = body.pace.told(on_delta)
                answer = Answer(heard, self._server.provider, profile, answer_tool=answer_tool)
                return await read_reply(body.chunks, answer)

        return await self._learning.ask(request, attempt)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()
