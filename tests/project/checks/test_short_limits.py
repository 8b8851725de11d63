"""Limits that end the work before it can be done, and those that leave room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.checks.short_limits import check
from runner.project.memory import Recall

if TYPE_CHECKING:
    from tests.project.conftest import Load

ASK = "ask: {approval: {ask: Now%s}%s}"


def told(project_of: Load, phase: str, head: str = "{}", agents: str = "") -> list[str]:
    """What is said of a workflow with this phase and these limits."""
    work = f"{{limits: {head}, phases: {{{phase}}}}}"
    return [finding.what for finding in check(project_of(work=work, agents=agents), Recall())]


@pytest.mark.parametrize(
    "phase",
    [
        ASK % (", deadline: 8h", ""),
        ASK % (", deadline: 8h", ", limits: {deadline: 9h}"),
        "b: {parallel: {ask: {approval: {ask: Now, deadline: 8h}}}}",
        "b: {foreach: {in: '[1]'}, approval: {ask: Now, deadline: 8h}}",
    ],
)
def test_a_question_that_outlasts_the_run_is_told(project_of: Load, phase: str) -> None:
    """Wherever it stands."""
    assert told(project_of, phase, "{deadline: 1h}") == [
        "the run has 1h (`limits.deadline`), so nobody can answer for 8h"
    ]


def test_the_narrowest_deadline_counts(project_of: Load) -> None:
    """Of the run, of the block and of the branch."""
    branch = "w: {wait: {for: 20m}%s}"
    block = "b: {limits: {deadline: 10m}, parallel: {%s}}"
    assert told(project_of, block % branch % "", "{deadline: 1h}") == [
        "phase `b` has 10m (`limits.deadline`), so it cannot wait for 20m"
    ]
    assert told(project_of, block % branch % ", limits: {deadline: 5m}", "{deadline: 1h}") == [
        "branch `b.w` has 5m (`limits.deadline`), so it cannot wait for 20m"
    ]


@pytest.mark.parametrize(
    "phase, head",
    [
        (ASK % ("", ""), "{deadline: 1h}"),
        (ASK % (", deadline: 1h", ""), "{deadline: 1h}"),
        (ASK % (", deadline: 8h", ""), "{time: 1h}"),
        (ASK % (", deadline: 8h", ""), "{}"),
        ("w: {wait: {until: inputs.then}}", "{deadline: 1h}"),
        ("w: {wait: {for: 1h}}", "{deadline: 1h}"),
        ("w: {tool: run_tests}}, finally: {wait: {for: 2h}", "{deadline: 1h}"),
    ],
)
def test_what_fits_or_is_not_known_is_passed_over(project_of: Load, phase: str, head: str) -> None:
    """A deadline that nobody wrote, working time, a moment that only the run knows, and `finally` after the end."""
    assert told(project_of, phase, head) == []


def test_one_turn_is_too_few_for_tools(project_of: Load) -> None:
    """At the agent, and at a step that has it."""
    said = ["the first turn may call a tool, and there is none left to answer with what it gives"]
    agents = "one: {description: Does., prompt: Do., tools: [look], limits: {turns: 1}}"
    assert told(project_of, "a: {wait: {for: 1s}}", agents=agents) == said
    assert told(project_of, "a: {agent: reader, message: Hi, limits: {turns: 1}}") == said
    assert told(project_of, "a: {foreach: {in: '[1]'}, agent: reader, message: Hi, limits: {turns: 1}}") == said


def test_one_turn_is_enough_without_tools(project_of: Load) -> None:
    """And two are with them."""
    assert told(project_of, "a: {agent: planner, message: Hi, limits: {turns: 1}}") == []
    assert told(project_of, "a: {agent: reader, message: Hi, limits: {turns: 2}}") == []
    assert told(project_of, "a: {agent: nobody, message: Hi, limits: {turns: 1}}") == []
