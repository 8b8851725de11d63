"""`runner runs cancel` and `resume` without a daemon."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def counting(project: Callable[..., Path]) -> Path:
    """A workflow whose tool appends a line, then takes its time until a file is there, and then another one."""
    return project(
        {
            "workflows/count.yaml": "description: C.\nphases:\n  one: {tool: count}\n  two: {tool: hold}\n",
            "tools.d/own.yaml": (
                "description: Own.\ndefaults: {risk: read}\ntools:\n"
                "  count: {description: Counts., command: [sh, -c, 'echo one >> count.txt']}\n"
                "  hold: {description: Holds., command: [sh, -c, 'until [ -e go ]; do sleep 0.05; done']}\n"
            ),
        }
    )


@pytest.fixture
def killed(counting: Path, process: Callable[..., subprocess.Popen[str]], cli: Cli) -> tuple[Path, str]:
    """(project, run) whose process was killed in its second phase."""
    one = process("-C", counting, "run", "count")
    assert one.stderr is not None
    for line in one.stderr:
        if "hold:" in line:
            break
    one.send_signal(signal.SIGKILL)
    one.wait()
    (row,) = json.loads(cli("-C", counting, "--json", "runs", "ls").out)
    return counting, row["id"]


def test_a_killed_run_is_resumed_from_where_it_was(cli: Cli, killed: tuple[Path, str]) -> None:
    """What is recorded is not done again; the interrupted reading tool is."""
    root, run = killed
    (root / "go").write_text("")
    answer = cli("-C", root, "runs", "resume", run)
    assert answer.code == 0
    assert "goes on after an interruption" in answer.err
    assert (root / "count.txt").read_text() == "one\n"


def test_a_killed_run_is_cancelled_here(cli: Cli, killed: tuple[Path, str]) -> None:
    """Nobody else works on it, so its end is written by this process."""
    root, run = killed
    assert cli("-C", root, "runs", "cancel", run).code == 0
    (row,) = json.loads(cli("-C", root, "--json", "runs", "ls").out)
    assert row["verdict"] == "cancelled"


def test_a_waiting_run_is_cancelled_here(cli: Cli, asking: Path) -> None:
    """Its open question is void then."""
    cli("-C", asking, "run", "ask")
    (row,) = json.loads(cli("-C", asking, "--json", "runs", "ls").out)
    assert cli("-C", asking, "runs", "cancel", row["id"]).code == 0
    assert json.loads(cli("-C", asking, "--json", "approve").out) == []


@pytest.mark.parametrize("verb", ["cancel", "resume"])
def test_a_run_that_has_ended_stays_as_it_is(cli: Cli, with_runs: Path, verb: str) -> None:
    """It says how it ended."""
    answer = cli("-C", with_runs, "runs", verb, "1k0aaaaaaaaaaaaaaaaa")
    assert answer.code == 2
    assert "has ended already (fail)" in answer.err


def test_a_run_that_is_worked_on_is_cancelled_where_it_is(
    counting: Path, process: Callable[..., subprocess.Popen[str]], cli: Cli
) -> None:
    """Another terminal's run ends there, with the exit code of a cancelled one; it cannot be resumed meanwhile."""
    one = process("-C", counting, "run", "count")
    assert one.stderr is not None
    for line in one.stderr:
        if "hold:" in line:
            break
    (row,) = json.loads(cli("-C", counting, "--json", "runs", "ls").out)
    assert "is being worked on" in cli("-C", counting, "runs", "resume", row["id"]).err
    assert cli("-C", counting, "runs", "cancel", row["id"], "--note", "stop").code == 0
    assert one.wait() == 7


TWICE = {
    "workflows/twice.yaml": (
        "description: Asks twice.\nphases:\n"
        "  first: {approval: {ask: 'Go on?'}}\n  second: {approval: {ask: 'And further?'}}\n"
    )
}


@pytest.fixture
def asked_twice(project: Callable[..., Path], cli: Cli) -> tuple[Path, str]:
    """(project, run) whose first question was answered while nobody worked on it."""
    root = project(TWICE)
    cli("-C", root, "run", "twice")
    (row,) = json.loads(cli("-C", root, "--json", "approve").out)
    assert cli("-C", root, "approve", row["id"]).code == 0
    return root, row["run"]


def test_who_goes_on_is_told_the_open_questions_only(cli: Cli, asked_twice: tuple[Path, str]) -> None:
    """Of the answered ones a line says how many there were."""
    root, run = asked_twice
    resumed = cli("-C", root, "runs", "resume", run).err
    assert f"1 question was answered before: `runner runs logs {run}` tells how\n" in resumed
    assert ("? Go on?" in resumed, resumed.count("approved by"), "? And further?" in resumed) == (False, 1, True)
    assert resumed.count("waits for approval") == 1
    cli("-C", root, "approve", "--run", run)
    ended = cli("-C", root, "runs", "resume", run).err
    assert ("2 questions were answered before" in ended, "?" in ended, "PASS" in ended) == (True, False, True)
    assert ended.count("approved by") == 1


def test_as_data_a_resumed_run_is_all_of_its_events(cli: Cli, asked_twice: tuple[Path, str]) -> None:
    """Programs sort out themselves what is open; the log without -f tells all, too."""
    root, run = asked_twice
    types = [json.loads(line)["type"] for line in cli("-C", root, "--json", "runs", "resume", run).out.splitlines()]
    assert types.count("approval.asked") == 2
    assert "approval.decided" in types
    log = cli("-C", root, "runs", "logs", run).out
    assert ("? Go on?" in log, "  approved by " in log) == (True, True)


def test_who_follows_the_log_is_told_the_open_questions_only(
    cli: Cli, asked_twice: tuple[Path, str], process: Callable[..., subprocess.Popen[str]]
) -> None:
    """They are what can still be answered."""
    root, run = asked_twice
    cli("-C", root, "runs", "resume", run)
    cli("-C", root, "runs", "cancel", run)
    out, err = process("-C", root, "runs", "logs", "-f", run).communicate(timeout=30)
    assert ("? " in out, "CANCELLED" in out, "2 questions were answered before" in err) == (False, True, True)
