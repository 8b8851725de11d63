"""`runner run --dry`: what would be done is a table, and nothing of it is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def changing(project: Callable[..., Path]) -> Path:
    """A project whose workflow looks, changes a file, and may not take one away."""
    return project(
        {
            "runner.yaml": (
                "models: {default: {provider: scripted, replies: replies.yaml}}\n"
                "permissions: [{tool: wipe, action: deny}]\n"
            ),
            "tools.d/own.yaml": (
                "description: Own.\n"
                "tools:\n"
                "  keep: {description: Keeps., command: [touch, '{{ file }}'], params: {file: str}}\n"
                "  wipe: {description: Wipes., command: [rm, '{{ file }}'], params: {file: str}}\n"
            ),
            "workflows/job.yaml": (
                "description: A job.\n"
                "phases:\n"
                "  keep: {tool: keep, with: {file: 'a b'}}\n"
                "  wipe: {tool: wipe, with: {file: x}, errors: [{match: policy, to: pass}]}\n"
            ),
        }
    )


def test_what_would_be_done_is_a_table(cli: Cli, changing: Path) -> None:
    """On stdout, as it is what was asked for; the verdict says that it was a dry run."""
    answer = cli("-C", changing, "run", "job", "--dry")
    lines = answer.out.splitlines()
    assert (answer.code, lines[0]) == (0, "what would have been done, and was not:")
    assert lines[1].split() == ["ANSWER", "STEP", "WHAT", "RULE"]
    assert lines[2].split("  ")[0] == "ask"
    assert f"call keep: touch 'a b' in {changing}" in lines[2]
    assert lines[3].endswith("runner.yaml permissions[0]")
    assert "PASS (dry run)  job" in answer.err
    assert "would call wipe" in answer.err
    assert not (changing / "a b").exists()


def test_the_views_of_a_run_say_that_it_was_dry(cli: Cli, changing: Path) -> None:
    """The list, one run with its table, and why; in JSON it is a truth value and a list."""
    cli("-C", changing, "run", "job", "--dry")
    (row,) = json.loads(cli("-C", changing, "--json", "runs", "ls").out)
    assert row["dry"] is True
    assert "pass (dry)" in cli("-C", changing, "runs", "ls").out
    shown = cli("-C", changing, "runs", "show", row["id"]).out
    assert shown.startswith("workflow job  PASS (dry run)\n")
    assert "deny    wipe/1  call wipe: rm x" in shown
    data = json.loads(cli("-C", changing, "--json", "runs", "show", row["id"]).out)
    assert [(one["path"], one["decision"]) for one in data["foreseen"]] == [("keep/1", "ask"), ("wipe/1", "deny")]
    assert data["foreseen"][0]["arguments"] == {"file": "a b"}
    assert "PASS (dry run): " in cli("-C", changing, "runs", "why", row["id"]).out


def test_a_run_that_is_meant_has_no_table(cli: Cli, changing: Path) -> None:
    """Neither at its end nor later."""
    (changing / "runner.yaml").write_text(
        "models: {default: {provider: scripted, replies: replies.yaml}}\n"
        "permissions: [{tool: keep, action: allow}, {tool: wipe, action: deny}]\n"
    )
    answer = cli("-C", changing, "run", "job")
    (row,) = json.loads(cli("-C", changing, "--json", "runs", "ls").out)
    shown = cli("-C", changing, "runs", "show", row["id"]).out
    assert ("would" in answer.out + shown, row["dry"], (changing / "a b").exists()) == (False, False, True)


def test_a_daemon_does_it_dry(cli: Cli, up: Callable[[Path], Any], changing: Path) -> None:
    """It is told by the same request, and the table is made of what it streams."""
    up(changing)
    answer = cli("-C", changing, "run", "job", "--dry")
    assert answer.out.startswith("what would have been done")
    assert (answer.code, (changing / "a b").exists()) == (0, False)
