"""R10: `limits.time` counts work only; `deadline` is wall-clock. The clock is the tests' own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.acting import Clock, ended, has, parked, start
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600.0


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house."""
    return House(tmp_path)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


def test_waiting_for_a_person_does_not_count(house: House, clock: Clock) -> None:
    """An hour until the answer uses nothing of ten seconds, and is reported apart."""
    house.workflow("a: {approval: {ask: Go?}}\nb: {tool: green}", head="limits: {time: 10s}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            clock.turn(HOUR)
            await engine.decide(question.approval, "approve")
            end = (await ended(engine, run)).end
            assert (end.verdict, end.work, end.waited) == ("pass", 0.0, HOUR)

    asyncio.run(scene())


def test_waiting_for_a_timer_does_not_count(house: House, clock: Clock) -> None:
    """`wait: {for: 1h}` passes within ten seconds of work."""
    house.workflow("a: {wait: {for: 1h}}\nb: {tool: green}", head="limits: {time: 10s}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await parked(engine, run)
            clock.turn(HOUR)
            end = (await ended(engine, run)).end
            assert (end.verdict, end.work, end.waited) == ("pass", 0.0, HOUR)

    asyncio.run(scene())


def test_waiting_for_a_slot_does_not_count(house: House, clock: Clock) -> None:
    """A run that stood in the queue for an hour has not worked."""
    house.write("runner.yaml", (house.root / "runner.yaml").read_text() + "limits: {concurrent_runs: 1}\n")
    house.workflow("a: {tool: when_there, with: {file: go}}", name="first")
    house.workflow("a: {tool: green}", head="limits: {time: 10s}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            first = await start(engine, "first")
            await has(engine, first, "tool.called")
            second = await start(engine)
            clock.turn(HOUR)
            house.write("go", "go")
            end = (await ended(engine, second)).end
            assert (end.verdict, end.work, end.waited) == ("pass", 0.0, 0.0)
            assert (await ended(engine, first)).end.work == HOUR

    asyncio.run(scene())


def test_the_time_in_which_no_engine_ran_does_not_count(house: House, clock: Clock) -> None:
    """Between stop and next start nobody worked; the run goes on with what was left."""
    house.workflow("a: {tool: when_there, with: {file: go}}\nb: {tool: green}", head="limits: {time: 10s}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
        clock.turn(24 * HOUR)
        house.write("go", "go")
        async with house.engine(clock=clock) as engine:
            end = (await ended(engine, run)).end
            assert (end.verdict, end.work) == ("pass", 0.0)

    asyncio.run(scene())


def test_the_time_in_which_no_engine_ran_counts_for_a_deadline(house: House, clock: Clock) -> None:
    """A deadline is a moment on the wall, whoever runs."""
    house.workflow("a: {tool: when_there, with: {file: go}}\nb: {tool: green}", head="limits: {deadline: 1h}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
        clock.turn(2 * HOUR)
        async with house.engine(clock=clock) as engine:
            end = (await ended(engine, run)).end
            assert (end.verdict, end.limit) == ("error", "deadline")

    asyncio.run(scene())


def test_work_beside_a_waiting_branch_counts(house: House, clock: Clock) -> None:
    """The run waits only while all of it waits: five seconds of work, then a hundred of waiting."""
    house.workflow("a: {parallel: {ask: {approval: {ask: Go?}}, work: {tool: when_there, with: {file: go}}}}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            question = (await has(engine, run, "approval.asked"))[0]
            await has(engine, run, "tool.called")
            clock.turn(5)
            house.write("go", "go")
            await parked(engine, run)
            clock.turn(100)
            await engine.decide(question.approval, "approve")
            end = (await ended(engine, run)).end
            assert (end.verdict, end.work, end.waited) == ("pass", 5.0, 100.0)

    asyncio.run(scene())


def test_time_used_up_ends_the_run_in_error(house: House, clock: Clock) -> None:
    """Nothing more is begun; the verdict names the limit, whose it is and how much it was."""
    house.workflow(
        "a: {tool: when_there, with: {file: go}}\nb: {tool: note, with: {text: b}}", head="limits: {time: 10s}"
    )

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            clock.turn(11)
            house.write("go", "go")
            end = (await ended(engine, run)).end
            assert (end.verdict, end.limit) == ("error", "time")
            assert end.why == "workflow job has used up its limit `time`: 10s of working time"

    asyncio.run(scene())
    assert house.notes() == []


def test_a_deadline_that_comes_while_the_run_waits_ends_it(house: House, clock: Clock) -> None:
    """The run is woken by its own deadline, long before that of the question."""
    house.workflow("a: {approval: {ask: Go?}}", head="limits: {deadline: 1h}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await parked(engine, run)
            clock.turn(HOUR + 1)
            told = await ended(engine, run)
            assert (told.end.verdict, told.end.limit) == ("error", "deadline")
            assert [row.status for row in engine.store.approvals(run=run, open_only=False)] == ["void"]

    asyncio.run(scene())


def test_a_phases_time_is_counted_from_its_entry_and_its_spending_is_routed(house: House, clock: Clock) -> None:
    """The phase before does not count; what it spends itself is a failure with match `budget`."""
    house.workflow("""
    a: {tool: when_there, with: {file: first}}
    b:
      limits: {time: 10s}
      parallel: {x: {tool: when_there, with: {file: second}}, y: {wait: {for: 20s}}}
      errors: [{match: budget, to: c}]
    c: {tool: note, with: {text: routed}}
    """)

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            clock.turn(HOUR)
            house.write("first", "go")
            await has(engine, run, "timer.set")
            clock.turn(30)
            house.write("second", "go")
            told = await ended(engine, run)
            assert told.end.verdict == "pass"
            assert told.of("phase.failed")[0].path == "b/1"

    asyncio.run(scene())
    assert house.notes() == ["routed"]


def test_a_tool_that_a_limit_cuts_short_is_told_as_that_limit(house: House) -> None:
    """Its own time-out would have been later: the run ended by its time, on a real clock."""
    told = house.told('a: {tool: nap, with: {seconds: "60"}}', head="limits: {time: 1s}")
    assert (told.end.verdict, told.end.limit) == ("error", "time")
    assert told.call("a/1").status == "failed"


def test_the_time_of_a_called_workflow_is_at_most_what_is_left(house: House, clock: Clock) -> None:
    """The called workflow's own hour does not lengthen its caller's ten seconds."""
    house.workflow("a: {tool: when_there, with: {file: go}}\nb: {tool: green}", name="sub", head="limits: {time: 1h}")
    house.workflow("a: {workflow: sub}", head="limits: {time: 10s}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            clock.turn(11)
            house.write("go", "go")
            end = (await ended(engine, run)).end
            assert (end.limit, end.why[:12]) == ("time", "workflow job")

    asyncio.run(scene())
