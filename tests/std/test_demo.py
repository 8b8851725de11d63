"""The demo: its project is red, the scripted calls leave it red once, then green."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest
import yaml

from runner.tools.context import Context, ToolFailed

DEMO = Path(__file__).resolve().parents[2] / "demo"


class Commands(Protocol):
    """What calls a tool of the qa pack: its status and its output."""

    def call(self, name: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """Call it."""


@pytest.fixture
def in_project(workspace: Path, git: Callable[..., str]) -> Path:
    """The demo's project as a git repository with one commit."""
    shutil.copytree(DEMO / "project", workspace, dirs_exist_ok=True)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "begin")
    return workspace


@pytest.fixture
def play(in_project: Path, files: ModuleType, search: ModuleType, commands: Commands) -> Callable[[str], list[str]]:
    """Makes the calls of a phase as the script has them; what failed, each with its hint."""

    def play(phase: str) -> list[str]:
        replies = yaml.safe_load((DEMO / "replies.yaml").read_text())
        calls = [call for reply in replies if reply["when"]["phase"] == phase for call in reply.get("calls", [])]
        return [fault for call in calls if (fault := _fault(call["tool"], call.get("with", {})))]

    def _fault(tool: str, arguments: dict[str, Any]) -> str:
        if tool in commands.pack["tools"]:  # type: ignore[attr-defined]
            status, output = commands.call(tool, **arguments)
            return "" if status == "ok" else output["text"]
        function = getattr(files, tool, None) or getattr(search, tool)
        try:
            function(Context(in_project), **arguments)
        except ToolFailed as error:
            return f"{error.message}; {error.hint}"
        return ""

    return play


def verify(commands: Commands) -> dict[str, tuple[str, int]]:
    """The status of each check and how much it found."""
    (tests, ran), (lint, found), (types, wrong) = map(commands.call, ("run_tests", "run_lint", "run_typecheck"))
    return {"tests": (tests, ran["failed"]), "lint": (lint, found["count"]), "types": (types, wrong["count"])}


def test_the_project_begins_red(commands: Commands, in_project: Path) -> None:
    """Three tests fail and one import is unused, as its request says; its types are right."""
    assert verify(commands) == {"tests": ("no", 3), "lint": ("no", 1), "types": ("ok", 0)}


def test_the_script_goes_from_red_to_green(commands: Commands, play: Callable[[str], list[str]]) -> None:
    """One call goes wrong and its hint leads on; EXECUTE leaves work for REPAIR; then all is green."""
    assert [play("spec"), play("plan")] == [[], []]
    (fault,) = play("execute")
    assert fault.startswith("'basket/price.py' is not there; did you mean basket/prices.py or ")
    assert verify(commands) == {"tests": ("no", 1), "lint": ("no", 1), "types": ("no", 2)}
    assert play("repair") == []
    assert verify(commands) == {"tests": ("ok", 0), "lint": ("ok", 0), "types": ("ok", 0)}
    assert play("complete") == []
    assert commands.call("run_format", check=True)[0] == "ok"


def test_the_change_is_what_the_report_says(
    commands: Commands, play: Callable[[str], list[str]], git: Callable[..., str]
) -> None:
    """The three files that the last answer names, and no test."""
    for phase in ("execute", "repair"):
        play(phase)
    _, status = commands.call("git_status")
    assert status["changed"] == ["basket/prices.py", "basket/totals.py"]
    assert status["untracked"] == ["basket/numbers.py"]


def test_the_script_ends_green_on_a_mended_project_too(commands: Commands, play: Callable[[str], list[str]]) -> None:
    """Whoever runs the demo's workflow once more sees it pass; edits that find nothing do no harm."""
    for phase in ("execute", "repair", "execute"):
        faults = play(phase)
    assert any("old_string does not stand in" in fault for fault in faults)
    assert verify(commands) == {"tests": ("ok", 0), "lint": ("ok", 0), "types": ("no", 2)}
    play("repair")
    assert verify(commands) == {"tests": ("ok", 0), "lint": ("ok", 0), "types": ("ok", 0)}
