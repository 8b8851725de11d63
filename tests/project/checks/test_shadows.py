"""Rules that no call reaches, as one above them takes all that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Stored

if TYPE_CHECKING:
    from pathlib import Path

PACK = """description: Ops.
tools:
  run_command: {description: Runs., command: "{{ line }}", params: {line: str}}
  look: {description: Looks., command: [ls], risk: read}
"""


def told(folder: Path, *rules: str) -> list[str]:
    """Where such a rule is, for rules of runner.yaml; there are no problems."""
    hosts = "hosts: {web1: {groups: [web]}}\n"
    settings = f"{hosts}permissions: [{', '.join(f'{{{rule}}}' for rule in rules)}]\n"
    found = load(Stored({"runner.yaml": settings.encode(), "tools.d/ops.yaml": PACK.encode()}), folder)
    assert not found.problems
    return [warning.where for warning in found.warnings if warning.code == "unreached-rule"]


@pytest.mark.parametrize(
    "above,below",
    [
        ('tool: "*", action: allow', "tool: look, risk: read, action: deny"),
        ("tool: run_command, action: ask", "tool: run_command, risk: danger, action: deny"),
        ('tool: "*", target: "group:web", action: ask', 'tool: look, target: "group:web", action: deny'),
        ("tool: run_command, action: ask", "tool: run_command, argv: [git, push], action: deny"),
    ],
)
def test_a_rule_below_a_wider_one_is_told(tmp_path: Path, above: str, below: str) -> None:
    """By the tool, its risk, the target and the words; the other way round both are reached."""
    assert told(tmp_path, above, below) == ["permissions[1]"]
    assert told(tmp_path, below, above) == []


def test_a_free_command_line_has_every_risk(tmp_path: Path) -> None:
    """Its commands are judged one by one, so a rule for dangerous ones leaves the rest to the next."""
    assert told(tmp_path, "tool: run_command, risk: danger, action: deny", "tool: run_command, action: allow") == []


def test_a_rule_for_one_target_leaves_the_others(tmp_path: Path) -> None:
    """What is said of a host is said of no other place."""
    assert told(tmp_path, "tool: look, target: web1, action: deny", "tool: look, action: ask") == []
