"""Conditions that were decided on the way to where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

VERIFY = "verify: {tool: run_tests, next: [{when: phases.verify.ok, to: done}, {to: repair, max: 2}]}\n"
DONE = "done: {agent: coder, message: m, next: pass}\n"


def _repair(edges: str) -> str:
    return f"{VERIFY}repair: {{agent: coder, message: m, next: [{edges}]}}\n{DONE}"


@pytest.mark.parametrize(
    "edges, words",
    [
        ("{when: phases.verify.ok, to: done}, {to: verify}", "`phases.verify.ok` is always false here"),
        ("{when: not phases.verify.ok, to: verify}, {to: done}", "`not phases.verify.ok` is always true here"),
        ("{when: not (phases.verify.ok), to: verify}, {to: done}", "is always true here"),
    ],
)
def test_a_condition_that_only_one_way_leads_past_is_told(
    project_of: Make, names_say: Say, edges: str, words: str
) -> None:
    """The repair does not change what the check said."""
    [said] = names_say(project_of(_repair(edges)))
    assert said.startswith("warning next-unreachable workflows/build.yaml:phases.repair.next.0.when: ")
    assert words in said


@pytest.mark.parametrize(
    "edges",
    [
        "{when: phases.repair.ok, to: verify}, {to: done}",
        "{when: phases.verify.visits > 2, to: done}, {to: verify}",
        "{when: phases.repair.visits > 2, to: done}, {to: verify}",
        "{when: phases.repair.ok, to: verify}, {when: not phases.repair.ok, to: done}, {to: fail}",
        "{when: not phases.verify.ok, to: verify}, {to: fail}",
        "{when: not phases.verify.ok and phases.repair.ok, to: verify}, {to: done}",
    ],
)
def test_a_condition_that_may_differ_is_left_alone(project_of: Make, names_say: Say, edges: str) -> None:
    """So is a choice that is written out to its end, whose last entry is only for what cannot be."""
    assert names_say(project_of(_repair(edges))) == []


def test_what_a_phase_did_anew_is_asked_anew(project_of: Make, names_say: Say) -> None:
    """A second check runs between the two questions."""
    phases = (
        "a: {tool: run_tests, next: [{when: phases.a.ok, to: d}, {to: b}]}\n"
        "b: {tool: run_tests, next: [{when: phases.b.ok, to: a, max: 1}, {to: c}]}\n"
        "c: {agent: coder, message: m, next: [{when: phases.a.visits > 1, to: d}, {to: pass}]}\n"
        "d: {agent: coder, message: m, when: not phases.a.ok}\n"
    )
    assert names_say(project_of(phases)) == []


def test_a_when_that_no_way_makes_true_is_told(project_of: Make, names_say: Say) -> None:
    """Also after a failure, and through phases that ask nothing."""
    phases = (
        "a: {tool: run_tests, errors: [{match: any, to: b}], next: pass}\n"
        "b: {agent: coder, message: m}\n"
        "c: {agent: coder, message: m, when: phases.a.ok}\n"
    )
    [said] = names_say(project_of(phases))
    assert said.startswith("warning comparison workflows/build.yaml:phases.c.when: `phases.a.ok` is always false here")


def test_a_copied_entry_is_never_taken(project_of: Make, names_say: Say) -> None:
    """The first one of the two was not."""
    edges = "{when: phases.a.ok, to: pass}, {when: phases.a.ok, to: done}, {to: done}"
    [said] = names_say(project_of(f"a: {{tool: run_tests, next: [{edges}]}}\n{DONE}"))
    assert said.startswith("warning next-unreachable workflows/build.yaml:phases.a.next.1.when: ")
