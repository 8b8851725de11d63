"""A real project whose daemon is killed and started again and again, and a person who denies every question."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.cli.client import find
from runner.errors import DaemonUnreachable
from runner.runs.store import Store
from runner.targets.processes import OWNER, marks, processes
from tests.durability import daemons

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from runner.runs.events import AnyEvent
    from runner.runs.rows import RunRow

PROJECT = Path(__file__).parent / "project"
PATIENCE = 180.0
"""Seconds after which a daemon or a run counts as stuck."""
PAUSE = 0.02


class Stuck(Exception):
    """What had to happen did not; the message holds the daemon's own words."""


class Site:
    """A copy of the project with its own store; `kill` ends the daemon as a power cut would."""

    def __init__(self, root: Path, project: Path = PROJECT) -> None:
        shutil.copytree(project, root, dirs_exist_ok=True)
        self.root = root
        self.folder = root / ".runner"
        self.store = Store.open(self.folder)
        self.pids: list[int] = []
        self._process: BaseProcess | None = None
        self._denied: set[str] = set()

    # -------------------------------------------------------------------------------------------- the daemon

    def begin(self, crash_at: int = 0) -> None:
        """Start a daemon without waiting for it; it kills itself at its append number `crash_at`."""
        self._process = daemons.start(self.root, crash_at)
        assert self._process.pid is not None
        self.pids.append(self._process.pid)

    def up(self, crash_at: int = 0) -> None:
        """Start a daemon and wait until it answers."""
        self.begin(crash_at)
        self.until(self._answers)

    @property
    def is_alive(self) -> bool:
        """Whether the daemon's process is there."""
        return self._process is not None and self._process.is_alive()

    def kill(self) -> None:
        """End the daemon where it stands."""
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def kill_within(self, seconds: float) -> threading.Timer:
        """End the daemon at a moment from now, whatever this thread does then."""
        assert self._process is not None
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        return timer

    def down(self) -> int | None:
        """Stop the daemon in order; its exit code."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(PATIENCE)
        return self._process.exitcode

    def close(self) -> None:
        """Leave nothing running and nothing open, however the test ended."""
        if self._process is not None:
            self.kill()
        self.store.close()

    # ---------------------------------------------------------------------------------------------- the runs

    def submit(self, key: str, workflow: str = "job", **inputs: Any) -> bool:
        """Ask the daemon for a run under a key; False when it went away before it answered."""
        daemon = find(self.folder)
        if daemon is None:
            return False
        try:
            daemon.ask("POST", "/runs", {"workflow": workflow, "inputs": inputs}, {"Idempotency-Key": key})
        except DaemonUnreachable:
            return False
        return True

    def runs(self) -> list[RunRow]:
        """All runs there are."""
        return self.store.runs(limit=100_000)

    def events(self) -> dict[str, list[AnyEvent]]:
        """The journal of each run."""
        return {row.id: self.store.events(row.id) for row in self.runs()}

    def counted(self) -> Counter[tuple[str, str]]:
        """How often each (run, step) took effect, as the tools themselves wrote it down."""
        path = self.root / "counted"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter((run, step) for run, step in map(str.split, lines))

    def deny_all(self) -> None:
        """Say no to every open question, each once: what is in the inbox must never have to be said again."""
        for row in self.store.approvals():
            if row.id not in self._denied:
                self._denied.add(row.id)
                self.store.inbox.put("decide", row.run, {"approval": row.id, "decision": "deny", "by": "tester"})

    def work(self) -> None:
        """Deny what is asked until every run has ended or the daemon is gone."""
        self.until(lambda: not self.is_alive or not self.store.unfinished())

    def until(self, is_so: Callable[[], bool]) -> None:
        """Deny what is asked until something is so; raises `Stuck`."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise Stuck(f"{self.store.unfinished()}\n{(self.root / 'daemon.log').read_text()}")
            self.deny_all()
            time.sleep(PAUSE)

    # --------------------------------------------------------------------------------------------- processes

    def left_over(self) -> dict[int, str]:
        """Processes of steps that a daemon started which is not the one alive now, by their marks."""
        dead = {str(pid) for pid in self.pids if not (self.is_alive and pid == self.pids[-1])}
        owners = {process.pid: marks(process.pid).get(OWNER, "") for process in processes()}
        return {pid: owner for pid, owner in owners.items() if owner.rpartition(":")[2].partition("-")[0] in dead}

    def _answers(self) -> bool:
        if not self.is_alive:
            raise Stuck(f"the daemon ended: {(self.root / 'daemon.log').read_text()}")
        path = self.folder / "daemon.json"
        return path.exists() and f'"pid": {self.pids[-1]},' in path.read_text() and find(self.folder) is not None
