"""The chat completions format of OpenAI and of all who speak it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.errors import ConfigInvalid, ModelFailed
from runner.models.faults import match_of, words_of_body
from runner.models.http import Line, read_some
from runner.models.openai_chat.request import encode
from runner.models.openai_chat.stream import read_reply
from runner.spec import format_duration

if TYPE_CHECKING:
    from runner.models.http import Answer
    from runner.models.port import OnDelta, Reply, Request
    from runner.models.quirks import ChatQuirks

CONNECT_SECONDS = 10.0
"""The most that a connection may take to come up."""
_PRINTABLE = range(0x21, 0x7F)


@dataclass(frozen=True, slots=True)
class Server:
    """A model on a server: its name in the files, where it is, and the key with the variable that it came from."""

    name: str
    url: str
    model: str
    key: str | None
    variable: str | None
    quirks: ChatQuirks


class OpenAIChat:
    """A model behind a server that speaks chat completions."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line = Line(f"{server.url}/chat/completions", _headers(server))

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer to a request; a cancelled or late one leaves no connection behind."""
        body = encode(request, self._server.model, self._server.quirks)
        clock = asyncio.timeout(request.seconds)
        try:
            async with clock:
                return await self._exchange(body, min(CONNECT_SECONDS, request.seconds), on_delta)
        except TimeoutError:
            if not clock.expired():
                raise
            fault = ModelFailed(
                f"no whole answer within {format_duration(request.seconds)}",
                match="timeout",
                hint="a longer `timeout` class in runner.yaml gives it more time",
            )
        except ModelFailed as error:
            fault = error
        raise ModelFailed(
            f"model {self._server.name}: {fault.message}", match=fault.match, hint=fault.hint
        ) from fault.__cause__

    async def close(self) -> None:
        """Give the connections back."""
        await self._line.close()

    async def _exchange(self, body: bytes, connect: float, on_delta: OnDelta) -> Reply:
        async with self._line.post(body, connect) as answer:
            if not 200 <= answer.status < 300:  # noqa: PLR2004 - the class of HTTP's good answers
                raise self._refused(answer, await read_some(answer.chunks))
            return await read_reply(answer.chunks, on_delta, done_is_finish=self._server.quirks.done_is_finish)

    def _refused(self, answer: Answer, body: bytes) -> ModelFailed:
        words = words_of_body(body) or (f"see {answer.location}" if answer.location else "")
        said = f"HTTP {answer.status} {answer.reason}".rstrip()
        return ModelFailed(
            f"{self._server.url} says {said}{': ' + words if words else ''}",
            match=match_of(answer.status),
            hint=self._hint(answer.status),
        )

    def _hint(self, status: int) -> str:
        entry = f"models.{self._server.name} in runner.yaml"
        if status in (401, 403):
            if self._server.variable:
                return f"the key was taken from {self._server.variable}; check its value"
            return f"no key was sent; `key: ${{NAME}}` of {entry} sends one" if not self._server.key else ""
        if status == 404:  # noqa: PLR2004 - HTTP's own number
            return f"check `model` ({self._server.model}) and `base_url` of {entry}"
        if 300 <= status < 400:  # noqa: PLR2004 - likewise
            return f"redirects are not followed; write the final address as `base_url` of {entry}"
        return ""


def _headers(server: Server) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream"), (b"user-agent", b"runner")]
    if server.key is None:
        return headers
    key = server.key.strip()
    if not key or not all(ord(letter) in _PRINTABLE for letter in key):
        raise ConfigInvalid(
            f"model {server.name}: the key is empty or holds characters that no key has",
            hint=f"check the value of {server.variable or 'the key'}",
        )
    return [*headers, (b"authorization", f"Bearer {key}".encode())]
