"""The workbenches that are open: the current one, and those that runs of earlier revisions still hold."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.engine.workbenches.minds import Minds
from runner.engine.workbenches.pool import Pool
from runner.engine.workbenches.versions import kept_project
from runner.engine.workbenches.workbench import Shared, Workbench
from runner.errors import StoreError
from runner.models import needs_key
from runner.models.calling.speeds import KEPT, Sample
from runner.secrets import guarded
from runner.tools.workers import FolderWorkers

if TYPE_CHECKING:
    from runner.models.cassettes import Tape
    from runner.project.project import Project
    from runner.runs.store import Store


class Benches:
    """Opens workbenches by revision; one that is superseded closes with its last run."""

    def __init__(self, store: Store, mark: str, tape: Tape | None = None) -> None:
        self.current: Workbench | None = None
        self.minds = Minds(lambda served: [Sample(*row) for row in store.model_calls(served, KEPT)])
        self._store = store
        self._pool = Pool()
        self._shared = Shared(self._pool, self.minds, mark, tape)
        self._open: list[Workbench] = []
        self._closing: set[asyncio.Task[None]] = set()

    def open(self, project: Project) -> Workbench:
        """The workbench of a project, opened unless one of the same files and secrets is open."""
        secrets = guarded(_wanted(project), project.root)
        known = self._opened(project.revision)
        if known is not None and known.secrets == secrets:
            return known
        self._open = [bench for bench in self._open if not bench.is_closed]
        bench = Workbench(project, secrets, self._store, self._shared)
        bench.open()
        self._open.append(bench)
        return bench

    def adopt(self, bench: Workbench) -> None:
        """Make a workbench the current one; the former closes beside it, so that nobody waits for its parts to end."""
        if bench.is_closed:  # its last run left since it was opened
            bench = self.open(bench.project)
        former, self.current = self.current, bench
        bench.is_current = True
        bench.servers.keep_up()
        if former is not None and former is not bench:
            bench.take_over(former)
            former.is_current = False
            task = asyncio.create_task(former.close_if_unused())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def of(self, revision: str) -> Workbench:
        """The workbench of a revision, opened from its kept files if need be: hold it at once. Raises `StoreError`."""
        known = self._opened(revision)
        if known is not None:
            return known
        if self.current is None:
            raise StoreError("no project is open")
        return self.open(await asyncio.to_thread(kept_project, self._store, revision, self.current.project.root))

    async def close(self) -> None:
        """Give everything back; no run works any more."""
        if self.current is not None:
            self.current.is_current = False
        for bench in self._open:
            await bench.close_if_unused()
        await asyncio.gather(*self._closing)
        self._open.clear()

    def counts(self) -> dict[str, int]:
        """How many workbenches are open, how many live parts they share, and how many processes work for them."""
        benches = sum(not bench.is_closed for bench in self._open)
        return {
            "workbenches": benches,
            "parts": len(self._pool),
            "workers": sum(part.processes for part in self._workers()),
        }

    def in_use(self) -> set[str]:
        """The revisions whose kept files are worked with: of open workbenches, and of the copies that workers run."""
        return {bench.project.revision for bench in self._open if not bench.is_closed} | {
            workers.origin for workers in self._workers()
        }

    def _workers(self) -> list[FolderWorkers]:
        return [part for part in self._pool if isinstance(part, FolderWorkers)]

    def _opened(self, revision: str) -> Workbench | None:
        """The newest open workbench of a revision."""
        benches = (bench for bench in reversed(self._open) if not bench.is_closed)
        return next((bench for bench in benches if bench.project.revision == revision), None)


def _wanted(project: Project) -> set[str]:
    """The names of all secrets that a project asks for."""
    return {name for spec in project.settings.models.values() if (name := needs_key(spec))} | project.secrets
