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
