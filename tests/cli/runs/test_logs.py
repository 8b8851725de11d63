"""`runner runs logs`: what happened, in words or as events."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.runs.events import AnyEvent, RunEnded
from runner.runs.store import Store

Cli = Callable[..., Any]


def test_logs_tell_what_happened_on_stdout(cli: Cli, with_runs: Path) -> None:
    """They are the data here."""
    answer = cli("-C", with_runs, "runs", "logs", "1k0aaaaaaaaaaaaaaaaa")
    lines = answer.out.splitlines()
    assert answer.err == ""
    assert lines[0] == "run 1k0aaaaaaaaaaaaaaaaa: workflow build, revision r1"
    assert "▶ verify (visit 2)" in lines
    assert "→ work (1 of 1)" in lines
    assert "→ fail: the other way was taken 1 of 1 times" in lines


def test_logs_as_json_are_the_events(cli: Cli, with_runs: Path, looped: list[AnyEvent]) -> None:
    """As they were written, one a line."""
    out = cli("-C", with_runs, "--json", "runs", "logs", "1k0aaaaaaaaaaaaaaaaa").out
    assert [json.loads(line)["type"] for line in out.splitlines()] == [event.type for event in looped]


def test_following_ends_with_the_run(
    with_runs: Path,
    process: Callable[..., subprocess.Popen[str]],
    waiting: list[AnyEvent],
) -> None:
    """What another process writes is shown as it comes."""
    one = process("-C", with_runs, "runs", "logs", "-f", "1k0aaaaaaaaaaaaaaaab")
    assert one.stdout is not None
    for line in one.stdout:
        if line.startswith("waits for"):
            break
    store = Store.open(with_runs / ".runner")
    ended = RunEnded(verdict="cancelled", why="enough", run="1k0aaaaaaaaaaaaaaaab", seq=len(waiting), time=2000.0)
    store.append([ended])
    store.close()
    assert "CANCELLED  ask" in one.stdout.read()
    assert one.wait() == 0
