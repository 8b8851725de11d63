"""What is told of calls before they are made: where they may run, and what the rules answer there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.prospects import prospects, reached, subjects
from runner.project.sources import Stored

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.project import Project

FILES = {
    "runner.yaml": """models: {default: {provider: ollama, model: m}}
hosts: {web1: {groups: [web, prod]}, web2: {groups: [web]}}
""",
    "tools.d/ops.yaml": """description: Ops.
tools:
  run: {description: Runs., command: "{{ line }}", params: {line: str}}
  look: {description: Looks., command: [ls], risk: read}
  away: {description: Looks there., command: [ls], risk: read, targets: ["group:hosts"]}
  ask: {description: Asks., agent: ops, risk: read}
""",
    "agents.d/ops.yaml": 'description: Ops.\nprompt: Ops.\ntools: [run, look, away]\ntargets: [local, "group:web"]\n',
}


def project_of(folder: Path, rules: str = "[]", settings: str = "") -> Project:
    """The project, with rules in runner.yaml."""
    files = FILES | {"runner.yaml": f"{FILES['runner.yaml']}permissions: {rules}\n{settings}"}
    found = load(Stored({name: text.encode() for name, text in files.items()}), folder)
    assert found.project, found.problems
    return found.project


@pytest.mark.parametrize(
    "tool,target,where",
    [
        ("look", None, ("local", "web1", "web2")),
        ("away", None, ("web1", "web2")),
        ("ask", "web1", ("local",)),
        ("look", "web2", ("web2", "local", "web1")),
        ("look", "sandbox", ("sandbox", "local", "web1", "web2")),
        ("away", "{{ inputs.host }}", ("web1", "web2")),
    ],
)
def test_an_agent_calls_where_it_may_act_or_its_phase_says(
    tmp_path: Path, tool: str, target: str | None, where: tuple[str, ...]
) -> None:
    """As far as the tool runs there; what acts from here is called here."""
    project = project_of(tmp_path)
    assert reached(project, project.tools[tool], project.agents["ops"], target) == where


@pytest.mark.parametrize(
    "tool,target,where",
    [
        ("look", None, ("local",)),
        ("away", None, ()),
        ("look", "group:web", ("web1", "web2")),
        ("look", "{{ inputs.host }}", ("local", "sandbox", "web1", "web2")),
        ("away", "{{ inputs.host }}", ("web1", "web2")),
    ],
)
def test_a_phase_calls_where_it_says(tmp_path: Path, tool: str, target: str | None, where: tuple[str, ...]) -> None:
    """Here, when it says nothing; anywhere, when its target is known only then."""
    project = project_of(tmp_path)
    assert reached(project, project.tools[tool], target=target) == where


def test_under_the_sandbox_nothing_is_told_of_this_machine(tmp_path: Path) -> None:
    """`local` leads to the sandbox."""
    project = project_of(tmp_path, settings="execute: sandbox\n")
    assert reached(project, project.tools["look"]) == ("sandbox",)
    assert reached(project, project.tools["look"], project.agents["ops"]) == ("sandbox", "web1", "web2")


def test_rules_for_groups_make_an_answer_of_their_own(tmp_path: Path) -> None:
    """The default target's stands first."""
    project = project_of(tmp_path, '[{tool: look, target: "group:prod", action: deny}]')
    found = prospects(
        subjects(project, project.tools["look"], project.agents["ops"]),
        [("runner.yaml", project.settings.permissions)],
    )
    assert [(one.judgement.action, one.targets, one.risks) for one in found] == [
        ("allow", ("local", "web2"), ("read",)),
        ("deny", ("web1",), ("read",)),
    ]


def test_a_free_command_line_is_answered_by_its_risk(tmp_path: Path) -> None:
    """Risks with the same answer are told together."""
    project = project_of(tmp_path, "[{risk: danger, action: deny}, {tool: run, action: ask}]")
    lists = [("runner.yaml", project.settings.permissions)]
    found = prospects(subjects(project, project.tools["run"]), lists)
    assert [(one.judgement.action, one.risks) for one in found] == [("ask", ("read", "write")), ("deny", ("danger",))]
