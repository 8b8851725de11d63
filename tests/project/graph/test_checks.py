"""Edges, cycles and reachable phases (rules R2, R3, R7, R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

LOOP = """
verify:
  tool: run_tests
  next:
    - {when: phases.verify.ok, to: pass}
    - {to: repair, max: 2}
repair: {agent: coder, message: mend, next: verify}
"""


def test_a_bounded_loop_has_no_fault(project_of: Make, graph_says: Say) -> None:
    """The usual check and mend, with its bound, is right as it is."""
    assert graph_says(project_of(LOOP)) == []


@pytest.mark.parametrize(
    "key, place",
    [
        ("next: verfy", "next"),
        ("next: [{to: verfy}]", "next.0.to"),
        ("errors: [{match: any, to: verfy}]", "errors.0.to"),
        ("next: [{to: pass, max: 1, exhausted: verfy}]", "next.0.exhausted"),
    ],
)
def test_r2_an_unknown_target_is_named_with_the_nearest_name(
    project_of: Make, graph_says: Say, key: str, place: str
) -> None:
    """Each way of naming a target is checked, at its own place."""
    said = graph_says(project_of(f"plan: {{agent: planner, message: m, {key}}}\nverify: {{tool: run_tests}}"))
    assert said == [
        (
            f"problem unknown-target workflows/build.yaml:phases.plan.{place}: "
            "`verfy` is no phase of this workflow (did you mean verify?)"
        )
    ]


def test_r2_a_far_off_target_is_answered_with_all_names(project_of: Make, graph_says: Say) -> None:
    """Without a near name the hint lists phases and ends."""
    [said] = graph_says(project_of("plan: {tool: run_tests, next: zzz}"))
    assert said.endswith("(phases: plan; ends: pass, fail, error)")


def test_r2_the_ends_cannot_name_phases(project_of: Make, graph_says: Say) -> None:
    """A phase called `fail` could not be told from the end."""
    assert graph_says(project_of("a: {tool: run_tests, next: pass}\nfail: {tool: run_tests}"))[0] == (
        "problem reserved-name workflows/build.yaml:phases.fail: "
        "`fail` is an end of the run and cannot name a phase (choose another name)"
    )


def test_r2_other_words_may_name_phases(project_of: Make, graph_says: Say) -> None:
    """`inputs`, `phases` and `run` are no targets and stay free."""
    assert graph_says(project_of("inputs: {tool: run_tests}\nphases: {tool: run_tests}\nrun: {tool: run_tests}")) == []


def test_r2_a_list_whose_last_entry_has_a_condition_is_open(project_of: Make, graph_says: Say) -> None:
    """There must always be a way on."""
    [said] = graph_says(project_of("a: {tool: run_tests, next: [{when: phases.a.ok, to: pass}]}"))
    assert said.startswith("problem next-open workflows/build.yaml:phases.a.next.0: the last entry has a `when`")


def test_r2_an_empty_list_is_open(project_of: Make, graph_says: Say) -> None:
    """No entry is no way on."""
    [said] = graph_says(project_of("a: {tool: run_tests, next: []}"))
    assert said.startswith("problem next-open workflows/build.yaml:phases.a.next: the list has no entry")


def test_r2_entries_after_one_without_a_condition_are_never_taken(project_of: Make, graph_says: Say) -> None:
    """The first match is taken, so the rest of the list is dead."""
    [said] = graph_says(
        project_of("a: {tool: run_tests, next: [{to: pass}, {when: phases.a.ok, to: fail}, {to: error}]}")
    )
    assert said.startswith("problem next-unreachable workflows/build.yaml:phases.a.next.0: no entry after this one")


def test_r3_a_cycle_without_a_bound_is_named(project_of: Make, graph_says: Say) -> None:
    """The whole circle is spelled out at the edge that closes it."""
    phases = LOOP.replace(", max: 2", "")
    assert graph_says(project_of(phases)) == [
        (
            "problem unbounded-cycle workflows/build.yaml:phases.repair.next: "
            "the cycle verify → repair → verify has no bound "
            "(write next: [{to: verify, max: 3}], or give another edge of the cycle a `max`)"
        )
    ]


def test_r3_a_phase_that_leads_to_itself_is_a_cycle(project_of: Make, graph_says: Say) -> None:
    """The smallest cycle counts too."""
    [said] = graph_says(project_of("a: {tool: run_tests, next: [{when: phases.a.ok, to: pass}, {to: a}]}"))
    assert "phases.a.next.1.to: the cycle a → a has no bound (add `max: N`" in said


def test_r3_errors_edges_count(project_of: Make, graph_says: Say) -> None:
    """Going back after a failure is a cycle like any other."""
    [said] = graph_says(project_of("a: {tool: run_tests}\nb: {tool: run_tests, errors: [{match: tool, to: a}]}"))
    assert "phases.b.errors.0.to: the cycle a → b → a has no bound" in said
    bounded = "a: {tool: run_tests}\nb: {tool: run_tests, errors: [{match: tool, to: a, max: 1}]}"
    assert graph_says(project_of(bounded)) == []


def test_r3_exhausted_has_no_bound_itself(project_of: Make, graph_says: Say) -> None:
    """An edge that is bounded but leads back once exhausted goes round for ever."""
    phases = "a: {tool: run_tests}\nb: {tool: run_tests, next: [{to: a, max: 2, exhausted: a}]}"
    [said] = graph_says(project_of(phases))
    assert "phases.b.next.0.exhausted: the cycle a → b → a has no bound (`exhausted` is taken without a bound" in said


def test_r3_each_of_two_cycles_is_named(project_of: Make, graph_says: Say) -> None:
    """Mending one does not hide the other."""
    phases = "a: {tool: run_tests, next: [{when: phases.a.ok, to: b}, {to: a}]}\nb: {tool: run_tests, next: a}"
    assert sorted(said.split(": the cycle ")[1].split(" has")[0] for said in graph_says(project_of(phases))) == [
        "a → a",
        "a → b → a",
    ]


def test_r3_exhausted_without_max_is_refused(project_of: Make, graph_says: Say) -> None:
    """No key is silently ignored."""
    [said] = graph_says(project_of("a: {tool: run_tests, next: [{to: pass, exhausted: error}]}"))
    assert said.startswith("problem exhausted-without-max workflows/build.yaml:phases.a.next.0.exhausted")


@pytest.mark.parametrize(
    "errors, earlier",
    [
        ("{match: any, to: fail}, {match: tool, to: pass}", "any"),
        ("{match: tool, to: fail}, {match: tool, to: pass}", "tool"),
    ],
)
def test_r4_an_error_entry_that_is_never_taken_is_refused(
    project_of: Make, graph_says: Say, errors: str, earlier: str
) -> None:
    """After `any`, or after the same word, nothing is left to match."""
    [said] = graph_says(project_of(f"a: {{tool: run_tests, errors: [{errors}]}}"))
    assert f"phases.a.errors.1: this entry is never taken: an entry above matches `{earlier}` already" in said


def test_r7_continue_names_an_earlier_agent(project_of: Make, graph_says: Say) -> None:
    """A conversation can be continued once there is one; in a loop also the phase's own."""
    phases = "a: {agent: coder, message: m}\nb: {agent: coder, message: m, continue: a}"
    assert graph_says(project_of(phases)) == []
    assert graph_says(project_of(LOOP.replace("mend,", "mend, continue: repair,"))) == []


@pytest.mark.parametrize(
    "wanted, what",
    [
        ("z", "`z` is no phase of this workflow (phases with an agent: a, c)"),
        ("b", "`b` is a phase, but has no agent (phases with an agent: a, c)"),
        ("c", "phase `c` can never have run before `a`, so there is no conversation to continue"),
        ("a", "phase `a` can never have run before `a`, so there is no conversation to continue"),
    ],
)
def test_r7_continue_without_a_conversation_is_refused(
    project_of: Make, graph_says: Say, wanted: str, what: str
) -> None:
    """No such phase, no agent, or never before."""
    phases = (
        f"a: {{agent: coder, message: m, continue: {wanted}}}\nb: {{tool: run_tests}}\nc: {{agent: coder, message: m}}"
    )
    [said] = graph_says(project_of(phases))
    assert f"phases.a.continue: {what}" in said


def test_r11_a_phase_without_an_edge_to_it_is_named(project_of: Make, graph_says: Say) -> None:
    """Nothing that can never happen stays in the file unsaid."""
    phases = "a: {tool: run_tests, next: c}\nb: {tool: run_tests}\nc: {tool: run_tests}"
    [said] = graph_says(project_of(phases))
    assert said.startswith("problem unreachable-phase workflows/build.yaml:phases.b: phase `b` can never be entered")


def test_r11_a_mistyped_edge_is_said_once(project_of: Make, graph_says: Say) -> None:
    """The phase it meant is not called unreachable besides."""
    phases = "a: {tool: run_tests, next: [{to: repiar}]}\nrepair: {tool: run_tests}"
    assert len(graph_says(project_of(phases))) == 1


def test_the_runs_of_single_agents_are_not_checked_again(project_of: Make, graph_says: Say) -> None:
    """Their one phase is made by runner itself."""
    assert graph_says(project_of()) == []


def test_a_chain_of_thousands_of_phases_is_checked(project_of: Make, graph_says: Say) -> None:
    """No depth of the graph is too deep."""
    phases = "\n".join(f"p{n}: {{wait: {{for: 1s}}}}" for n in range(2000))
    assert graph_says(project_of(phases)) == []
