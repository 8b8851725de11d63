"""A step that is a bare name is written out with the kind of what has the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.project.load import load
from runner.project.problems import Problem
from runner.project.sources import Stored

FILES = {
    "runner.yaml": "models: {default: {provider: ollama, model: any}}\n",
    "agents.d/helper.yaml": "description: Helps.\nprompt: Help.\n",
    "workflows/inner.yaml": "description: I.\nphases:\n  go: {tool: look}\n",
    "tools.d/own.yaml": "description: Own.\ntools:\n  look: {description: L., risk: read, command: ['true']}\n",
}


def problems(workflow: str) -> tuple[Problem, ...]:
    """What is said of a workflow beside these files."""
    files = {**FILES, "workflows/work.yaml": workflow}
    return load(Stored({name: text.encode() for name, text in files.items()}), Path("/project")).problems


@pytest.mark.parametrize(
    "step, hint",
    [
        ("look", "write {tool: look}"),
        ("lok", "write {tool: look}"),
        ("helper", "write {agent: helper, message: …}"),
        ("inner", "write {workflow: inner}"),
        ("[look]", "write {tool: look}"),
        ("[{tool: look}]", "write {tool: look}, without a - or brackets"),
        ("[{tool: look}, {tool: look}]", "it is one step: several are the phases of another workflow, "),
        ("{look: {}}", "write {tool: look}"),
        ("go", "`go` is a phase, and `finally` is a step of its own: "),
        ("nothing", "write {tool: NAME}, or {agent: NAME, message: …}: exactly one of "),
        ("[]", "exactly one of "),
    ],
)
def test_a_bare_step_is_written_out(step: str, hint: str) -> None:
    """By what the project has of that name, or of one that is near."""
    workflow = f"description: W.\nphases:\n  go: {{tool: look}}\nfinally: {step}\n"
    (problem,) = problems(workflow)
    assert (problem.line, problem.where) == (4, "finally")
    assert problem.hint.startswith(hint)


def test_phases_and_branches_are_steps_too() -> None:
    """Each at its own place."""
    workflow = "description: W.\nphases:\n  a: look\n  b: {parallel: {left: helper, right: {tool: look}}}\n"
    told = [(one.where, one.hint) for one in problems(workflow)]
    assert told == [
        ("phases.a", "write {tool: look}"),
        ("phases.b.parallel.left", "write {agent: helper, message: …}"),
    ]
