"""The demo: its project is red, the scripted calls leave it red once, then green."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.std.staged import Tools

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture
def in_project(workspace: Path, git: Callable[..., str]) -> Path:
    """The demo's project as a git repository with one commit."""
    shutil.copytree(DEMO / "project", workspace, dirs_exist_ok=True)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "begin")
    return workspace


@pytest.fixture
def play(in_project: Path, tools: Tools) -> Callable[[str], list[str]]:
    """Makes the calls of a phase as the script has them; what failed, each with its hint."""

    def play(phase: str) -> list[str]:
        replies = yaml.safe_load((DEMO / "replies.yaml").read_text())
        calls = [call for reply in replies if reply["when"]["phase"] == phase for call in reply.get("calls", [])]
        answers = [tools.call(call["tool"], **call.get("with", {})) for call in calls]
        return [f"{output['text']}; {output['hint']}" for status, output in answers if status == "failed"]

    return play


def verify(tools: Tools) -> dict[str, tuple[str, int]]:
    """The status of each check and how much it found."""
    (tests, ran), (lint, found), (types, wrong) = map(tools.call, ("run_tests", "run_lint", "run_typecheck"))
    return {"tests": (tests, ran["failed"]), "lint": (lint, found["count"]), "types": (types, wrong["count"])}


def test_the_script_goes_from_red_to_green(tools: Tools, play: Callable[[str], list[str]]) -> None:
    """One call goes wrong and its hint leads on; EXECUTE leaves work for REPAIR; the report names what changed."""
    assert verify(tools) == {"tests": ("no", 3), "lint": ("no", 1), "types": ("ok", 0)}
    assert [play("spec"), play("plan")] == [[], []]
    (fault,) = play("execute")
    assert fault.startswith("'basket/price.py' is not there; did you mean basket/prices.py or ")
    assert verify(tools) == {"tests": ("no", 1), "lint": ("no", 1), "types": ("no", 2)}
    assert play("repair") == []
    assert verify(tools) == {"tests": ("ok", 0), "lint": ("ok", 0), "types": ("ok", 0)}
    assert play("complete") == []
    assert tools.call("run_format", check=True)[0] == "ok"
    _, status = tools.call("git_status")
    assert status["changed"] == ["basket/prices.py", "basket/totals.py"]
    assert status["untracked"] == ["basket/numbers.py"]


def test_the_script_ends_green_on_a_mended_project_too(tools: Tools, play: Callable[[str], list[str]]) -> None:
    """Whoever runs the demo's workflow once more sees it pass; edits that find nothing do no harm."""
    for phase in ("execute", "repair", "execute"):
        faults = play(phase)
    assert any("old_string does not stand in" in fault for fault in faults)
    assert tools.call("run_typecheck")[1]["count"] == 2
    play("repair")
    assert verify(tools) == {"tests": ("ok", 0), "lint": ("ok", 0), "types": ("ok", 0)}
