"""The engine: accepts runs, works on as many as it may, goes on with those a crash or a wait left as rows."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from runner.engine.attendant import Attendant
from runner.engine.dispatch import Dispatch
from runner.engine.former import Former, former
from runner.engine.submit import Own, Start, again, queued
from runner.engine.tidying import Tidying
from runner.engine.triggers.schedule import Triggers
from runner.engine.workbenches.benches import Benches
from runner.engine.workbenches.versions import LIVE, version_at
from runner.errors import KeyTaken, StoreError, UsageError
from runner.git import Commit, CommitNote
from runner.runs.events import RunQueued
from runner.runs.inbox import Answered
from runner.runs.journal import Journal
from runner.runs.owners import is_alive
from runner.runs.sandboxes.keeper import Sandboxes
from runner.runs.store import new_run_id
from runner.targets.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.workbenches.workbench import Workbench
    from runner.models.cassettes import Tape
    from runner.project.project import Project
    from runner.runs.live import Live
    from runner.runs.owners import Owner
    from runner.runs.rows import RunRow
    from runner.runs.store import Store

PATIENCE = 2.0
"""Seconds that a decision waits to be acted on before it is only kept."""
STOP_GRACE = 60.0
"""Seconds a tool that changes something gets to finish when the engine stops."""


class Engine:
    """Runs of one store, worked on under one owner. All methods belong to the event loop's thread."""

    def __init__(
        self, store: Store, owner: Owner, *, clock: Callable[[], float] = time.time, tape: Tape | None = None
    ) -> None:
        self.store = store
        self.owner = owner
        self._place = hashlib.sha256(str(store.folder.resolve()).encode()).hexdigest()[:12]
        self._journal = Journal(store, clock=clock)
        self._benches = Benches(store, mark=f"{self._place}:{owner.id}", tape=tape)
        self._sandboxes = Sandboxes(store)
        self._tidying = Tidying(self._sandboxes, self._benches, clock)
        self._dispatch = Dispatch(store, self._journal, self._benches, owner.id, clock, self._sweep, self._sandboxes)
        self._attendant = Attendant(store, self._dispatch, clock)
        self.triggers = Triggers(self, clock)
        self._failure: asyncio.Future[BaseException] | None = None
        self._note: CommitNote | None = None

    # ------------------------------------------------------------------------------------------- life

    async def start(self, *, resume: bool = True) -> None:
        """Begin to work; `resume` also takes up the runs whose owner is dead, now and from then on."""
        self._failure = asyncio.get_running_loop().create_future()
        self._journal.start(self._failed)
        await self._sweep()
        self._attendant.start(self._failed, adopt_orphans=resume)
        if resume:
            self._tidying.start()

    async def close(self, grace: float = STOP_GRACE) -> None:
        """Stop model calls and read tools at once, other tools within `grace` seconds; runs go on at the next start."""
        await self._attendant.stop()
        await self._tidying.stop()
        await self._dispatch.stop(grace)
        await self._benches.close()
        with suppress(StoreError):  # that it cannot be written was told by `failed`
            await self._journal.close()

    async def failed(self) -> BaseException:
        """Why the store cannot be written or read any more; returns only if that happens."""
        assert self._failure is not None  # noqa: S101 - asked of an engine that was started
        return await asyncio.shield(self._failure)

    # -------------------------------------------------------------------------------------- revisions

    @property
    def live(self) -> Live:
        """What happens to runs, as it happens."""
        return self._journal.live

    @property
    def workbench(self) -> Workbench | None:
        """The one that new runs begin with."""
        return self._benches.current

    async def open(self, project: Project) -> Workbench:
        """Open a project's live parts beside the current ones, and keep its files."""
        self._note = self._note or CommitNote(project.root)
        commit = await self._note.read(project.files)
        await asyncio.to_thread(
            self.store.revisions.save, project.revision, project.files, commit.sha, dirty=commit.dirty
        )
        return self._benches.open(project)

    async def adopt(self, workbench: Workbench) -> None:
        """New runs begin with this workbench; the former one closes when its last run leaves."""
        self._dispatch.slots = workbench.project.settings.limits.concurrent_runs
        self._benches.adopt(workbench)
        self._dispatch.pump()
        self._attendant.look()

    async def commit(self) -> Commit:
        """The commit that the files of new runs are of, and whether they differ from it, as git says now."""
        bench = self._benches.current
        if self._note is None or bench is None:
            return Commit()
        former, commit = self._note.last, await self._note.read(bench.project.files)
        if commit != former:
            await asyncio.to_thread(self.store.revisions.note, bench.project.revision, commit.sha, dirty=commit.dirty)
        return commit

    def open_parts(self) -> dict[str, int]:
        """How many workbenches are open, how many live parts they share, and how many processes work for them."""
        return self._benches.counts()

    def model_servers(self) -> list[dict[str, Any]]:
        """The servers of the current models: whether they are asked just now, and why not."""
        bench = self._benches.current
        return self._benches.minds.report(bench.project.settings.models) if bench else []

    def revisions_in_use(self) -> set[str]:
        """Those whose kept files are worked with just now."""
        return self._benches.in_use()

    # ------------------------------------------------------------------------------------------- runs

    async def submit(self, start: Start) -> str:
        """Accept a run and return its id once it is on disk; raises `UsageError`."""
        if start.key and (known := self.store.run_of_key(start.key)):
            return known
        before = await asyncio.to_thread(former, self.store, start) if start.previous else Former()
        bench, commit = await self._files_for(start)
        try:  # from here to its hold, nothing may be awaited
            now = self._benches.current or bench
            own = Own(new_run_id(), self._sandboxes.work, before)
            event = queued(bench.project, now.project, start, commit, own)
            return await self._dispatch.enqueue(own.run, event, bench, start.key)
        except KeyTaken as taken:
            return taken.run
        finally:
            await bench.close_if_unused()

    async def rerun(self, run: str, *, at: str = "", by: str = "", key: str = "") -> str:
        """Start a run anew with its inputs and workspace, with the files of its own revision or others.

        Returns the id of the new run; raises `UsageError` and `ConfigInvalid` as `submit` does.
        """
        row = self.store.find(run)
        (first,) = self.store.events(row.id, limit=1)
        assert isinstance(first, RunQueued)  # noqa: S101 - every run begins with this event
        return await self.submit(again(first, by, key, at))

    async def cancel(self, run: str, *, by: str = "", note: str = "") -> None:
        """Ask a run to stop; raises `UsageError` when it has ended."""
        row = self.store.find(run)
        if row.status == "ended":
            raise UsageError(f"run {row.id} has ended already ({row.verdict})")
        self._dispatch.own.add(row.id)
        await self._answered(await asyncio.to_thread(self.store.inbox.put, "cancel", row.id, self._discreet(by, note)))

    async def decide(
        self, approval: str, decision: Literal["approve", "deny"], *, by: str = "", note: str = ""
    ) -> None:
        """Answer an open approval; raises `UsageError` when there is none or it was answered before.

        The answer is kept from here on; while all slots are taken, its run acts on it when one is free.
        """
        row = self.store.approval(approval)
        if row is None:
            raise UsageError(f"there is no approval {approval}", hint="`runner approve` lists the open ones")
        if row.by and by not in row.by:
            raise UsageError(f"refused: only {', '.join(row.by)} may decide this")
        self._dispatch.own.add(row.run)
        payload = {"approval": approval, "decision": decision, **self._discreet(by, note)}
        command = await asyncio.to_thread(self.store.inbox.put, "decide", row.run, payload)
        await self._answered(command, patience=PATIENCE)

    async def resume(self, run: str) -> None:
        """Go on with a run that nobody works on; raises `UsageError`."""
        row = self.store.find(run)
        if row.status == "ended":
            raise UsageError(f"run {row.id} has ended already ({row.verdict})")
        if row.status != "waiting" and row.owner and is_alive(self.store.folder, row.owner):
            raise UsageError(f"run {row.id} is being worked on")
        self._dispatch.take_up(row.id, "wake" if row.status == "waiting" else "resume")

    async def settled(self, run: str) -> RunRow:
        """The run's row once it has ended or waits."""
        return await self._dispatch.settled(run)

    def counts(self) -> dict[str, int]:
        """How many runs are active, waiting and queued."""
        return self._dispatch.counts()

    # -------------------------------------------------------------------------------------- internals

    async def _files_for(self, start: Start) -> tuple[Workbench, Commit]:
        """What a run begins with; hold it at once."""
        current = self._benches.current
        if current is None:
            raise UsageError("no project is open")
        if start.at in ("", LIVE):
            commit = await self.commit()
            return (current, commit) if current is self._benches.current else await self._files_for(start)
        version = await asyncio.to_thread(version_at, self.store, current.project.root, start.at)
        first = start.repeats
        is_its_own = first is not None and first.revision == start.at
        commit = Commit(first.commit, first.dirty) if first and is_its_own else version.commit
        return self._benches.open(version.project), commit

    async def _answered(self, command: int, *, patience: float | None = None) -> None:
        """Wait for a command's answer, at most `patience` seconds; raises `UsageError` when it is a refusal."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                answer = await self._attendant.answer(command)
                if answer.how is not Answered.DONE:
                    raise UsageError(answer.text)

    def _discreet(self, by: str, note: str) -> dict[str, str]:
        """What a person wrote, without secrets: it is kept before the run's own workbench sees it."""
        bench, said = self._benches.current, {"by": by, "note": note}
        return bench.redact(said) if bench else said

    async def _sweep(self) -> None:
        """Kill what dead owners of this store's runs have left alive."""
        await asyncio.to_thread(sweep, self._owner_lives)

    def _owner_lives(self, mark: str) -> bool:
        place, _, owner = mark.partition(":")
        return place != self._place or is_alive(self.store.folder, owner)

    def _failed(self, error: BaseException) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)
