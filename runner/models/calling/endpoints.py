"""A server as all calls to it share it: how many at once, whether it is up, when it wants to be asked again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.models.calling.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.errors import ModelFailed


LONGEST = 3600.0
"""Seconds that a server is left alone at most, whatever it asks for: then it may say so again."""


ASKED = "it asked to be left alone"


@dataclass(slots=True)
class Hold:
    """Until when nobody should ask, as a server said (Retry-After, rate limits)."""

    until: float = 0.0

    def extend(self, seconds: float, now: float) -> None:
        """Let nobody ask for so long, an hour at most."""
        self.until = max(self.until, now + min(seconds, LONGEST))

    def left(self, now: float) -> float:
        """Seconds of it that are left."""
        return max(0.0, self.until - now)


@dataclass(slots=True)
class Endpoint:
    """One address of a server; `most` is how many calls it takes at once (None: any number), `slots` counts them."""

    url: str
    clock: Callable[[], float]
    most: int | None = None
    slots: asyncio.Semaphore | None = None
    breaker: Breaker = field(default_factory=Breaker)
    held: Hold = field(default_factory=Hold)
    """For as long as the server itself has too much to do; what one model of one key may is told of that alone."""
    _tried: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    """Set when the one call that tried a server whose breaker is open has said how that went."""

    def wait(self) -> tuple[float, str]:
        """Seconds until it may be asked, and why."""
        now = self.clock()
        rest = self.breaker.wait(now)
        held = self.held.left(now)
        if rest >= held:
            return rest, f"it has failed {self.breaker.failures} times in a row: {self.breaker.last}" if rest else ""
        return held, ASKED

    async def rest(self, seconds: float) -> float:
        """Let time pass, less of it when an open breaker lets calls through sooner; how much it was."""
        began = self.clock()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._tried.wait()
        return self.clock() - began

    def begins(self) -> None:
        """A call is made."""
        self.breaker.begins(self.clock())

    def succeeded(self) -> None:
        """A call was answered."""
        self._wake()
        self.breaker.succeeded()

    def left(self) -> None:
        """A call was given up before it was answered."""
        self._wake()
        self.breaker.left()

    def failed(self, fault: ModelFailed) -> None:
        """A call failed."""
        now = self.clock()
        self.breaker.failed(fault.trouble, fault.message, now)
        if fault.wait and fault.trouble == "overloaded":
            self.held.extend(fault.wait, now)

    def _wake(self) -> None:
        """Let those who rest look again, if it is the breaker that they wait for."""
        if self.breaker.opened:
            self._tried.set()
            self._tried = asyncio.Event()

    def report(self) -> dict[str, Any]:
        """Its state as plain data."""
        now = self.clock()
        return {"url": self.url, "breaker": self.breaker.report(now), "held": round(self.held.left(now), 1)}
