"""The most that a run can take, as figures: what no file bounds is none, and says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.engine.turns.loop import AT_ONCE as MADE
from runner.project.about.bounds import AT_ONCE, Bounds, bounds

Load = Callable[..., Any]


def test_the_engine_makes_no_more_calls_at_once() -> None:
    """The figure that is counted with is the engine's."""
    assert AT_ONCE == MADE


@pytest.mark.parametrize(
    "phases, calls",
    [
        ("a: {tool: run_tests}", 1),
        ("a: {tool: run_tests, retry: {max: 2}}", 3),
        ("a: {parallel: {x: {tool: run_tests}, y: {tool: look, with: {path: p}}}}", 2),
        ("a: {foreach: {in: '[1, 2, 3]'}, tool: run_tests}", 3),
        ("a: {tool: run_tests, next: [{when: phases.a.ok, to: pass}, {to: a, max: 4}]}", 5),
        ("a: {wait: {for: 1m}}", 0),
        ("a: {agent: planner, message: m}", 0),
        ("a: {agent: reader, message: m}", 20 * AT_ONCE),
        ("a: {agent: reader, message: m, limits: {turns: 2}}", 2 * AT_ONCE),
    ],
)
def test_tool_calls_are_counted(project_of: Load, phases: str, calls: int) -> None:
    """Tries, branches, items, loops; of an agent as many as its turns can ask for."""
    assert bounds(project_of(phases), "build").tool_calls == calls


def test_calls_of_called_workflows_count(project_of: Load) -> None:
    """Also through a tool, and those of `finally`."""
    inner = "phases: {go: {tool: run_tests}, more: {tool: run_tests}}\nfinally: {tool: run_tests}"
    project = project_of(
        inner=inner,
        outer="phases: {a: {workflow: inner}, b: {tool: sub}}",
        tools="sub: {description: Calls., workflow: inner, risk: read}",
    )
    assert bounds(project, "inner").tool_calls == 3
    assert bounds(project, "outer").tool_calls == 3 + 1 + 3


def test_the_figures_stand_beside_the_words(project_of: Load) -> None:
    """Model calls, tool calls, seconds, and the limit of tokens where there is one."""
    project = project_of(build="limits: {tokens: 5000}\nphases: {a: {agent: coder, message: m, limits: {turns: 3}}}")
    assert bounds(project, "build") == Bounds(3, 3 * AT_ONCE, 3 * (300 + 30), 5000, "")
    assert bounds(project, "planner") == Bounds(20, 0, 20 * 300, None, "")


def test_what_is_unbounded_says_why(project_of: Load) -> None:
    """A list of unknown length; a limit of time still bounds the time."""
    many = "phases: {each: {foreach: {in: inputs.names}, agent: reader, message: m}}\ninputs: {names: [str]}"
    found = bounds(project_of(build=many), "build")
    why = "foreach `each` goes over a list of unknown length"
    assert found == Bounds(None, None, None, None, why)
    assert bounds(project_of(build=f"{many}\nlimits: {{time: 1h}}"), "build") == Bounds(None, None, 3600, None, why)
    assert found.to_dict()["unbounded_because"] == why
