"""A store with runs, and its sandboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.runs.events import RunEnded, RunQueued
from runner.runs.sandboxes.keeper import Sandboxes, Taken
from runner.runs.sandboxes.places import work_of
from runner.runs.store import Store, new_run_id


class Shop:
    """A store whose runs begin and end as a test says."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.keeper = Sandboxes(store)
        self.folder = store.folder / "sandboxes"

    def begin(self, by: str = "ada", time: float = 1000.0) -> str:
        """A run that is queued."""
        run = new_run_id()
        queued = RunQueued(kind="workflow", name="job", inputs={}, revision="r", by=by, run=run, seq=0, time=time)
        self.store.append([queued])
        return run

    def end(self, run: str, time: float = 2000.0) -> None:
        """The run has passed."""
        self.store.append([RunEnded(verdict="pass", why="", run=run, seq=1, time=time)])

    def take(self, run: str, sandbox: str = "", most: int = 10) -> Path:
        """The work folder of the run's own sandbox, or of another's."""
        taken = self.keeper.take(sandbox or run, run, most)
        assert isinstance(taken, Taken), taken
        return taken.work

    def left(self, by: str = "ada", time: float = 2000.0) -> Path:
        """The work folder of a run that has ended."""
        run = self.begin(by)
        work = self.take(run)
        self.end(run, time)
        return work

    def work(self, run: str) -> Path:
        """Where the work folder of a run is, if it is there."""
        return work_of(self.store.folder, run)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A store without runs."""
    store = Store.open(tmp_path / "store")
    yield Shop(store)
    store.close()
