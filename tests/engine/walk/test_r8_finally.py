"""R8: `finally` is one step after any end, with a time limit of its own; it cannot change the verdict."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.acting import alive, ended, has, parked, start, told
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

FINALLY = "finally: {tool: note, with: {text: swept}}"


@pytest.mark.parametrize(
    "phase, verdict",
    [
        ("check: {tool: green}", "pass"),
        ("check: {tool: red, next: fail}", "fail"),
        ("check: {tool: broken}", "error"),
        ("check: {tool: green, next: error}", "error"),
    ],
)
def test_finally_is_done_after_every_end(tmp_path: Path, phase: str, verdict: str) -> None:
    """Whatever the verdict, the step is done once, before the run ends, and the verdict stands."""
    house = House(tmp_path)
    house.workflow(phase, head=FINALLY)
    run = asyncio.run(house.run())
    assert run.end.verdict == verdict
    assert house.notes() == ["swept"]
    assert run.visits() == ["check/1", "finally/1"]
    assert [event.type for event in run.events[-2:]] == ["phase.left", "run.ended"]


def test_finally_is_done_when_a_limit_of_the_run_is_used_up(tmp_path: Path) -> None:
    """The spent budget ends the walk in error, and finally has a budget of its own."""
    house = House(tmp_path)
    house.workflow(
        'a: {agent: helper, message: "One."}\nb: {agent: helper, message: "Two."}',
        head=f"limits: {{turns: 1}}\n{FINALLY}",
    )
    run = asyncio.run(house.run())
    assert (run.end.verdict, run.end.evidence["limit"]) == ("error", "turns")
    assert house.notes() == ["swept"]


def test_finally_is_done_after_a_cancellation(tmp_path: Path) -> None:
    """A cancelled run sweeps up before it ends as cancelled."""
    house = House(tmp_path)
    house.workflow('a: {tool: nap, with: {seconds: "60"}}', head=FINALLY)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run, by="ann")
            assert (await ended(engine, run)).end.verdict == "cancelled"

    asyncio.run(scene())
    assert house.notes() == ["swept"]


@pytest.mark.parametrize("tool", ["broken", "red"])
def test_finally_cannot_change_the_verdict(tmp_path: Path, tool: str) -> None:
    """A failed or negative finally leaves its record, and the run still passes."""
    house = House(tmp_path)
    house.workflow("a: {tool: green}", head=f"finally: {{tool: {tool}}}")
    run = asyncio.run(house.run())
    assert run.end.verdict == "pass"
    assert run.state.scopes[""].phases["finally"].history[0].ok is False


def test_finally_has_a_time_limit_of_its_own(tmp_path: Path) -> None:
    """The run's time is used up, finally's own is not; and finally is cut off by its own."""
    house = House(tmp_path)
    house.workflow(
        'a: {tool: nap, with: {seconds: "60"}}',
        head='limits: {time: 1s}\nfinally: {tool: nap, with: {seconds: "60"}, limits: {time: 2s}}',
    )
    run = asyncio.run(house.run())
    assert run.end.limit == "time"
    record = run.state.scopes[""].phases["finally"].history[0]
    assert record.error is not None
    assert (record.error.match, "`time`: 2s" in record.error.message) == ("budget", True), record.error


def test_finally_sees_what_the_phases_left(tmp_path: Path) -> None:
    """Its templates read the records of the phases."""
    house = House(tmp_path)
    house.workflow("a: {tool: red, next: fail}", head='finally: {tool: note, with: {text: "{{ phases.a.status }}"}}')
    asyncio.run(house.run())
    assert house.notes() == ["no"]


def test_finally_sees_that_a_phase_was_cancelled(tmp_path: Path) -> None:
    """The record of the phase that was cut off is there when the run sweeps up."""
    house = House(tmp_path)
    house.workflow("a: {tool: sleeper}", head='finally: {tool: note, with: {text: "{{ phases.a.status }}"}}')

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run)
            await ended(engine, run)

    asyncio.run(scene())
    assert house.notes() == ["cancelled"]


def test_a_finally_whose_condition_is_false_is_skipped(tmp_path: Path) -> None:
    """`when` holds for finally as for any step."""
    house = House(tmp_path)
    house.workflow("a: {tool: green}", head="finally: {tool: note, when: not phases.a.ok, with: {text: swept}}")
    run = asyncio.run(house.run())
    assert house.notes() == []
    assert run.state.scopes[""].phases["finally"].history[0].status == "skipped"


def test_the_finally_of_a_called_workflow_is_done_before_its_caller_goes_on(tmp_path: Path) -> None:
    """It belongs to the called workflow's end, and its path lies under the caller's."""
    house = House(tmp_path)
    house.workflow("inner: {tool: broken}", name="sub", head=FINALLY)
    house.workflow("a: {workflow: sub, errors: [{match: any, to: b}]}\nb: {tool: note, with: {text: after}}")
    run = asyncio.run(house.run())
    assert house.notes() == ["swept", "after"]
    assert run.visits() == ["a/1", "a/1/inner/1", "a/1/finally/1", "b/1"]


def test_the_finally_of_a_called_workflow_is_done_when_the_run_is_cancelled(tmp_path: Path) -> None:
    """Cancelling ends the called workflow too: it sweeps up, then its caller does."""
    house = House(tmp_path)
    house.workflow(
        'inner: {tool: nap, with: {seconds: "60"}}', name="sub", head="finally: {tool: note, with: {text: inner}}"
    )
    house.workflow("a: {parallel: {x: {workflow: sub}}}", head="finally: {tool: note, with: {text: outer}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run)
            assert (await ended(engine, run)).end.verdict == "cancelled"

    asyncio.run(scene())
    assert house.notes() == ["inner", "outer"]


def test_the_finally_of_a_called_workflow_is_done_when_its_callers_limit_is_used_up(tmp_path: Path) -> None:
    """A limit set further out ends the called workflow, which sweeps up."""
    house = House(tmp_path)
    house.workflow('one: {agent: helper, message: "1"}\ntwo: {agent: helper, message: "2"}', name="sub", head=FINALLY)
    house.workflow("a: {workflow: sub}", head="limits: {turns: 1}")
    run = asyncio.run(house.run())
    assert run.end.verdict == "error"
    assert house.notes() == ["swept"]


def test_a_cancellation_during_finally_ends_it_and_the_run(tmp_path: Path) -> None:
    """A finally that hangs can be stopped; the run is then cancelled, with nothing of it left alive."""
    house = House(tmp_path)
    house.workflow("a: {tool: green}", head='finally: {tool: nap, with: {seconds: "60"}}')

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called", 2)
            await engine.cancel(run, by="ann")
            run_told = await ended(engine, run)
            assert (run_told.end.verdict, run_told.end.why) == ("cancelled", "cancelled by ann")
            assert run_told.state.scopes[""].phases["finally"].history[0].status == "cancelled"
            assert alive(run) == []

    asyncio.run(scene())


def test_a_finally_that_asks_a_person_waits_after_the_end_of_the_phases(tmp_path: Path) -> None:
    """It parks, and after the answer the run ends with the verdict it had."""
    house = House(tmp_path)
    house.workflow("a: {tool: red, next: fail}", head="finally: {approval: {ask: Sweep?}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            assert told(engine, run).of("run.ended") == []
            await engine.decide(question.approval, "deny", by="ann")
            assert (await ended(engine, run)).end.verdict == "fail"

    asyncio.run(scene())
