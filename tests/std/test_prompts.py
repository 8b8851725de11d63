"""The shipped prompts of `build`: the exact text that a model gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from runner.prompts import template

PROMPTS = Path(__file__).resolve().parents[2] / "agents.d" / "prompts"
GREEN = {"ok": True, "output": {"failed": 0, "errors": 0, "passed": 4, "count": 0}}
RED_TESTS = {
    "ok": False,
    "output": {
        "failed": 1,
        "errors": 0,
        "passed": 3,
        "failures": [{"test": "test_a.py::test_b", "message": "assert 1 == 2"}],
        "text": "E   assert 1 == 2\n",
    },
}
RED_TYPES = {
    "ok": False,
    "output": {"count": 1, "errors": [{"file": "a.py", "line": 3, "code": "arg-type", "message": "wrong"}]},
}


def render(name: str, **verify: Any) -> str:
    """A prompt for a request with one goal, one criterion and two steps."""
    phases = {
        "spec": {"output": {"goals": ["it adds"], "acceptance": ["tests pass"]}},
        "plan": {"output": {"steps": ["a.py: add", "b.py: call it"]}},
        "verify": {"tests": GREEN, "lint": GREEN, "types": GREEN} | verify,
        "repair": {"visits": 1},
    }
    source = yaml.safe_load((PROMPTS / f"{name}.yaml").read_text())["template"]
    return template(source).render({"inputs": {"request": "Let it add."}, "phases": phases, "run": {}})


def test_the_plan_is_asked_for_with_goals_and_criteria() -> None:
    """Each on a line of its own."""
    assert "Let it add.\n\nThese are its goals:\n- it adds\n\nIt is done when:\n- tests pass\n" in render("plan")


def test_the_steps_are_numbered_for_whoever_makes_them() -> None:
    """In the plan's order."""
    assert "Make these changes:\n1. a.py: add\n2. b.py: call it\n\nIt is done when:\n- tests pass\n" in render(
        "execute"
    )


def test_repair_shows_only_the_red_checks() -> None:
    """Counts, places and messages; what is green is not mentioned."""
    text = render("repair", tests=RED_TESTS, types=RED_TYPES)
    assert (
        "does not pass its checks.\n\n"
        "Tests: 1 failed, 0 with errors, 3 passed.\n- test_a.py::test_b: assert 1 == 2\n\nE   assert 1 == 2\n\n"
        "Types: 1 found.\n- a.py:3 wrong [arg-type]\n\nLook at git_diff"
    ) in text
    assert "Lint" not in text


def test_the_report_is_told_of_red_checks() -> None:
    """So that a change accepted without them is not called green."""
    text = render("complete", types=RED_TYPES)
    assert "- tests: green, 4 passed, 0 failed\n- lint: green, 0 found\n- types: RED, 1 found\n" in text
    assert "- rounds of repair: 1\n" in text
