"""The triggers of the files in use: at each moment of its cadence a trigger begins a run, unless its last goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from runner.engine.submit import Start
from runner.errors import ConfigInvalid, UsageError
from runner.project.triggers import triggers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.workbenches.workbench import Workbench
    from runner.project.triggers import Trigger
    from runner.runs.store import Store

PACE = 0.5
"""Seconds between two looks at the clock, which may be set at any time."""


class Starter(Protocol):
    """What triggers need of the engine."""

    store: Store

    @property
    def workbench(self) -> Workbench | None:
        """The one that new runs begin with."""

    async def submit(self, start: Start) -> str:
        """Accept a run and return its id once it is on disk."""


class Triggers:
    """What the clock begins. The store knows which moments were dealt with, so a restart neither doubles nor skips."""

    def __init__(self, engine: Starter, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._store = engine.store
        self._clock = clock
        self._bench: Workbench | None = None
        self._known: dict[str, tuple[str, Trigger]] = {}
        self._ticks: dict[str, float] = {}
        """The last moment of each that was dealt with."""
        self._skipping: set[str] = set()

    async def watch(self, tell: Callable[[str], None]) -> None:
        """Begin what is due, until cancelled; what people should know is told."""
        while True:
            await self.look(tell)
            await asyncio.sleep(PACE)

    async def look(self, tell: Callable[[str], None]) -> None:
        """Begin what is due now, by the files that are in use now."""
        if self._engine.workbench is not self._bench:
            self._adopt(tell)
        for name, (workflow, trigger) in self._known.items():
            tick = _tick(trigger, self._clock())
            if self._ticks[name] > tick + trigger.every:  # the clock was set back
                self._skip(name, tick, "")
            elif self._ticks[name] < tick:
                await self._begin(name, workflow, trigger, tick, tell)

    def report(self) -> list[dict[str, Any]]:
        """Each trigger in use: when it began its last run, when it begins the next, and what it skipped."""
        rows = self._store.triggers()
        return [
            {
                "name": name,
                "workflow": workflow,
                "inputs": trigger.inputs,
                "every": trigger.every,
                "last": rows[name].fired_at,
                "run": rows[name].run,
                "next": _tick(trigger, self._clock()) + trigger.every,
                "skipped": rows[name].skipped,
                "note": rows[name].note,
            }
            for name, (workflow, trigger) in self._known.items()
        ]

    def _adopt(self, tell: Callable[[str], None]) -> None:
        """Go by the files in use; a trigger that they bring waits for its next moment."""
        bench, now = self._engine.workbench, self._clock()
        if bench is None:
            return
        known = triggers_of(bench.project.workflows)
        gone = self._store.keep_triggers({name: _tick(trigger, now) for name, (_, trigger) in known.items()})
        self._ticks = {name: row.tick for name, row in self._store.triggers().items()}
        self._bench, self._known = bench, known
        for row in gone:
            if row.state == "firing":
                tell(f"alert {row.workflow}.{row.alert} is looked at no more, as its trigger is gone: {row.text}")

    async def _begin(
        self, name: str, workflow: str, trigger: Trigger, tick: float, tell: Callable[[str], None]
    ) -> None:
        if last := self._still_going_on(name):
            note = f"run {last} of it still goes on"
            if name not in self._skipping:
                tell(f"trigger {name} begins no run: {note}")
            self._skipping.add(name)
            self._skip(name, tick, note)
            return
        self._skipping.discard(name)
        try:
            await self._engine.submit(
                Start(workflow, trigger.inputs, by=f"trigger {name}", kind="workflow", trigger=name, tick=tick)
            )
            self._ticks[name] = tick
        except (UsageError, ConfigInvalid) as error:
            tell(f"trigger {name} cannot begin a run: {error.message}")
            self._skip(name, tick, error.message)

    def _still_going_on(self, name: str) -> str:
        """The run that the trigger began last, if it has not ended."""
        run = self._store.run(self._store.triggers()[name].run)
        return run.id if run is not None and run.status != "ended" else ""

    def _skip(self, name: str, tick: float, note: str) -> None:
        self._store.skip_tick(name, tick, note)
        self._ticks[name] = tick


def _tick(trigger: Trigger, now: float) -> float:
    """The last moment of a cadence: its moments are counted from 1970 on, whenever the daemon was started."""
    return now // trigger.every * trigger.every
