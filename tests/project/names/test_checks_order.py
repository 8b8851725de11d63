"""What has run by the time a template reads it (rule R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

LOOP = """
verify: {tool: run_tests, next: [{when: phases.verify.ok, to: done}, {to: repair, max: 2}]}
repair: {agent: coder, message: "%s", next: verify}
done: {agent: coder, message: "%s", next: pass}
"""


def places(found: list[str]) -> list[str]:
    """Severity, code and place of each line."""
    return [said.split(": ")[0].replace("workflows/build.yaml:phases.", "") for said in found]


def test_r11_what_always_ran_before_can_be_read(project_of: Make, names_say: Say) -> None:
    """Also around a loop: verify comes before both."""
    assert names_say(project_of(LOOP % ("{{ phases.verify.output.text }}", "{{ phases.verify.output.text }}"))) == []


def test_r11_a_phase_that_comes_later_can_never_have_run(project_of: Make, names_say: Say) -> None:
    """Reading ahead is always a mistake, whatever is read."""
    phases = "a: {agent: coder, message: '{{ phases.b.ok }}'}\nb: {tool: run_tests}"
    assert names_say(project_of(phases)) == [
        (
            "problem never-run workflows/build.yaml:phases.a.message: "
            "phase `b` can never have run before `a` (read a phase that comes before)"
        )
    ]


def test_r11_a_phase_outside_a_loop_cannot_read_itself(project_of: Make, names_say: Say) -> None:
    """It runs once; only its visits are counted from the start."""
    [said] = names_say(project_of("a: {agent: coder, message: '{{ phases.a.output }} {{ phases.a.visits }}'}"))
    assert "phase `a` reads itself, but it runs only once" in said


def test_r11_a_phase_that_some_paths_miss_is_warned_of(project_of: Make, names_say: Say) -> None:
    """The loop may end without a repair."""
    assert names_say(project_of(LOOP % ("m", "{{ phases.repair.output }}"))) == [
        (
            "warning may-not-have-run workflows/build.yaml:phases.done.message: "
            "phase `repair` may not have run, or may have failed, by then: `phases.repair.output` may be missing "
            "(write `phases.repair.output | default(…, true)`, or ask `phases.repair.ok` first)"
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{{ phases.repair.output | default('none') }}",
        "{{ phases.repair.ok }} {{ phases.repair.visits }} {{ phases.repair.status }} {{ phases.repair.history }}",
        "{% if phases.repair.visits %}{{ phases.repair.output }}{% endif %}",
        "{% if phases.repair.output is defined %}yes{% endif %}",
    ],
)
def test_r11_what_is_there_from_the_start_or_asked_for_is_not_warned_of(
    project_of: Make, names_say: Say, text: str
) -> None:
    """status, ok, visits and history begin with the run; a default or a question guards the rest."""
    assert names_say(project_of(LOOP % ("m", text))) == []


def test_r11_the_steps_own_condition_guards_its_texts(project_of: Make, names_say: Say) -> None:
    """What `when` has asked for is known."""
    phases = (LOOP % ("m", "{{ phases.repair.output }}")).replace("done: {", "done: {when: phases.repair.ok, ")
    assert names_say(project_of(phases)) == []


def test_r11_in_a_loop_the_way_round_may_not_have_been_taken(project_of: Make, names_say: Say) -> None:
    """At the first visit of a loop nothing behind the back edge has run."""
    phases = """
verify:
  agent: coder
  message: "{{ phases.repair.output }}"
  next: [{when: phases.verify.ok, to: pass}, {to: repair, max: 1}]
repair: {agent: coder, message: "{{ phases.repair.output }}", next: verify}
"""
    assert places(names_say(project_of(phases))) == [
        "warning may-not-have-run verify.message",
        "warning may-not-have-run repair.message",
    ]


def test_r11_after_its_work_a_phase_has_run(project_of: Make, names_say: Say) -> None:
    """On the way out it reads its own record."""
    phases = "a: {agent: planner, message: m, next: [{when: phases.a.output.steps, to: pass}, {to: fail}]}"
    assert names_say(project_of(phases)) == []


def test_r11_a_phase_left_by_an_error_has_no_output(project_of: Make, names_say: Say) -> None:
    """It was entered on every path, but finished on none of those through its errors edge."""
    phases = """
a: {agent: planner, message: m, errors: [{match: any, to: b}], next: b}
b: {agent: coder, message: "{{ phases.a.output.steps }}{{ phases.a.error.message }}"}
"""
    assert places(names_say(project_of(phases))) == ["warning may-not-have-run b.message"]


def test_r11_a_skipped_phase_has_no_output(project_of: Make, names_say: Say) -> None:
    """A phase with a `when` leaves a record, but perhaps an empty one."""
    phases = "a: {agent: planner, message: m, when: inputs.count > 3}\n"
    phases += "b: {agent: coder, message: '{{ phases.a.output.steps }}'}"
    [said] = names_say(project_of(phases))
    assert "phase `a` may have been skipped by its `when`: `phases.a.output.steps` may be missing" in said


def test_r11_branches_begin_with_empty_records(project_of: Make, names_say: Say) -> None:
    """Their ok can be read from the start, their output only once the block has run."""
    phases = """
a: {tool: run_tests, next: [{when: phases.a.ok, to: c}, {to: both}]}
both: {parallel: {one: {agent: planner, message: m}}}
c: {agent: coder, message: "{{ phases.both.output }}", when: phases.both.one.status == 'ok' or phases.a.ok}
d: {agent: coder, message: "{{ phases.both.one.output.steps }}"}
e: {agent: coder, message: "{{ phases.both.one.error }}"}
"""
    assert places(names_say(project_of(phases))) == ["warning may-not-have-run d.message"]


def test_r11_a_branch_cannot_read_its_own_block(project_of: Make, names_say: Say) -> None:
    """Branches run at the same time."""
    phases = "both: {parallel: {one: {tool: run_tests}, two: {agent: coder, message: '{{ phases.both.one.output }}'}}}"
    assert places(names_say(project_of(phases))) == ["problem never-run both.parallel.two.message"]


def test_r11_finally_sees_all_phases_but_none_for_sure(project_of: Make, names_say: Say) -> None:
    """It comes after any end, an early one too."""
    text = "{inputs: {}, phases: {a: {agent: planner, message: m}}, finally: {tool: look, with: {path: '%s'}}}"
    assert names_say(project_of(build=text % "{{ phases.a.status }}")) == []
    [said] = names_say(project_of(build=text % "{{ phases.a.output.steps[0] }}"))
    assert said.startswith("warning may-not-have-run workflows/build.yaml:finally.with.path")


def test_r11_order_is_not_judged_where_the_graph_is_wrong(project_of: Make, names_say: Say) -> None:
    """A mistyped edge is one fault, not several."""
    phases = "a: {tool: run_tests, next: [{to: z}]}\nb: {agent: coder, message: '{{ phases.a.output.text }}'}"
    assert names_say(project_of(phases)) == []
