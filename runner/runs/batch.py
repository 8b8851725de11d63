"""What one commit of the journal writes, and who waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from runner.errors import FenceLost, KeyTaken, StoreError
from runner.runs.events import AnyEvent


@dataclass(slots=True, eq=False)
class Fence:
    """The right of one owner to write to one run; `lost` says why it has it no more."""

    lost: FenceLost | KeyTaken | None = None


@dataclass(slots=True)
class Line:
    """An event on its way to the disk."""

    fence: Fence
    event: AnyEvent
    text: str
    key: str


@dataclass(slots=True, eq=False)
class Batch:
    """The lines of one commit, in the order they were appended."""

    lines: list[Line] = field(default_factory=list)
    waiters: list[asyncio.Future[None]] = field(default_factory=list)
    failure: StoreError | None = None
    over: bool = False

    def settle(self) -> None:
        """Wake everybody who waits; what became of the batch is theirs to read."""
        self.over = True
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
