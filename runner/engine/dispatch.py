"""Which runs are worked on: a queue, as many slots as runner.yaml gives, one task a run."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from runner.engine.commands import apply_command
from runner.engine.driver import drive
from runner.engine.steps.context import Common, RunContext
from runner.engine.turns.costs import Spending
from runner.errors import FenceLost, StoreError
from runner.runs.events import RunClaimed
from runner.runs.state import RunState, fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.engine.workbenches.benches import Benches
    from runner.engine.workbenches.workbench import Workbench
    from runner.project.project import Project
    from runner.runs.events import RunQueued
    from runner.runs.journal import Journal, RunJournal
    from runner.runs.rows import RunRow
    from runner.runs.sandboxes.keeper import Sandboxes
    from runner.runs.store import Store


@dataclass(frozen=True, slots=True)
class _Job:
    """A run that is to be worked on; one just accepted comes with its journal, state and workbench."""

    run: str
    why: Literal["start", "resume", "wake"]
    fresh: tuple[RunJournal, RunState, Workbench] | None = None
    is_hurried: bool = False


class Dispatch:
    """Runs of one owner: those that wait for a slot, and those that are worked on."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        benches: Benches,
        owner: str,
        clock: Callable[[], float],
        sweep: Callable[[], Awaitable[None]],
        sandboxes: Sandboxes,
    ) -> None:
        self.slots = 32
        self.live: dict[str, RunContext] = {}
        self.own: set[str] = set()
        """Runs that somebody wanted something of here; the rest may be anybody's."""
        self._store = store
        self._journal = journal
        self._benches = benches
        self._owner = owner
        self._sweep = sweep
        self._common = Common(journal.live, clock, Spending(store, self.live), sandboxes, store.passed)
        self._queue: deque[_Job] = deque()
        self._accepting: set[str] = set()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._is_stopping = False

    # -------------------------------------------------------------------------------------------- asked from outside

    async def enqueue(self, run: str, event: RunQueued, bench: Workbench, key: str) -> str:
        """Accept a run: it is on disk when this returns."""
        if self._is_stopping:
            raise StoreError("runner is stopping and accepts no runs")
        bench.hold()
        self.own.add(run)
        self._accepting.add(run)  # its row may be seen before `flush` returns, and nobody is to take it for an orphan
        try:
            journal, state = self._journal.open(run), RunState()
            state.apply(journal.append(bench.redacted(event), key=key))
            await journal.flush()
        except BaseException:
            await bench.let_go()
            raise
        finally:
            self._accepting.discard(run)
        self._queue.append(_Job(run, "start", (journal, state, bench)))
        self.pump()
        return run

    def take_up(self, run: str, why: Literal["resume", "wake"] = "resume") -> None:
        """Work on a run from where its journal stands, unless it is worked on already."""
        self.own.add(run)
        if not self.has(run):
            self._queue.append(_Job(run, why))
            self.pump()

    def hurry(self, run: str) -> None:
        """Work on a run at once, whatever the slots: somebody wants it to end."""
        job = next((job for job in self._queue if job.run == run), _Job(run, "wake"))
        if run in self._working or run in self._accepting or not self._may_work:
            return
        if job in self._queue:
            self._queue.remove(job)
        self._start(replace(job, is_hurried=True))

    def has(self, run: str) -> bool:
        """Whether a run is worked on, queued or just being accepted here."""
        return run in self._working or run in self._accepting or any(job.run == run for job in self._queue)

    def pump(self) -> None:
        """Start what fits into the slots; nothing before a project is open."""
        while self._queue and len(self._working) < self.slots and self._may_work:
            self._start(self._queue.popleft())

    async def settled(self, run: str) -> RunRow:
        """The run's row once it has ended or waits."""
        while True:
            task = self._working.get(run)
            if task is not None:
                await asyncio.wait([task])
            row = self._store.find(run)
            if row.status in ("ended", "waiting"):
                return row
            await asyncio.sleep(0.02)

    def counts(self) -> dict[str, int]:
        """How many runs are active and queued here, and how many wait in the store."""
        waiting = self._store.count("waiting")
        return {"active": len(self._working), "waiting": waiting, "queued": len(self._queue)}

    async def stop(self, grace: float) -> None:
        """End all work without ending the runs."""
        self._is_stopping = True
        for ctx in self.live.values():
            ctx.grace = grace
            ctx.leave("stopped")
        if self._working:
            await asyncio.wait(self._working.values())
        for job in self._queue:
            if job.fresh is not None:
                await job.fresh[2].let_go()

    # --------------------------------------------------------------------------------------------------- one run

    @property
    def _may_work(self) -> bool:
        return self._benches.current is not None and not self._is_stopping

    def _start(self, job: _Job) -> None:
        task = asyncio.create_task(self._work(job), name=f"run {job.run}")
        self._working[job.run] = task
        task.add_done_callback(lambda _task: self._done(job.run))

    async def _work(self, job: _Job) -> None:
        try:
            await self._work_on(job)
        except (FenceLost, StoreError):  # another owner has it, or the journal's failure ends the daemon
            return

    async def _work_on(self, job: _Job) -> None:
        lost = ""
        if job.fresh is not None:
            journal, state, bench = job.fresh
        else:
            state = fold(self._store.events(job.run))
            if state.queued is None or state.ended is not None:
                return
            if state.status == "running":  # it was cut off: nothing of its steps may be alive when it goes on
                await self._sweep()
            journal = self._journal.open(job.run, state.last_seq)
            bench, lost = await self._bench(state)
            bench.hold()
        ctx = RunContext(journal, state, bench, self._current, self._common)
        if state.queued is not None and state.queued.trigger:
            ctx.standing_alerts = {row.key: row for row in self._store.alerts(state.queued.trigger)}
        try:
            await self._drive(job, ctx, lost)
        finally:
            await bench.let_go()

    async def _drive(self, job: _Job, ctx: RunContext, lost: str) -> None:
        ctx.append(RunClaimed(owner=self._owner, why=job.why))
        if job.fresh is None or job.is_hurried:
            await ctx.flush()  # the fence: from here on nobody else works on it
            for command in self._store.inbox.pending([job.run]):
                await apply_command(ctx, self._store, command)
        if self._is_stopping:  # whoever stops tells only those in `live`
            return
        ctx.task = asyncio.current_task()
        ctx.leaving = ""
        self.live[job.run] = ctx
        try:
            await drive(ctx, lost=lost)
        finally:
            del self.live[job.run]
            if ctx.state.ended is not None:
                self.own.discard(job.run)

    async def _bench(self, state: RunState) -> tuple[Workbench, str]:
        """The workbench of the revision the run began with; else the current one, and why."""
        current = self._benches.current
        assert current is not None  # noqa: S101 - pump waits for a project
        revision = state.queued.revision if state.queued else ""
        try:
            return await self._benches.of(revision), ""
        except StoreError as error:
            return current, error.message

    def _current(self) -> Project:
        assert self._benches.current is not None  # noqa: S101 - pump waits for a project
        return self._benches.current.project

    def _done(self, run: str) -> None:
        task = self._working.pop(run)
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": f"run {run}", "exception": error})
        self.pump()
