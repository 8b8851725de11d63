"""`runner approve`: what is asked is shown exactly, and answered once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def asked(cli: Cli, asking: Path) -> tuple[Path, str]:
    """(project, approval) with a run that waits for an answer and nobody who works on it."""
    assert cli("-C", asking, "run", "ask").code == 5
    (row,) = json.loads(cli("-C", asking, "--json", "approve").out)
    return asking, row["id"]


def test_without_an_id_the_open_ones_are_listed(cli: Cli, with_runs: Path) -> None:
    """With exactly what is asked about, for which run and step, and when it expires."""
    answer = cli("-C", with_runs, "approve")
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[0] == "1k0aaaaaaaaaaaaaaaab-1  May git_push be called?"
    assert lines[1].startswith("  run 1k0aaaaaaaaaaaaaaaab (workflow ask), step push/1, expires in ")
    assert '  │   "to": "main\\u001b[2K\\u202e",' in lines


def test_nothing_to_decide_is_said(cli: Cli, starter: Path) -> None:
    """On stderr; there is no data."""
    cli("-C", starter, "run", "hello", "hi")
    answer = cli("-C", starter, "approve")
    assert (answer.code, answer.out, answer.err) == (0, "", "nothing waits for a person\n")


def test_what_is_approved_is_shown_with_its_tricks_written_out(cli: Cli, with_runs: Path) -> None:
    """Each argument, and nothing that could hide a part of it."""
    answer = cli("-C", with_runs, "approve", "1k0aaaaaaaaaaaaaaaab-1")
    assert "tool git_push" in answer.out
    assert "to: main\\x1b[2K\\u202e" in answer.out
    assert "force: true" in answer.out
    assert "\x1b" not in answer.out


def test_an_approved_run_goes_on_when_it_is_resumed(cli: Cli, asked: tuple[Path, str]) -> None:
    """The answer is kept although nobody works on the run; resume takes it from there to the end."""
    root, approval = asked
    answer = cli("-C", root, "approve", approval, "--note", "fine")
    assert answer.code == 0
    assert "runner runs resume" in answer.err
    resumed = cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert resumed.code == 0
    assert "goes on after the wait" in resumed.err
    assert "approved by" in resumed.err
    assert (root / "kept.txt").exists()


def test_a_denied_run_does_not_do_what_was_asked(cli: Cli, asked: tuple[Path, str]) -> None:
    """Denied is the answer no: the next phase is entered, as the file has no other way."""
    root, approval = asked
    cli("-C", root, "approve", approval, "--deny")
    assert "denied by" in cli("-C", root, "runs", "resume", approval.partition("-")[0]).err


def test_a_second_answer_is_refused(cli: Cli, asked: tuple[Path, str]) -> None:
    """It says what was decided before; the decided one is not listed as open once the run went on."""
    root, approval = asked
    cli("-C", root, "approve", approval)
    answer = cli("-C", root, "approve", approval, "--deny")
    assert answer.code == 2
    assert "already approved" in answer.err
    cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert "is no longer open: approved by" in cli("-C", root, "approve", approval).err


def test_resume_before_the_answer_names_the_question(cli: Cli, asked: tuple[Path, str]) -> None:
    """There is nothing to go on with yet."""
    root, approval = asked
    answer = cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert answer.code == 2
    assert f"runner approve {approval}" in answer.err


def test_an_unknown_approval_is_a_usage_error(cli: Cli, with_runs: Path) -> None:
    """The way to the list is named."""
    answer = cli("-C", with_runs, "approve", "zzz")
    assert (answer.code, "`runner approve` lists" in answer.err) == (2, True)
