"""A storm of saves while runs go on: each run is of one revision, each revision was on disk whole, nothing is left."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from runner.cli.client import Daemon, find
from runner.errors import UsageError
from runner.project.load import Loaded, load
from runner.project.sources import Disk
from runner.runs.events import AnyEvent, ModelReplied, PromptRendered, RunEnded, ToolReturned
from runner.runs.store import Store
from tests.reload.site import Site

RUNS = 20
SAVES = 1000
CHECK_EVERY = 8
PATIENCE = 60.0
PAUSE = 0.02

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
Tell = Callable[[str, object], None]


@dataclass(frozen=True)
class Size:
    """What a daemon at rest holds."""

    descriptors: int
    threads: int
    processes: int
    megabytes: float
    open: dict[str, int]


class Storm:
    """A daemon under the storm, and the runs that go on in it."""

    def __init__(self, site: Site, daemon: Daemon, process: psutil.Process, store: Store) -> None:
        self.site = site
        self.daemon = daemon
        self.store = store
        self._process = process

    def keep_busy(self) -> None:
        """Let as many runs go on as there should be; none can begin on a revision without the workflow."""
        for _ in range(RUNS - len(self.store.unfinished())):
            with suppress(UsageError):
                self.daemon.ask("POST", "/runs", {"workflow": "story", "inputs": {}})

    def check(self) -> bool:
        """Wait until the daemon says what the files say: this revision, or these faults; whether they are good."""
        loaded = load(Disk(self.site.root), self.site.root)
        self.until(lambda: self._agrees(loaded), lambda: f"{_places(loaded.problems)} {self.daemon.health()}")
        return loaded.project is not None

    def at_rest(self) -> Size:
        """What the daemon holds once every run has ended and what they worked with is closed."""
        self.until(lambda: not self.store.unfinished(), lambda: str(self.store.unfinished()))
        self.until(lambda: self.daemon.health()["open"]["workbenches"] == 1, lambda: str(self.daemon.health()["open"]))
        with self._process.oneshot():
            memory = self._process.memory_info().rss / 1e6
            children, threads = len(self._process.children(recursive=True)), self._process.num_threads()
            return Size(self._process.num_fds(), threads, children, memory, self.daemon.health()["open"])

    def until(self, is_so: Callable[[], bool], else_say: Callable[[], str]) -> None:
        """Return once something is so."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                pytest.fail(else_say())
            time.sleep(PAUSE)

    def _agrees(self, loaded: Loaded) -> bool:
        health = self.daemon.health()
        if loaded.project is not None:
            return bool(health["reload"]["ok"] and health["revision"] == loaded.project.revision)
        return not health["reload"]["ok"] and _places(health["reload"]["problems"]) == _places(loaded.problems)


def _places(problems: Any) -> list[tuple[str, int, str]]:
    rows = [problem if isinstance(problem, dict) else asdict(problem) for problem in problems]
    return [(row["file"], row["line"], row["code"]) for row in rows]


@pytest.fixture
def storm(tmp_path: Path, seed: int) -> Iterator[Storm]:
    """A daemon of the project, ready."""
    site = Site(tmp_path / "project", random.Random(seed))
    folder = site.root / ".runner"
    argv = [sys.executable, "-m", "runner", "-C", str(site.root), "up", "--listen", "127.0.0.1:0"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        try:
            while (daemon := find(folder)) is None:
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(PAUSE)
            store = Store.open(folder)
            yield Storm(site, daemon, psutil.Process(process.pid), store)
            store.close()
        finally:
            process.terminate()
            process.wait(90)


def test_a_storm_of_saves_mixes_nothing_and_leaves_nothing(
    storm: Storm, seed: int, rounds: Callable[[int], int], record_property: Tell
) -> None:
    """Broken, torn, renamed, checked out, deleted: runs pass, each of one revision, and every bad state is told."""
    began, dice = time.monotonic(), random.Random(seed + 1)
    storm.check()
    storm.keep_busy()
    before = storm.at_rest()
    bad = 0
    for number in range(rounds(SAVES)):
        storm.keep_busy()
        storm.site.act()
        if number % CHECK_EVERY == 0:
            bad += not storm.check()
        else:
            time.sleep(dice.choice((0.0, 0.02, 0.1, 0.2)))
    storm.site.mend_all()
    assert storm.check()
    storm.at_rest()
    storm.keep_busy()
    after = storm.at_rest()
    prove_runs(storm.store)
    revisions = prove_revisions(storm)
    prove_flat(before, after)
    figures = f"{rounds(SAVES)} saves, {len(storm.store.runs(limit=100_000))} runs, {revisions} revisions, {bad} bad"
    record_property("figures", f"{figures}, {time.monotonic() - began:.0f} s; {before} -> {after}")


# ------------------------------------------------------------------------------------------------------- proofs


def prove_runs(store: Store) -> None:
    """Every run passed, and all it was told and got is of the files of its one revision."""
    for row in store.runs(limit=100_000):
        events = store.events(row.id)
        assert isinstance(events[-1], RunEnded)
        assert (row.verdict, row.why) == ("pass", row.why), row
        files = store.revisions.files(row.revision)
        assert files is not None
        marks = {name: _mark(content) for name, content in files.items() if not name.startswith("std/")}
        prove_prompts(events, marks)
        prove_answers(events, marks)


def prove_prompts(events: list[AnyEvent], marks: dict[str, str]) -> None:
    """Each agent's prompt, and the workflow's message to it."""
    rendered = {event.path: event for event in events if isinstance(event, PromptRendered)}
    assert set(rendered) == {"first/1", "second/1"}
    for path, agent in (("first/1", "teller"), ("second/1", "second")):
        assert f"{agent} {marks[f'agents.d/{agent}.yaml']}" in rendered[path].system
        assert rendered[path].message == f"story {marks['workflows/story.yaml']}"


def prove_answers(events: list[AnyEvent], marks: dict[str, str]) -> None:
    """The model's replies, and what code and command gave, early and late."""
    replies = [event.text for event in events if isinstance(event, ModelReplied)]
    assert replies == [f"reply {marks['replies.yaml']}"] * 2
    results = {event.path: event.record.output for event in events if isinstance(event, ToolReturned)}
    texts = {path: str(output["text"]).strip() for path, output in results.items() if output}
    code, line = f"code {marks['tools.d/marks.py']}", f"line {marks['tools.d/marks.yaml']}"
    assert texts == {"code/1": code, "line/1": line, "again/1": code, "last/1": line}


def prove_revisions(storm: Storm) -> int:
    """Everything that ever went live was on disk, whole, at one moment; how many there were."""
    kept = {row.revision for row in storm.store.revisions.reloads(100_000) if row.ok}
    kept |= {row.revision for row in storm.store.runs(limit=100_000)}
    known = {digest: storm.store.revisions.files(digest) for digest in sorted(kept)}
    for digest, files in known.items():
        assert files is None or storm.site.ledger.was_on_disk(files), (digest, files)
    for row in storm.store.revisions.reloads(100_000):
        assert row.ok or row.why or all(problem["line"] >= 1 for problem in json.loads(row.problems))
    return len(known)


def prove_flat(before: Size, after: Size) -> None:
    """Nothing of a thousand saves is left: one workbench with its parts, and no more of anything than at the start."""
    assert after.open["workbenches"] == before.open["workbenches"] == 1
    assert after.open["parts"] <= before.open["parts"]
    assert after.processes == after.open["workers"] <= 4
    assert after.descriptors <= before.descriptors + 8
    assert after.threads <= before.threads + 8
    assert after.megabytes <= before.megabytes * 1.5


def _mark(content: bytes) -> str:
    """The mark in a file."""
    return str(re.findall(r"\bm\d+x\b", content.decode())[0])
