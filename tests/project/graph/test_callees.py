"""A way to what is no phase: a thing of that name that a phase could call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.graph.callees import as_phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]


@pytest.mark.parametrize(
    "name, hint",
    [
        ("coder", "`coder` is an agent: add a phase `coder: {agent: coder, message: …}`"),
        ("look", "`look` is a tool: add a phase `look: {tool: look, with: {path: …}}`"),
        ("run_tests", "`run_tests` is a tool: add a phase `run_tests: {tool: run_tests}`"),
        ("codr", ""),
        ("Coder", ""),
        ("", ""),
    ],
)
def test_a_thing_of_exactly_this_name_is_added_as_a_phase(project_of: Make, name: str, hint: str) -> None:
    """With what its call needs, and nothing for a name that is only near."""
    assert as_phase(project_of("plan: {agent: planner, message: m}"), name) == hint


def test_a_phase_comes_before_a_thing(project_of: Make, graph_says: Say) -> None:
    """A way to a phase that is called as an agent is right as it is."""
    phases = "coder: {agent: planner, message: m, next: reader}\nreader: {agent: coder, message: m}"
    assert graph_says(project_of(phases)) == []


def test_a_name_that_no_phase_can_have_is_written_otherwise(project_of: Make) -> None:
    """And the way leads to the name that is written."""
    project = project_of("plan: {agent: planner, message: m}")
    project.agents["code-writer"] = project.agents["coder"]  # type: ignore[index]  # a plain dict in tests
    hint = "`code-writer` is an agent: add a phase `code_writer: {agent: code-writer, message: …}`"
    assert as_phase(project, "code-writer") == f"{hint}, and lead to `code_writer`"
