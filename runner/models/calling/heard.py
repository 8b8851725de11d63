"""What was heard of an answer while it came: when it began, and what it took if it never came to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runner.models.calling.tokens import CHARACTERS
from runner.runs.events import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.errors import Trouble
    from runner.models.port import OnDelta, Reply

_AT_WORK: frozenset[Trouble] = frozenset({"first", "idle", "total", "reset", "broken"})
"""Troubles of a server that had taken the request: it has read the prompt, and most take money for that."""


def counted(reply: Reply, tokens: int) -> Usage:
    """What an answer took: as its server counted, else by an estimate; `tokens` is one of what was sent."""
    if reply.usage.total:
        return reply.usage
    words = len(reply.text) + len(reply.thinking) + sum(len(f"{call.tool}{call.arguments}") for call in reply.calls)
    return reply.usage.model_copy(update={"input": tokens, "output": round(words / CHARACTERS)})


class Heard:
    """Passes the words of an answer on, and keeps when its first piece came and how much all of them were."""

    def __init__(self, listener: OnDelta, clock: Callable[[], float]) -> None:
        self._listener = listener
        self._clock = clock
        self.began = clock()
        self.first: float | None = None
        self.characters = 0
        self.counted: Usage | None = None
        """What the server itself counted, when it came to that."""

    def __call__(self, kind: Literal["text", "thinking", "call"], text: str) -> None:
        """Take one piece."""
        if self.first is None:
            self.first = self._clock()
        self.characters += len(text)
        if kind != "call":
            self._listener(kind, text)

    def usage(self, tokens: int, trouble: Trouble) -> Usage:
        """What an attempt took that failed, as far as anybody knows; `tokens` is an estimate of what it sent."""
        if self.counted is not None:
            return self.counted
        if self.first is None and trouble not in _AT_WORK:
            return Usage()
        return Usage(input=tokens, output=round(self.characters / CHARACTERS))
