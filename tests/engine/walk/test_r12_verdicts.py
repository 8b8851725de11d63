"""R12: a run ends pass, fail, error or cancelled, with evidence: the edge, the expression, its values."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.acting import ended, has, start
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house."""
    return House(tmp_path)


def test_a_verdict_names_the_edge_the_expression_and_its_values(house: House) -> None:
    """Who asks why reads what decided it."""
    told = house.told(
        """
        check: {tool: red, next: [{when: phases.check.ok and inputs.strict, to: pass}, {when: inputs.strict, to: fail},
                                  {to: pass}]}
        """,
        head="inputs: {strict: bool}",
        strict=True,
    )
    assert told.end.verdict == "fail"
    evidence = told.end.evidence
    assert (evidence["path"], evidence["via"], evidence["index"], evidence["to"]) == ("check/1", "next", 1, "fail")
    assert evidence["expression"] == "inputs.strict"
    assert evidence["values"] == {"inputs.strict": True}
    assert told.end.why == "`check/1` leads to fail because inputs.strict"


def test_an_edge_without_a_condition_is_evidence_too(house: House) -> None:
    """The phase that led to the end is named."""
    told = house.told("check: {tool: green}")
    assert (told.end.verdict, told.end.evidence["path"], told.end.evidence["to"]) == ("pass", "check/1", "pass")


def test_what_decided_is_named_although_more_phases_came_after_it(house: House) -> None:
    """The report behind the decision takes the last edge; the deciding one stands beside it."""
    told = house.told(
        """
        check: {tool: green, next: [{when: phases.check.ok, to: report}, {to: fail}]}
        report: {agent: helper, message: Report.}
        """
    )
    assert told.end.evidence["path"] == "report/1"
    assert told.end.evidence["decided_by"]["expression"] == "phases.check.ok"
    assert told.end.evidence["decided_by"]["values"] == {"phases.check.ok": True}


def test_a_bound_that_is_used_up_is_the_reason(house: House) -> None:
    """The loop was taken as often as it may be, and `exhausted` led to the end."""
    told = house.told(
        """
        check: {tool: red, next: [{when: phases.check.ok, to: pass}, {to: mend, max: 2}]}
        mend: {tool: green, next: check}
        """
    )
    assert told.end.verdict == "fail"
    assert (told.end.evidence["count"], told.end.evidence["max"], told.end.evidence["exhausted"]) == (2, 2, True)
    assert told.end.why == "`check/3` leads to fail (`exhausted`): next[1] was taken 2 of 2 times"


def test_an_error_names_the_phase_what_failed_and_what_to_try(house: House) -> None:
    """No `errors` entry took it: the fault is the evidence."""
    told = house.told("check: {tool: broken}")
    assert told.end.verdict == "error"
    assert told.end.evidence["phase"] == "check/1"
    assert told.end.evidence["match"] == "tool"
    assert told.end.why == "`check/1` failed: sh failed with exit code 3; it put out nothing"


def test_a_cancelled_run_says_by_whom_and_why(house: House) -> None:
    """The note of who cancelled is kept with the verdict."""
    house.workflow('a: {tool: nap, with: {seconds: "60"}}')

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run, by="ann", note="wrong repository")
            end = (await ended(engine, run)).end
            assert (end.verdict, end.why) == ("cancelled", "cancelled by ann: wrong repository")
            assert engine.store.find(run).verdict == "cancelled"

    asyncio.run(scene())


@pytest.mark.parametrize(
    "phases, red",
    [
        ("tests: {tool: red}", ["tests/1"]),
        ("tests: {tool: broken, errors: [{match: any, to: pass}]}", ["tests/1"]),
        ("verify: {parallel: {tests: {tool: red}, lint: {tool: green}}}", ["verify/1/tests"]),
        ('each: {foreach: {in: "[1, 2]", max_failures: 2}, tool: red}', ["each/1/0", "each/1/1"]),
    ],
)
def test_a_pass_with_red_checks_is_told_as_such(house: House, phases: str, red: list[str]) -> None:
    """An author may let a run pass in spite of a check; nobody is to take it for green."""
    told = house.told(phases)
    assert told.end.verdict == "pass"
    assert told.end.red == red
    assert told.end.why.endswith(f"passed with red checks: {', '.join(red)}")


def test_a_check_that_was_red_and_is_green_at_last_is_not_red(house: House) -> None:
    """The last record of each check counts."""
    told = house.told(
        """
        check: {tool: flip, with: {file: f, after: 2}, next: pass, errors: [{match: tool, to: mend, max: 3}]}
        mend: {tool: green, next: check}
        """
    )
    assert (told.end.verdict, told.end.red) == ("pass", [])


def test_the_output_of_a_run_is_the_last_phases(house: House) -> None:
    """A passed run gives what its last phase gave."""
    assert house.told("a: {tool: green}\nb: {agent: helper, message: Hello.}").end.output == "Done."


def test_a_verdict_counts_the_tokens_of_all_model_calls(house: House) -> None:
    """The usage of the whole run stands with its verdict."""
    told = house.told('a: {agent: helper, message: "1"}\nb: {agent: helper, message: "2"}')
    usages = [event.usage for event in told.of("model.replied")]
    assert len(usages) == 2
    assert told.end.usage.input == sum(usage.input for usage in usages) > 0
    assert told.end.usage.output == sum(usage.output for usage in usages) > 0
