"""Rule R2: where a phase leads: the following one, a name, the first true entry of a list, or an end."""

from __future__ import annotations

import pytest

from tests.engine.house import House


def test_without_next_the_following_phase_comes(house: House) -> None:
    """In the order of the file, not of the names; the last one leads to pass."""
    told = house.told("c: {tool: green}\na: {tool: green}\nb: {tool: green}")
    assert told.visits() == ["c/1", "a/1", "b/1"]
    assert told.route == ["a", "b", "pass"]


def test_a_name_leads_to_that_phase(house: House) -> None:
    """Also backwards in the file, and past phases that others lead to."""
    told = house.told("""
        first: {tool: green, next: third}
        second: {tool: green, next: pass}
        third: {tool: green, next: second}
    """)
    assert told.visits() == ["first/1", "third/1", "second/1"]


@pytest.mark.parametrize("end", ["pass", "fail", "error"])
def test_a_reserved_word_ends_the_run(house: House, end: str) -> None:
    """The verdict is the word; its evidence is the edge."""
    told = house.told(f"""
        only: {{tool: green, next: [{{when: phases.only.ok, to: {end}}}, {{to: other}}]}}
        other: {{tool: green}}
    """)
    assert (told.end.verdict, told.visits()) == (end, ["only/1"])
    assert told.end.evidence["to"] == end
    assert told.end.evidence["values"] == {"phases.only.ok": True}


def test_of_a_list_the_first_true_entry_is_taken(house: House) -> None:
    """Later entries that are true too are not looked at."""
    told = house.told(
        """
        fork:
          tool: green
          next:
            - {when: inputs.n > 10, to: many}
            - {when: inputs.n > 1, to: some}
            - {when: inputs.n > 0, to: few}
            - {to: none}
        many: {tool: green, next: pass}
        some: {tool: green, next: pass}
        few: {tool: green, next: pass}
        none: {tool: green, next: pass}
    """,
        head="inputs: {n: int}",
        n=5,
    )
    edge = told.of("edge.taken")[0]
    assert (edge.to, edge.index, edge.expression, edge.values) == ("some", 1, "inputs.n > 1", {"inputs.n": 5})


def test_the_last_entry_is_taken_when_no_other_is_true(house: House) -> None:
    """Its evidence is that the others were not."""
    told = house.told("""
        fork: {tool: green, next: [{when: phases.fork.output.exit == 7, to: fail}, {to: pass}]}
    """)
    edge = told.of("edge.taken")[0]
    assert (edge.to, edge.index, edge.expression) == ("pass", 1, "not (phases.fork.output.exit == 7)")
    assert edge.values == {"phases.fork.output.exit": 0}
    assert told.end.verdict == "pass"


def test_an_edge_sees_the_record_of_the_phase_it_leaves(house: House) -> None:
    """A no goes by `next`; the condition reads status and output of this very visit."""
    told = house.told("""
        check:
          tool: red
          next: [{when: "phases.check.status == 'no' and phases.check.output.exit == 1", to: fail}, {to: pass}]
    """)
    assert told.end.verdict == "fail"


def test_a_condition_that_cannot_be_worked_out_ends_the_run_in_error(house: House) -> None:
    """No way out can be chosen; the evidence says what is missing."""
    told = house.told("""
        check: {tool: fields, next: [{when: phases.check.output.data.nonsense > 1, to: fail}, {to: pass}]}
    """)
    assert (told.end.verdict, told.route) == ("error", [])
    assert "the way out of `check`" in told.end.why
    assert "`phases.check.output.data.nonsense > 1`: " in told.end.why
    assert "nonsense" in told.end.evidence["error"]
    assert told.end.evidence["hint"].endswith("phases.check.next[0].when")


def test_a_skipped_phase_counts_as_a_visit_and_goes_by_next(house: House) -> None:
    """Its record is skipped and ok; nothing of it was done."""
    told = house.told(
        """
        maybe:
          tool: note
          with: {text: done}
          when: inputs.wanted
          next: [{when: phases.maybe.ok, to: after}, {to: fail}]
        after: {tool: note, with: {text: "{{ phases.maybe.status }} {{ phases.maybe.visits }}"}}
    """,
        head="inputs: {wanted: bool}",
        wanted=False,
    )
    (skipped,) = told.of("phase.skipped")
    assert (skipped.visit, skipped.expression, skipped.values) == (1, "inputs.wanted", {"inputs.wanted": False})
    assert (told.visits(), told.route) == (["after/1"], ["after", "pass"])
    assert house.notes() == ["skipped 1"]


def test_a_phase_whose_condition_holds_is_not_skipped(house: House) -> None:
    """The same file, asked for it."""
    told = house.told("maybe: {tool: note, with: {text: done}, when: inputs.wanted}", head=WANTED, wanted=True)
    assert (house.notes(), told.of("phase.skipped")) == (["done"], [])


WANTED = "inputs: {wanted: bool}"


@pytest.mark.parametrize(
    "body",
    [
        "agent: helper, message: Hi",
        "tool: green",
        "workflow: inner",
        "approval: {ask: Well?}",
        "wait: {for: 1h}",
        "parallel: {a: {tool: green}}",
    ],
)
def test_every_kind_can_be_skipped(house: House, body: str) -> None:
    """`when` is worked out before anything of the phase happens."""
    house.workflow("one: {tool: green}", name="inner")
    told = house.told(f"maybe: {{{body}, when: inputs.wanted}}", head=WANTED, wanted=False)
    assert told.end.verdict == "pass"
    assert [event.type for event in told.events if event.path == "maybe/1"] == ["phase.skipped", "edge.taken"]


def test_a_condition_of_a_phase_that_cannot_be_worked_out_has_failed(house: House) -> None:
    """It is the phase that failed, with match `output`: its `errors` may take it."""
    told = house.told("""
        first: {tool: fields}
        maybe:
          {tool: note, with: {text: x}, when: phases.first.output.data.nonsense, errors: [{match: output, to: fail}]}
    """)
    assert (told.record("maybe/1").status, house.notes(), told.end.verdict) == ("failed", [], "fail")


def test_the_output_of_a_run_is_that_of_the_last_phase(house: House) -> None:
    """Whatever the verdict."""
    told = house.told("a: {agent: helper, message: Hi}\nb: {tool: note, with: {text: last}, next: [{to: fail}]}")
    assert (told.end.verdict, told.end.output) == ("fail", {"noted": "last"})
