"""What a run that is being worked on holds: its journal and state, its workbench, and who in it works or waits."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from runner.runs.events import RunWaiting, Waiting
from runner.runs.sandboxes.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runner.engine.turns.costs import Spending
    from runner.engine.workbenches.workbench import Workbench
    from runner.project.project import Project
    from runner.runs.alerts import AlertRow
    from runner.runs.events import AlertKey, AnyEvent
    from runner.runs.journal import RunJournal
    from runner.runs.live import Live
    from runner.runs.sandboxes.keeper import Sandboxes
    from runner.runs.state import RunState

    EventT = TypeVar("EventT", bound=AnyEvent)

Leaving = Literal["", "parked", "stopped", "cancelled"]


class Common(NamedTuple):
    """What the runs of one engine share."""

    live: Live
    clock: Callable[[], float]
    spending: Spending
    """What all runs cost lately."""
    sandboxes: Sandboxes
    passed: Callable[[int], Mapping[str, tuple[int, int]]]
    """Of each agent how many of its latest runs passed, of how many."""


class RunContext:
    """A run in memory. It lives while something of it works; a run that only waits is rows (docs/decisions/004)."""

    def __init__(
        self,
        journal: RunJournal,
        state: RunState,
        bench: Workbench,
        current: Callable[[], Project],
        common: Common,
    ) -> None:
        self.run = journal.run
        self.journal = journal
        self.state = state
        self.bench = bench
        self.current = current
        """The project in force now: its rules may only tighten those of the run's own."""
        self.live = common.live
        self.clock = common.clock
        self.spending = common.spending
        self.sandboxes = common.sandboxes
        self.passed = common.passed
        self.standing_alerts: dict[AlertKey, AlertRow] = {}
        """The alerts of its trigger that held when it was taken up."""
        self.leaving: Leaving = ""
        self.grace = 0.0
        self.busy = 1
        """Parts of the run that work; when it is 0 and something waits, the run parks."""
        self.task: asyncio.Task[None] | None = None
        self._waits: dict[str, tuple[Waiting, asyncio.Future[None]]] = {}

    @property
    def project(self) -> Project:
        """The project the run began with."""
        return self.bench.project

    @cached_property
    def sandbox(self) -> Path:
        """The workspace that the run has of its own, whether it is there or not."""
        queued = self.state.queued
        return self.sandboxes.work((queued.sandbox if queued else "") or self.run)

    @cached_property
    def scale(self) -> Scale:
        """What tells how much the sandbox holds."""
        return Scale(self.sandbox)

    @property
    def is_dry(self) -> bool:
        """Whether it is a dry run: only what reads is done."""
        return self.state.queued is not None and self.state.queued.dry

    def append(self, event: EventT) -> EventT:
        """Write an event, without the value of any secret, and take it into the state; `flush` makes it durable."""
        stamped = self.journal.append(self.bench.redacted(event))
        self.state.apply(stamped)
        return stamped

    async def flush(self) -> None:
        """Wait until all that was appended is on disk."""
        await self.journal.flush()

    async def wait(self, waiting: Waiting) -> None:
        """Wait until `wake`, `tick` or the end of the run; when nothing else works, the run parks."""
        future = asyncio.get_running_loop().create_future()
        self._waits[waiting.path] = (waiting, future)
        self.busy -= 1
        self.park_if_idle()
        try:
            await future
        finally:
            self._waits.pop(waiting.path, None)
            self.busy += 1

    def wake(self, path: str) -> None:
        """Let what waits at a path look again."""
        if path in self._waits and not self._waits[path][1].done():
            self._waits[path][1].set_result(None)

    def tick(self, now: float) -> None:
        """Wake what waits for a time that has come."""
        for path, (waiting, _) in list(self._waits.items()):
            if waiting.until is not None and waiting.until <= now:
                self.wake(path)

    def park_if_idle(self) -> None:
        """Turn the run into rows when all of it waits."""
        asleep = self._waits and not any(future.done() for _, future in self._waits.values())
        if self.busy == 0 and asleep and not self.leaving:
            self.append(RunWaiting(on=[waiting for waiting, _ in self._waits.values()]))
            self.leave("parked")

    def leave(self, why: Leaving) -> None:
        """End the work on this run: its task unwinds without writing, except for `cancelled`."""
        self.leaving = why
        if self.task is not None:
            self.task.cancel()
