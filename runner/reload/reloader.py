"""The one function that loads the project's files and lets new runs begin with them; many things call it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from runner.errors import ConfigInvalid, StoreError
from runner.project.files import folders
from runner.project.load import load
from runner.project.sources import Stored
from runner.reload.reading import Unsteady, read_steadily
from runner.reload.result import ReloadResult, news
from runner.reload.watching import Watching
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.engine import Engine
    from runner.project.load import Loaded
    from runner.project.project import Project
    from runner.runs.store import Store

RETRY = 1.0
"""Seconds after which files that could not be read are tried again."""


class Reloader:
    """Keeps the engine on the project's files: the newest that are good."""

    def __init__(
        self,
        root: Path,
        engine: Engine,
        store: Store,
        *,
        clock: Callable[[], float] = time.time,
        notify: Callable[[ReloadResult], None] = lambda _result: None,
        tell: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.last: ReloadResult | None = None
        self._root = root.resolve()
        self._engine = engine
        self._store = store
        self._clock = clock
        self._notify = notify
        self._tell = tell
        self._waits_for = ""
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[ReloadResult] | None = None
        self._tasks: set[asyncio.Task[ReloadResult]] = set()
        self._before: Callable[[Project], None] = lambda _project: None
        self._began_with: Project | None = None
        self._watching = Watching(self._root)

    async def start(self, before: Callable[[Project], None] = lambda _project: None) -> ReloadResult:
        """Load for the first time; bad files leave the last good revision of the store, else raise `ConfigInvalid`.

        `before` is called with the project that will be used, before anything runs on it.
        """
        self._before = before
        async with self._turn:
            result = await self._attempt("start")
            if not result.ok:
                result = await self._go_back(result)
            return await self._finish(result)

    async def reload(self, trigger: str) -> ReloadResult:
        """Load the files, and adopt them if they are good and new; never raises for anything they say.

        All who ask before a load has begun are answered by that one; who goes away does not end it.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._in_turn(trigger))
            self._tasks.add(self._next)
            self._next.add_done_callback(self._tasks.discard)
        task = self._next
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                return self._refused(trigger, why="runner is stopping")
            raise

    async def watch(self) -> None:
        """Reload whenever a file has changed, until cancelled."""
        try:
            while True:
                mode = self._project.settings.reload
                if await self._watching.changed(mode, again=RETRY if self._is_passing else None):
                    await self.reload("change")
        finally:
            await self._watching.close()

    async def close(self) -> None:
        """Begin nothing new and give up what is in the middle: the revision in use stays the one it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def report(self) -> dict[str, Any]:
        """The last result as plain data."""
        if self.last is None:
            return {"ok": False, "at": None, "problems": [], "why": "nothing was loaded yet"}
        report = asdict(self.last)
        del report["is_passing"]
        return report

    def watching(self) -> dict[str, Any]:
        """How changes are seen: `mode`, the absolute `paths` watched, `changed_at`, and what a load `waits_for`."""
        mode = self._project.settings.reload if self._engine.workbench else "off"
        return {**self._watching.report(mode), "waits_for": self._waits_for}

    async def commit(self) -> dict[str, Any]:
        """The commit that the files are of, and whether they differ from it."""
        commit = await self._engine.commit()
        return {"commit": commit.sha, "dirty": commit.dirty}

    # ------------------------------------------------------------------------------------------- one attempt

    async def _in_turn(self, trigger: str) -> ReloadResult:
        async with self._turn:
            self._next = None  # who asks from here on may have changed a file that has been read
            return await self._finish(await self._attempt(trigger))

    async def _attempt(self, trigger: str) -> ReloadResult:
        try:
            reading = await read_steadily(self._root, self._watching.seen, self._wait_for)
            self._watching.seen = reading.seen
            problems, warnings = tuple(reading.loaded.problems), tuple(reading.loaded.warnings)
            why = self._moved(reading.loaded)
            if reading.loaded.project is None:
                return self._refused(trigger, problems=problems, warnings=warnings, why=why, notes=reading.notes)
            changed = await self._adopt(reading.loaded.project)
        except Unsteady as error:
            return self._refused(trigger, why=str(error), is_passing=True)
        except ConfigInvalid as error:
            return self._refused(trigger, why=error.message)
        except (StoreError, OSError) as error:
            return self._refused(trigger, why=str(error), is_passing=True)
        project = reading.loaded.project
        result = ReloadResult(True, changed, project.revision, self._clock(), trigger, warnings=warnings, why=why)
        return replace(result, needs_restart=self._needs_restart(project), notes=reading.notes)

    async def _adopt(self, project: Project) -> bool:
        """Let new runs begin with this project; False when they do already."""
        bench = await self._engine.open(project)
        if bench is self._engine.workbench:
            return False
        try:
            if self._began_with is None:
                self._before(project)
                self._began_with = project
            await asyncio.to_thread(self._store.revisions.mark_good, project.revision)
            await self._engine.adopt(bench)
        finally:
            await bench.close_if_unused()  # it was not adopted
        return True

    def _moved(self, loaded: Loaded) -> str:
        """What befell runner.yaml or a whole folder since the revision in use was read; most often nothing."""
        bench = self._engine.workbench
        near = [warning.what for warning in loaded.warnings if warning.code == folders.CODE]
        gone = folders.gone(bench.project.files, loaded.files) if bench else []
        return "; ".join([*(f"{name} is gone" for name in gone), *near])

    def _wait_for(self, what: str) -> None:
        self._waits_for = what
        self._tell(f"files not read yet: {what}")

    def _refused(self, trigger: str, **more: Any) -> ReloadResult:
        bench = self._engine.workbench
        return ReloadResult(False, False, bench.project.revision if bench else "", self._clock(), trigger, **more)

    async def _go_back(self, result: ReloadResult) -> ReloadResult:
        """After a start on bad files: use the revision that was good last."""
        revision = await asyncio.to_thread(self._store.revisions.last_good)
        if revision is None:
            raise ConfigInvalid(result.why or "the project's files are wrong", result.problems)
        files = await asyncio.to_thread(self._store.revisions.files, revision)
        loaded = await asyncio.to_thread(load, Stored(files or {}), self._root)
        if loaded.project is None:
            kept = f"the last good revision {short(revision)}"
            what = f"the project's files are wrong, and {kept} cannot be read any more"
            raise ConfigInvalid(what, result.problems)
        await self._adopt(loaded.project)
        return replace(result, revision=loaded.project.revision, changed=True)

    async def _finish(self, result: ReloadResult) -> ReloadResult:
        """Keep a result, and tell of it what is news."""
        is_alike = self.last is not None and self.last.ok == result.ok
        since = self.last.since if self.last and is_alike else result.at
        result = replace(result, since=since, **await self.commit())
        former, self.last, self._waits_for = self.last, result, ""
        self._watching.look_anew()
        if result.changed or former is None or news(former) != news(result):
            await asyncio.to_thread(self._record, result)
            self._notify(result)
            await asyncio.to_thread(self._store.revisions.prune, self._engine.revisions_in_use())
        return result

    def _record(self, result: ReloadResult) -> None:
        problems = json.dumps([asdict(problem) for problem in result.problems])
        self._store.revisions.record_reload(
            ok=result.ok,
            revision=result.revision,
            problems_json=problems,
            trigger=result.trigger,
            why=result.why,
            commit=result.commit,
            dirty=result.dirty,
        )

    def _needs_restart(self, project: Project) -> tuple[str, ...]:
        """The keys of runner.yaml whose change takes effect at the next start."""
        if self._began_with is None:
            return ()
        now, then = project.settings, self._began_with.settings
        return tuple(name for name in ("server", "storage") if getattr(now, name) != getattr(then, name))

    @property
    def _project(self) -> Project:
        bench = self._engine.workbench
        assert bench is not None  # noqa: S101 - start has adopted one, or has raised
        return bench.project

    @property
    def _is_passing(self) -> bool:
        return self.last is not None and self.last.is_passing
