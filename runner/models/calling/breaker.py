"""A breaker: a server that fails again and again is left alone for a while, then tried by one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.errors import Trouble

TRIPS = 5
"""Failures in a row that open it."""
REST = 10.0
"""Seconds it stays open the first time; each further time twice as long."""
LONGEST = 120.0
COUNTS: frozenset[Trouble] = frozenset({"connect", "first", "idle", "total", "reset", "overloaded"})
"""Troubles that are the server's; a refused key or a wrong answer says nothing about whether it is up."""


@dataclass(slots=True)
class Breaker:
    """Whether a server may be asked; times are seconds of one steady clock."""

    failures: int = 0
    """In a row."""
    opened: int = 0
    """Times it has opened since the last success."""
    until: float = 0.0
    """When it may be tried again, while it is open."""
    last: str = ""
    """What the server failed with last."""
    _is_tried: bool = False

    def wait(self, now: float) -> float:
        """Seconds until somebody may ask: 0 for now."""
        if not self.opened:
            return 0.0
        if now < self.until:
            return self.until - now
        return self.rest if self._is_tried else 0.0

    @property
    def rest(self) -> float:
        """Seconds that it stays open this time."""
        return float(min(LONGEST, REST * 2 ** max(0, self.opened - 1)))

    def begins(self, now: float) -> None:
        """Somebody asks: of an open breaker it is the one who tries."""
        if self.opened and now >= self.until:
            self._is_tried = True

    def left(self) -> None:
        """Whoever asked went away before there was an answer: it says nothing, and somebody else may try."""
        self._is_tried = False

    def succeeded(self) -> None:
        """The server has answered."""
        self.failures, self.opened, self.until, self._is_tried = 0, 0, 0.0, False

    def failed(self, trouble: Trouble, words: str, now: float) -> None:
        """An attempt has failed."""
        was_tried, self._is_tried = self._is_tried, False
        if trouble not in COUNTS:
            return
        self.failures += 1
        self.last = words
        if was_tried or (not self.opened and self.failures >= TRIPS):
            self.opened += 1
            self.until = now + self.rest

    def report(self, now: float) -> dict[str, Any]:
        """Its state as plain data."""
        state = "closed" if not self.opened else "open" if now < self.until else "trying"
        seconds = round(max(0.0, self.until - now), 1) if self.opened else 0.0
        return {"state": state, "failures": self.failures, "seconds": seconds, "last": self.last}
