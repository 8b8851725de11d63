"""A model on a server: how all wire formats send to it, and what a refusal of it means."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.errors import ConfigInvalid, ModelFailed
from runner.models.calling.retry import PATIENCE
from runner.models.faults import match_of, trouble_of, words_of, words_of_body
from runner.models.http import Line, read_some
from runner.models.pace import Pace, Paced
from runner.models.waits import pause_of, wait_of
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from runner.errors import Trouble
    from runner.models.http import Answer, Headers
    from runner.models.port import Deadline
    from runner.models.profile import Profile

_PRINTABLE = range(0x21, 0x7F)
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Server:
    """A model on a server: its name in the files, where it is, and the key with the variable that it came from."""

    name: str
    provider: str
    url: str
    model: str
    key: str | None
    variable: str | None
    profile: Profile
    context: int | None = None
    """Tokens with which Ollama loads the model."""
    keep_alive: float | None = None
    """Seconds that Ollama keeps it loaded."""
    found: str = ""
    """Where the variable was found: `.env`, `the environment`; empty: nobody said."""
    withheld: str = ""
    """The provider's own variable that is not sent, as the address is another one."""
    hold: Callable[[float], None] | None = None
    """Told for how many seconds the server had better not be asked, as little is left of its rate limits."""

    @property
    def entry(self) -> str:
        """Where the files speak of it."""
        return f"models.{self.name} in runner.yaml"

    @property
    def key_place(self) -> str:
        """Where its key is written down."""
        variable = self.variable or f"`key` of {self.entry}"
        return f"{variable} of {self.found}" if self.found else variable


@dataclass(frozen=True, slots=True)
class Body:
    """A good answer: its bytes as they arrive, and the clocks that they are read against."""

    chunks: Paced
    pace: Pace


class Wire:
    """One address of a server, asked again and again."""

    def __init__(self, server: Server, path: str, headers: Headers = ()) -> None:
        self._server = server
        self._path = path
        self._line = Line(f"{server.url}{path}", [*_HEADERS, *headers])

    @asynccontextmanager
    async def ask(self, body: bytes, deadline: Deadline) -> AsyncGenerator[Body, None]:
        """The answer to a body; raises ModelFailed, which names the model, for all that befalls the exchange."""
        try:
            async with (
                Pace(deadline) as pace,
                self._line.post(body, min(deadline.connect, deadline.total)) as answer,
            ):
                if not 200 <= answer.status < 300:  # noqa: PLR2004 - the class of HTTP's good answers
                    raise refusal(self._server, answer, await read_some(answer.chunks), self._path)
                _refuse_encoding(answer)
                if self._server.hold and (pause := pause_of(answer.headers)):
                    self._server.hold(pause)
                yield Body(Paced(answer.chunks, pace), pace)
        except ModelFailed as error:
            slow = f"{self._server.url}: " if error.trouble in _SLOW and self._server.url not in error.message else ""
            error.message = f"model {self._server.name}: {slow}{error.message}"
            error.hint = error.hint or _hint_of_trouble(self._server, error.trouble)
            raise

    async def close(self) -> None:
        """Give the connections back."""
        await self._line.close()


def checked_key(server: Server) -> str:
    """The key as a header can hold it; raises ConfigInvalid for one that cannot be."""
    key = (server.key or "").strip()
    if key[:1] in _QUOTES or key[-1:] in _QUOTES:
        raise ConfigInvalid(
            f"model {server.name}: the key is in quotes, which would be sent as a part of it",
            hint=f"take the quotes off {server.key_place}",
        )
    if not key or not all(ord(letter) in _PRINTABLE for letter in key):
        raise ConfigInvalid(
            f"model {server.name}: the key is empty or holds characters that no key has",
            hint=f"write the key anew into {server.key_place}",
        )
    return key


def refusal(server: Server, answer: Answer, body: bytes, path: str) -> ModelFailed:
    """What an answer other than a good one means; `path` is what was asked for below the server's address."""
    words = words_of_body(body) or (words_of(f"see {answer.location}") if answer.location else "")
    said = words_of(f"HTTP {answer.status} {answer.reason}")
    trouble, wait = trouble_of(answer.status, words), wait_of(answer.headers)
    return ModelFailed(
        f"{server.url} says {said}{': ' + words if words else ''}{_too_long(trouble, wait)}",
        match="unavailable" if trouble in ("key", "quota") else match_of(answer.status),
        trouble=trouble,
        wait=wait,
        hint=_hint(server, answer.status, words, path) or _hint_of_trouble(server, trouble),
    )


def _too_long(trouble: Trouble, wait: float | None) -> str:
    """Why a server that will answer again is not waited for."""
    if wait is None or wait <= PATIENCE or trouble not in ("limited", "overloaded"):
        return ""
    asked, most = format_duration(wait), format_duration(PATIENCE)
    return f"; it asks to wait {asked} (Retry-After), longer than the {most} that a call waits"


def _refuse_encoding(answer: Answer) -> None:
    """What is compressed though nobody asked for that is not unpacked: a little of it may be a lot."""
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding != "identity":
        what = f"the server sent its answer in the encoding {words_of(encoding)}, which was not asked for"
        raise ModelFailed(what, trouble="broken")


def _hint(server: Server, status: int, words: str, path: str) -> str:
    is_bare = path in _BELOW_V1 and not urlsplit(server.url).path.strip("/")
    if status in (404, 405) and is_bare and "model" not in words.lower():
        return f"most addresses end in /v1: write `base_url: {server.url}/v1` in {server.entry}"
    if status == 400 and ("temperature" in words or "top_p" in words):  # noqa: PLR2004 - HTTP's own number
        return f"`profile: {{sampling: false}}` of {server.entry} leaves out what this model does not take"
    if 300 <= status < 400:  # noqa: PLR2004 - likewise
        return f"redirects are not followed; write the final address as `base_url` of {server.entry}"
    return ""


def _hint_of_trouble(server: Server, trouble: Trouble) -> str:
    """What to do, and in which file: it must say so in a line that is read alone."""
    is_ollama = server.provider == "ollama"
    if trouble == "key":
        if server.key is None:
            why = f", as {server.withheld} goes to {server.provider} itself alone" if server.withheld else ""
            return f'no key was sent{why}; `key: "${{NAME}}"` of {server.entry} sends one'
        return f"write a key that this server takes into {server.key_place}; `runner doctor --online` tries it"
    if trouble == "quota":
        return f"add to the account whose key is {server.key_place}, or name a `fallback` of {server.entry}"
    if trouble == "limited":
        return f"try again later, or name a `fallback` of {server.entry}"
    if trouble == "overloaded":
        return f"the server's own log may say why; try again later, or name a `fallback` of {server.entry}"
    if trouble == "missing":
        pull = f"; `ollama pull {server.model}` gets it" if is_ollama else ""
        return f"check `model` ({server.model}) and `base_url` of {server.entry}{pull}"
    if trouble == "overflow":
        more = (
            f"raise `context` of {server.entry}" if is_ollama else f"name a model with more context as {server.entry}"
        )
        return f"{more}, or let the agent remember less (`memory` in its file)"
    return ""


_SLOW = ("first", "idle", "total")
"""Troubles of an answer that takes too long."""
_BELOW_V1 = ("/chat/completions", "/responses")
"""Paths that stand below `/v1` at nearly all servers."""
_HEADERS = ((b"content-type", b"application/json"), (b"user-agent", b"runner"))
