"""`runner runs ls` and `show`, over runs that are really kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_runs_are_listed_newest_first(cli: Cli, with_runs: Path) -> None:
    """One a line: how it stands, where, on which revision."""
    header, second, first = cli("-C", with_runs, "runs", "ls").out.splitlines()
    assert header.split() == ["ID", "NAME", "STATUS", "PHASE", "BEGAN", "TOOK", "REVISION"]
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
    assert (answer.code, answer.out) == (0, "")


def test_a_run_is_shown_phase_by_phase(cli: Cli, with_runs: Path) -> None:
    """With its visits, figures, verdict and why; the beginning of its id is enough when no other begins so."""
    out = cli("-C", with_runs, "runs", "show", "1k0aaaaaaaaaaaaaaaaa").out
    assert out.startswith("workflow build  FAIL\n")
    assert "✗ verify ×2" in out
    assert "✓ work ×2" in out
    assert "1,000 in, 234 out" in out
    assert "`verify/2` was red too often" in out


def test_a_run_as_json_holds_its_history(cli: Cli, with_runs: Path) -> None:
    """Every record of every phase."""
    data = json.loads(cli("-C", with_runs, "--json", "runs", "show", "1k0aaaaaaaaaaaaaaaaa").out)
    assert [record["status"] for record in data["phases"]["verify"]["history"]] == ["no", "no"]
    assert (data["verdict"], data["evidence"]["exhausted"]) == ("fail", True)


def test_a_beginning_of_several_ids_is_refused(cli: Cli, with_runs: Path) -> None:
    """They are named, so that one can be chosen."""
    answer = cli("-C", with_runs, "runs", "show", "1k0")
    assert answer.code == 2
    assert "1k0aaaaaaaaaaaaaaaaa" in answer.err


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
