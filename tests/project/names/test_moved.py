"""Ways that a move of a step made wrong lead to where it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

LOOP = "each: {foreach: {in: inputs.names, as: svc}, agent: coder, message: 'Look at {{ svc }}.'}\n"
BLOCK = "both: {parallel: {one: {agent: coder, message: m}, two: {tool: run_tests}}}\n"
LIST = "the list it went over is inputs.names"
GONE = "`svc` is the item of the loop in phase `each`, known there alone"


def told(findings: list[str]) -> list[str]:
    """What and hint of each, without its place."""
    return [finding.partition(": ")[2] for finding in findings]


def ask(text: str) -> str:
    """A phase that asks a person this question."""
    return f"ask: {{approval: {{ask: '{text}'}}, next: [{{when: phases.ask.ok, to: pass}}, {{to: fail}}]}}\n"


@pytest.mark.parametrize(
    "path, said",
    [
        (
            "phases.both.plan.output.steps",
            ("`phases.both` has no `plan` (`plan` is a phase: write phases.plan.output.steps)"),
        ),
        (
            "phases.both.plan.output.steps[0].x",
            ("`phases.both` has no `plan` (`plan` is a phase: write phases.plan.output.steps)"),
        ),
        (
            "phases.two.output.text",
            (
                "there is no phase `two` in this workflow "
                "(`two` is a branch of `both`: write phases.both.two.output.text)"
            ),
        ),
        (
            "phases.plan.one.ok",
            "`phases.plan` has no `one` (it has: error, ok, output, status, visits, history)",
        ),
    ],
)
def test_a_step_is_read_where_it_is_now(project_of: Make, names_say: Say, path: str, said: str) -> None:
    """As a phase or as a branch, with the rest of the way."""
    phases = f"plan: {{agent: planner, message: m}}\n{BLOCK}{ask(f'{{{{ {path} }}}}')}"
    assert told(names_say(project_of(phases))) == [said]


@pytest.mark.parametrize(
    "phases, hint",
    [
        (
            LOOP + ask("{{ svc }}"),
            ("read what that phase gave: {% for one in phases.each.items %}{{ one.output }} {% endfor %}; " + LIST),
        ),
        (
            LOOP.replace("agent: coder, message: '", "tool: look, with: {path: '").replace(".'}", "'}}")
            + ask("{{ svc.x }}"),
            (
                "read what that phase gave: "
                "{% for one in phases.each.items %}{{ one.output.text }} {% endfor %}; " + LIST
            ),
        ),
        (
            LOOP + "last: {agent: coder, message: m, when: svc}",
            (
                "read what that phase gave: phases.each.output, a list, "
                "or phases.each.items (each has output, status, …); " + LIST
            ),
        ),
        (
            LOOP.replace(".'}", ".', next: [{when: svc, to: pass}, {to: fail}]}"),
            (
                "read what that phase gave: phases.each.output, a list, "
                "or phases.each.items (each has output, status, …); " + LIST
            ),
        ),
        (
            "first: {agent: coder, message: '{{ svc }}'}\n" + LOOP,
            "a loop of its own gives it one: foreach: {in: inputs.names, as: svc}",
        ),
        (
            "first: {foreach: {in: inputs.names, as: other}, agent: coder, message: '{{ svc }}'}\n" + LOOP,
            "the list it goes over is inputs.names",
        ),
    ],
)
def test_the_item_of_a_loop_is_known_there_alone(project_of: Make, names_say: Say, phases: str, hint: str) -> None:
    """After it, what it gave is read; before it, there is only its list."""
    assert told(names_say(project_of(phases))) == [f"{GONE} ({hint})"]


@pytest.mark.parametrize(
    "text", ["{% for one in phases.each.items %}{{ one.output }} {% endfor %}", "{{ inputs.names }}"]
)
def test_what_the_hint_says_can_be_read(project_of: Make, names_say: Say, text: str) -> None:
    """After the loop, as it stands."""
    assert names_say(project_of(LOOP + ask(text))) == []


def test_the_items_of_two_loops_are_told_together(project_of: Make, names_say: Say) -> None:
    """And the later one is what is read."""
    (said,) = told(names_say(project_of(LOOP + "again" + LOOP.removeprefix("each") + ask("{{ svc }}"))))
    assert said.startswith("`svc` is the item of the loops in phases `each` and `again`, known there alone")
    assert "in phases.again.items" in said


@pytest.mark.parametrize(
    "phases, said",
    [
        (
            LOOP.replace("svc", "count").replace("{{ count }}", "it") + ask("{{ count }}"),
            "`count` is not known here (write `inputs.count`)",
        ),
        (
            LOOP.replace("svc", "plan") + "plan: {agent: planner, message: '{{ plan.ok }}'}",
            "`plan` is not known here (write `phases.plan`)",
        ),
        (
            "first: {foreach: {in: inputs.names}, agent: coder, message: m}\n"
            + LOOP.replace("{{ svc }}", "{{ item }}"),
            "`item` is not known here (the item is called `svc` here)",
        ),
        (
            LOOP.replace("in: inputs.names", "in: svc"),
            "`svc` is not known here (known here: inputs, phases, run; for the text itself write 'svc')",
        ),
    ],
)
def test_a_name_that_means_something_nearer_is_no_item_of_elsewhere(
    project_of: Make, names_say: Say, phases: str, said: str
) -> None:
    """An input, a phase, the item that is here, or the list of the loop itself."""
    assert told(names_say(project_of(phases))) == [said]
