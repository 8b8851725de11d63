"""Rule R3: a bounded edge is counted over the whole run and then leads to where `exhausted` says."""

from __future__ import annotations

import pytest

from tests.engine.acting import answered_after_restart
from tests.engine.house import House

LOOP = """
    work: {{tool: note, with: {{text: "n{{{{ phases.work.visits }}}}"}}}}
    check: {{tool: red, next: [{{when: phases.check.ok, to: pass}}, {{to: work, max: {max}{more}}}]}}
"""


@pytest.mark.parametrize("most", [1, 3])
def test_an_edge_is_taken_as_often_as_its_bound_says(house: House, most: int) -> None:
    """The first pass is no repetition: `max` times back make `max` + 1 passes; then the run fails."""
    told = house.told(LOOP.format(max=most, more=""))
    assert len(house.notes()) == most + 1
    back = [event for event in told.of("edge.taken") if event.path.startswith("check/")]
    assert [event.count for event in back] == [*range(1, most + 1), most]
    assert [event.exhausted for event in back] == [False] * most + [True]
    assert told.end.verdict == "fail"


def test_what_is_exhausted_is_said(house: House) -> None:
    """The verdict's reason counts."""
    told = house.told(LOOP.format(max=2, more=""))
    assert told.end.why == "`check/3` leads to fail (`exhausted`): next[1] was taken 2 of 2 times"
    assert (told.end.evidence["exhausted"], told.end.evidence["max"]) == (True, 2)


def test_exhausted_may_name_a_phase(house: House) -> None:
    """Or another end; nothing is failed then."""
    told = house.told(LOOP.format(max=1, more=", exhausted: tidy") + "    tidy: {tool: green, next: error}\n")
    assert told.route[-2:] == ["tidy", "error"]
    assert told.end.verdict == "error"


def test_an_exhausted_edge_does_not_fall_through_to_the_next_entry(house: House) -> None:
    """The first true entry is taken, and being taken is what it is no more."""
    told = house.told("""
        work: {tool: green, next: [{when: phases.work.ok, to: work, max: 1, exhausted: fail}, {to: pass}]}
    """)
    assert (told.route, told.end.verdict) == (["work", "fail"], "fail")


def test_each_entry_has_a_count_of_its_own(house: House) -> None:
    """Two edges that lead to the same phase do not share a bound."""
    told = house.told("""
        work: {tool: green}
        a: {tool: red, next: [{when: phases.work.visits < 3, to: work, max: 2}, {to: b}]}
        b: {tool: red, next: [{when: phases.work.visits < 5, to: work, max: 2}, {to: pass}]}
    """)
    assert told.end.verdict == "pass"
    assert told.visits().count("work/5") == 1
    counts = [(event.path.split("/")[0], event.count) for event in told.of("edge.taken") if event.max]
    assert counts == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_a_bound_counts_over_the_run_and_not_since_the_last_way_out(house: House) -> None:
    """The inner loop's bound is not renewed by a turn of the outer one."""
    told = house.told("""
        inner: {tool: red, next: [{when: phases.inner.visits < 3, to: inner, max: 3}, {to: outer}]}
        outer:
          tool: red
          next: [{when: phases.outer.visits < 3, to: again, max: 2}, {to: pass}]
        again: {tool: green, next: [{to: inner, max: 5}]}
    """)
    assert told.end.verdict == "pass"
    assert [name for name in told.visits() if name.startswith("inner")] == [f"inner/{visit}" for visit in range(1, 6)]


def test_errors_may_be_bounded_too(house: House) -> None:
    """A failure goes back twice, then where `exhausted` says; the counts of `next` are others."""
    told = house.told("""
        shaky: {tool: broken, errors: [{match: tool, to: shaky, max: 2, exhausted: tidy}], next: pass}
        tidy: {tool: note, with: {text: "n{{ phases.shaky.visits }}"}, next: fail}
    """)
    assert (house.notes(), told.end.verdict) == (["n3"], "fail")
    errors = [event for event in told.of("edge.taken") if event.via == "errors"]
    assert [(event.count, event.exhausted) for event in errors] == [(1, False), (2, False), (2, True)]


def test_a_failure_that_heals_within_its_bound_passes(house: House) -> None:
    """Each visit is a new try; the last record is the phase's."""
    told = house.told("""
        shaky: {tool: flip, with: {file: shaky, after: 3}, errors: [{match: any, to: shaky, max: 5}]}
        tell: {tool: note, with: {text: "{{ phases.shaky.status }} after {{ phases.shaky.visits }}"}}
    """)
    assert (house.notes(), told.end.verdict) == (["ok after 3"], "pass")


def test_a_called_workflow_counts_anew_at_each_call(house: House) -> None:
    """A bound for each pass is a called workflow."""
    house.workflow(LOOP.format(max=1, more=""), name="inner")
    told = house.told("""
        first: {workflow: inner}
        second: {workflow: inner}
        third: {tool: green, next: pass}
    """)
    assert told.statuses("first/1", "second/1") == ["no", "no"]
    assert len(house.notes()) == 4


def test_counts_survive_a_restart(house: House) -> None:
    """Two times back before the engine was stopped and one after it are three."""
    house.workflow("""
        work: {tool: note, with: {text: "n{{ phases.gate.visits }}"}}
        gate: {approval: {ask: Again?}, next: [{when: phases.gate.ok, to: work, max: 3}, {to: fail}]}
    """)

    told = answered_after_restart(house, engines=4)
    assert house.notes() == ["n0", "n1", "n2", "n3"]
    assert told.end.why == "`gate/4` leads to fail (`exhausted`): next[0] was taken 3 of 3 times"
