"""`runner runs diff`: what two runs did otherwise, of a real project that was edited between them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def ran(cli: Cli, starter: Path) -> tuple[Path, list[str]]:
    """Four runs: twice the same, one with another text, and one after an edit of agent and replies."""
    for text in ("hi", "hi", "ho"):
        assert cli("-C", starter, "run", "hello", text).code == 0
    agent = starter / "agents.d/hello.yaml"
    agent.write_text(agent.read_text().replace("friendly keeper", "grim keeper"))
    (starter / "replies.yaml").write_text("- text: |\n" + "".join(f"    line {number}\n" for number in range(100)))
    assert cli("-C", starter, "run", "hello", "hi").code == 0
    rows = json.loads(cli("-C", starter, "--json", "runs", "ls").out)
    return starter, [row["id"] for row in reversed(rows)]


def test_runs_that_did_the_same_are_said_to_in_one_line(cli: Cli, ran: tuple[Path, list[str]]) -> None:
    """With the revision and the figures."""
    root, ids = ran
    out = cli("-C", root, "runs", "diff", ids[0], ids[1]).out
    assert (out.startswith("the same: "), out.count("\n")) == (True, 1)


def test_another_input_is_shown_with_what_came_of_it(cli: Cli, ran: tuple[Path, list[str]]) -> None:
    """In the parts that differ, and in no other."""
    root, ids = ran
    out = cli("-C", root, "runs", "diff", ids[1], ids[2]).out
    assert "start (1)\n  ~ text input\n      - hi\n      + ho\n" in out
    assert "prompts (1)\n  ~ answer/1 message\n" in out
    assert "files" not in out
    assert "    answer/1: ok" in out


def test_files_and_prompts_of_two_revisions_are_shown_line_by_line(cli: Cli, ran: tuple[Path, list[str]]) -> None:
    """As unified diffs, cut unless all is wanted."""
    root, ids = ran
    short = cli("-C", root, "runs", "diff", ids[0], ids[3]).out
    assert "-  role: You are the friendly keeper of this machine." in short
    assert "-You are the friendly keeper of this machine.\n      +You are the grim keeper of this machine." in short
    assert "line 99" not in short
    assert "--full shows all" in short
    assert "line 99" in cli("-C", root, "runs", "diff", ids[0], ids[3], "--full").out


def test_json_holds_all_of_it(cli: Cli, ran: tuple[Path, list[str]]) -> None:
    """Whole, whatever the length."""
    root, ids = ran
    data = json.loads(cli("-C", root, "--json", "runs", "diff", ids[0], ids[3]).out)
    assert (data["runs"], data["same"]) == ([ids[0], ids[3]], False)
    assert "line 99" in next(one["new"] for one in data["files"] if one["path"] == "replies.yaml")
    assert json.loads(cli("-C", root, "--json", "runs", "diff", ids[0], ids[1]).out)["same"]


def test_a_run_that_is_not_there_is_wrong_usage(cli: Cli, ran: tuple[Path, list[str]]) -> None:
    """As for every verb that takes a run."""
    root, ids = ran
    assert cli("-C", root, "runs", "diff", ids[0], "zzz").code == 2
    assert cli("-C", root, "runs", "diff", ids[0]).code == 2
