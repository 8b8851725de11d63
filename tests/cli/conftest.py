"""The command line in this process or as a real one, projects to use it on, and a store with runs in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.cli import runner
from runner.cli.client import Daemon, find
from runner.cli.edge import execute
from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    BranchLeft,
    BranchStarted,
    EdgeTaken,
    ModelReplied,
    PhaseEntered,
    PhaseLeft,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    RunWaiting,
    Usage,
    Waiting,
)
from runner.runs.record import Record
from runner.runs.store import Store

WORKFLOW = """
description: Two phases and a way back.
phases:
  work: {agent: worker, message: go}
  verify:
    parallel:
      tests: {tool: check}
    next:
      - {when: phases.verify.ok, to: pass}
      - {to: work, max: 1, exhausted: fail}
"""


@dataclass(frozen=True)
class Answer:
    """What a command line gave."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrapped is wrapped alike, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process, through the edge that a real one passes."""

    def run(*words: str | Path) -> Answer:
        capsys.readouterr()
        code = execute(runner, [str(word) for word in words])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command line as a process of its own, which does not outlive the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str | Path, **more: Any) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "runner", *map(str, words)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(argv, text=True, **{**pipes, **more}))
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.wait()
        for pipe in (one.stdout, one.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def starter(tmp_path: Path, cli: Cli) -> Path:
    """A new project as `runner init` makes it."""
    folder = tmp_path / "myops"
    assert cli("init", folder).code == 0
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Make a project of texts by file name; its models answer from replies.yaml."""

    def make(files: dict[str, str], folder: str = "project") -> Path:
        root = tmp_path / folder
        models = "models:\n  default: {provider: scripted, replies: replies.yaml}\n"
        basic = {"runner.yaml": models, "replies.yaml": "- text: Done.\n"}
        for name, text in {**basic, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return make


@pytest.fixture
def asking(project: Callable[..., Path]) -> Path:
    """A project whose workflow `ask` asks a person, then writes down that it went on."""
    return project(
        {
            "workflows/ask.yaml": (
                "description: Asks.\n"
                "phases:\n"
                "  question: {approval: {ask: 'Go on?', show: 'rm \\e[31m-rf'}}\n"
                "  keep: {tool: keep}\n"
            ),
            "tools.d/own.yaml": (
                "description: Own.\ntools:\n  keep: {description: Keeps., command: [touch, kept.txt], risk: read}\n"
            ),
        }
    )


@pytest.fixture
def up(process: Callable[..., subprocess.Popen[str]]) -> Iterator[Callable[[Path], Daemon]]:
    """Start a real daemon on a project and wait until it answers; it is stopped after the test."""
    daemons: list[subprocess.Popen[str]] = []

    def start(root: Path) -> Daemon:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        daemon = process("-C", root, "up", "--listen", "127.0.0.1:0", **silent)
        daemons.append(daemon)
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if "listening" in line:
                break
        while daemon.poll() is None:
            if (found := find(root / ".runner")) is not None:
                return found
        raise AssertionError("the daemon has ended")

    yield start
    for daemon in daemons:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)


@pytest.fixture
def stamped() -> Callable[..., list[AnyEvent]]:
    """Stamp events as a journal does: one run, numbers in a row, a second between them."""

    def stamp(run: str, *events: AnyEvent) -> list[AnyEvent]:
        return [
            event.model_copy(update={"run": run, "seq": seq, "time": 1000.0 + seq}) for seq, event in enumerate(events)
        ]

    return stamp


@pytest.fixture
def looped() -> list[AnyEvent]:
    """A workflow whose check was red twice: back once, then exhausted."""
    values = {"phases.verify.ok": False}
    events: list[AnyEvent] = [
        RunQueued(kind="workflow", name="build", inputs={"request": "x"}, revision="r1", by="ada", workspace="/w"),
        RunClaimed(owner="me", why="start"),
        RunStarted(),
    ]
    for visit in (1, 2):
        events += [
            PhaseEntered(path=f"work/{visit}", visit=visit, kind="agent"),
            ModelReplied(
                path=f"work/{visit}/turn-1",
                text="done",
                calls=[],
                usage=Usage(input=500, output=117),
                finish="stop",
                seconds=0.5,
            ),
            PhaseLeft(path=f"work/{visit}", record=Record.of("ok", "done", visits=visit)),
            EdgeTaken(path=f"work/{visit}", via="next", index=0, to="verify", count=visit),
            PhaseEntered(path=f"verify/{visit}", visit=visit, kind="parallel"),
            BranchStarted(path=f"verify/{visit}/tests"),
            BranchLeft(path=f"verify/{visit}/tests", record=Record.of("no", {"failed": 1})),
            PhaseLeft(path=f"verify/{visit}", record=Record.of("no", visits=visit)),
            EdgeTaken(
                path=f"verify/{visit}",
                via="next",
                index=1,
                to="work" if visit == 1 else "fail",
                values=values,
                count=1,
                max=1,
                exhausted=visit == 2,
            ),
        ]
    evidence = {"path": "verify/2", "to": "fail", "exhausted": True, "max": 1}
    usage = Usage(input=1000, output=234)
    return [*events, RunEnded(verdict="fail", why="`verify/2` was red too often", evidence=evidence, usage=usage)]


@pytest.fixture
def waiting() -> list[AnyEvent]:
    """A run that waits for a person, with a question that plays tricks on terminals."""
    return [
        RunQueued(kind="workflow", name="ask", inputs={}, revision="r1", by="ada"),
        RunClaimed(owner="nobody", why="start"),
        RunStarted(),
        PhaseEntered(path="push/1", visit=1, kind="tool"),
        ApprovalAsked(
            path="push/1",
            approval="1k0aaaaaaaaaaaaaaaab-1",
            reason="policy",
            ask="May git_push be called?",
            tool="git_push",
            arguments={"to": "main\x1b[2K\u202e", "force": True},
            deadline=9e9,
            shown="00",
        ),
        RunWaiting(on=[Waiting(kind="approval", path="push/1", until=9e9)]),
    ]


@pytest.fixture
def with_runs(
    project: Callable[..., Path],
    stamped: Callable[..., list[AnyEvent]],
    looped: list[AnyEvent],
    waiting: list[AnyEvent],
) -> Path:
    """A project in which two runs are kept: one failed, a later one waits."""
    root = project({"workflows/x.yaml": ""}, "kept")
    store = Store.open(root / ".runner")
    files = {"workflows/build.yaml": WORKFLOW.encode(), "picture.bin": b"\xff\x00"}
    store.revisions.save("r1", files, "c0ffee00", dirty=False)
    store.append(stamped("1k0aaaaaaaaaaaaaaaaa", *looped))
    store.append(stamped("1k0aaaaaaaaaaaaaaaab", *waiting))
    store.close()
    return root


@pytest.fixture
def no_colors() -> dict[str, str]:
    """The environment of a process, without what would colour its output."""
    return {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "NO_COLOR")}
