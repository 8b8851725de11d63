"""A call of a tool as a workflow that no file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from runner.errors import UsageError
from runner.project.phases import ToolPhase
from runner.project.project import Project, ToolEntry
from runner.project.render import render_data
from runner.project.startable import call_of, inputs_of_call, startable
from runner.spec.types import Fields, parse_type
from runner.tools.python import PythonTool

Load = Callable[..., Project]
GO = "go: {tool: look, with: {path: x}}"


def phase_of(project: Project, tool: ToolEntry) -> ToolPhase:
    """The one phase of a call."""
    (phase,) = call_of(project, tool).spec.phases.values()
    assert isinstance(phase, ToolPhase)
    return phase


def test_a_call_takes_what_the_tool_takes_and_where_it_runs(project_of: Load) -> None:
    """Each argument keeps its type; what nobody says is the default of both."""
    project = project_of(GO)
    entry = call_of(project, project.tools["look"])
    inputs = entry.spec.inputs
    assert inputs is not None
    given = inputs.check({"path": "{{ 1 }}"})
    assert given == {"path": "{{ 1 }}", "lines": 10, "target": "local"}
    phase = phase_of(project, project.tools["look"])
    assert render_data(phase.with_, {"inputs": given}) == {"path": "{{ 1 }}", "lines": 10}
    assert render_data(phase.target, {"inputs": given}) == "local"
    assert (entry.name, entry.kind) == ("tool:look", "tool")


def test_a_run_is_of_a_workflow_or_of_a_call(project_of: Load) -> None:
    """By its name, and of nothing else."""
    project = project_of(GO)
    kinds = [
        entry and entry.kind for entry in (startable(project, name) for name in ("build", "tool:look", "look", "tool:"))
    ]
    assert kinds == ["workflow", "tool", None, None]


@pytest.mark.parametrize("name", ['a"b', "a}}b{{ 1 }}", "naïve-key", "back\\slash", "{% raw %}"])
def test_a_name_that_a_server_chose_is_only_a_name(project_of: Load, name: str) -> None:
    """It is no part of a template, whatever it holds."""
    project = project_of(GO)
    tool = replace(project.tools["look"], params=Fields({name: parse_type("str")}))
    phase = phase_of(project, tool)
    assert render_data(phase.with_, {"inputs": {name: "value"}}) == {name: "value"}


def test_only_a_command_has_a_target(project_of: Load) -> None:
    """The other kinds act from here, and their own parameter of that name stays theirs."""
    project = project_of(GO)
    python = replace(
        project.tools["look"],
        kind="python",
        spec=PythonTool.model_validate({"description": "Converts.", "python": "m:f"}),
        params=Fields({"target": parse_type("json|yaml")}),
    )
    assert inputs_of_call(python, {"target": "json"}, "") == {"target": "json"}
    assert render_data(phase_of(project, python).with_, {"inputs": {"target": "json"}}) == {"target": "json"}
    with pytest.raises(UsageError, match="look is of kind python and acts from here, not on 'web1'"):
        inputs_of_call(python, {}, "web1")
    assert inputs_of_call(project.tools["look"], {"path": "x"}, "web1") == {"path": "x", "target": "web1"}
