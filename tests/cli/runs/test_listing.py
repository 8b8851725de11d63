"""`runner runs ls` and `show`, over runs that are really kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.runs.events import AnyEvent, RunClaimed
from runner.runs.owners import Owner
from runner.runs.store import Store

Cli = Callable[..., Any]


def test_runs_are_listed_newest_first(cli: Cli, with_runs: Path) -> None:
    """One a line: how it stands, where, on which revision."""
    header, second, first = cli("-C", with_runs, "runs", "ls").out.splitlines()
    assert header.split() == ["ID", "NAME", "STATUS", "PHASE", "BEGAN", "TOOK", "WAITED", "REVISION"]
    assert second.split()[:4] == ["1k0aaaaaaaaaaaaaaaab", "ask", "waiting", "push/1"]
    assert first.split()[:3] == ["1k0aaaaaaaaaaaaaaaaa", "build", "fail"]


@pytest.mark.parametrize(
    "words,names",
    [
        (("--status", "waiting"), ["ask"]),
        (("--verdict", "fail"), ["build"]),
        (("--name", "build"), ["build"]),
        (("--revision", "r"), ["ask", "build"]),
        (("-n", "1"), ["ask"]),
        (("--before", "1k0aaaaaaaaaaaaaaaab"), ["build"]),
    ],
)
def test_the_list_can_be_filtered(cli: Cli, with_runs: Path, words: tuple[str, ...], names: list[str]) -> None:
    """By status, verdict, name, revision, number and age."""
    rows = json.loads(cli("-C", with_runs, "--json", "runs", "ls", *words).out)
    assert [row["name"] for row in rows] == names


def test_an_empty_list_is_said_on_stderr(cli: Cli, with_runs: Path) -> None:
    """There is no data, and that is no fault."""
    answer = cli("-C", with_runs, "runs", "ls", "--name", "nobody")
    assert (answer.code, answer.out, answer.err) == (0, "", "no run is like that\n")


def test_a_journal_without_runs_has_none_yet(cli: Cli, starter: Path) -> None:
    """No filter was given that a run could be like."""
    Store.open(starter / ".runner").close()
    answer = cli("-C", starter, "runs", "ls")
    assert (answer.code, answer.out, answer.err) == (0, "", "no runs yet\n")


def test_a_run_whose_process_is_gone_is_interrupted(
    cli: Cli, with_runs: Path, looped: list[AnyEvent], stamped: Callable[..., list[AnyEvent]]
) -> None:
    """It says how it goes on, and the time that it took stopped with its last event."""
    store = Store.open(with_runs / ".runner")
    store.append(stamped("1k0aaaaaaaaaaaaaaaac", *looped[:6]))
    store.close()
    answer = cli("-C", with_runs, "runs", "ls", "--status", "running")
    assert "interrupted  work/1" in answer.out
    assert "  4.0 s  " in answer.out
    assert "goes on at the next `runner up`" in answer.err
    out = cli("-C", with_runs, "runs", "show", "1k0aaaaaaaaaaaaaaaac").out
    assert out.startswith("workflow build  INTERRUPTED\n  interrupted: goes on at the next `runner up`")
    assert "took       4.0 s\n" in out
    assert "INTERRUPTED: no verdict yet" in cli("-C", with_runs, "runs", "why", "1k0aaaaaaaaaaaaaaaac").out
    (row,) = json.loads(cli("-C", with_runs, "--json", "runs", "ls", "--status", "running").out)
    assert (row["interrupted"], row["work"]) == (True, 4.0)


def test_a_run_that_is_worked_on_is_running(
    cli: Cli, with_runs: Path, looped: list[AnyEvent], stamped: Callable[..., list[AnyEvent]]
) -> None:
    """Its owner lives, and its time goes on."""
    owner = Owner.acquire(with_runs / ".runner")
    store = Store.open(with_runs / ".runner")
    claimed = RunClaimed(owner=owner.id, why="start")
    store.append(stamped("1k0aaaaaaaaaaaaaaaac", looped[0], claimed, *looped[2:6]))
    store.close()
    (row,) = json.loads(cli("-C", with_runs, "--json", "runs", "ls", "--status", "running").out)
    assert not row["interrupted"]
    assert row["work"] > 1000
    owner.release()


def test_before_the_first_run_there_is_nothing(cli: Cli, starter: Path) -> None:
    """Looking does not make a journal."""
    answer = cli("-C", starter, "runs", "ls")
    assert answer.code == 2
    assert "nothing has run here yet" in answer.err
    assert not (starter / ".runner").exists()


def test_a_journal_elsewhere_is_found(cli: Cli, with_runs: Path) -> None:
    """By storage.path, also when the rest of runner.yaml is wrong."""
    (with_runs / ".runner").rename(with_runs / "elsewhere")
    (with_runs / "runner.yaml").write_text("storage: {path: elsewhere}\nmodels: 5\n")
    assert "build" in cli("-C", with_runs, "runs", "ls").out
