"""Cancelling: nothing of the run is left running, everything open is recorded as cancelled, once is enough."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner.errors import UsageError
from runner.runs.store import Store
from tests.engine.acting import alive, ended, has, killed, parked, start, told, until, with_crash
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house."""
    return House(tmp_path)


def test_nothing_of_a_cancelled_run_is_left_running(house: House) -> None:
    """Commands and workers in branches, items and called workflows are gone when the run has ended."""
    house.workflow("s: {tool: snorer}", name="sub")
    house.workflow("""
    a:
      parallel:
        command: {tool: sleeper}
        called: {workflow: sub}
    """)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until(lambda: (house.root / "sleeper").exists() and (house.root / "snorer").exists())
            assert alive(run) != []
            await engine.cancel(run)
            run_told = await ended(engine, run)
            assert alive(run) == []
            assert run_told.end.verdict == "cancelled"
            assert run_told.statuses("a/1", "a/1/command", "a/1/called", "a/1/called/s/1") == ["cancelled"] * 4
            assert [event.record.status for event in run_told.of("tool.returned")] == ["cancelled"] * 2

    asyncio.run(scene())


def test_the_calls_of_a_model_are_cancelled_with_it(house: House) -> None:
    """The visit, and each call of the turn under way, leave a cancelled record."""
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [sleeper, nap]\n")
    house.write("replies.yaml", "- {calls: [{tool: sleeper}, {tool: nap, with: {seconds: '60'}}]}")
    house.workflow("a: {agent: helper, message: Go.}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called", 2)
            await engine.cancel(run)
            run_told = await ended(engine, run)
            assert run_told.call("a/1/turn-1/call-1").status == "cancelled"
            assert run_told.call("a/1/turn-1/call-2").status == "cancelled"
            assert run_told.record("a/1").status == "cancelled"
            assert alive(run) == []

    asyncio.run(scene())


def test_no_further_phase_is_entered_after_a_cancellation(house: House) -> None:
    """No edge is taken any more, and `errors` take no cancellation."""
    house.workflow("a: {tool: sleeper, errors: [{match: any, to: b}]}\nb: {tool: note, with: {text: b}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run)
            run_told = await ended(engine, run)
            assert (run_told.visits(), run_told.route) == (["a/1"], [])

    asyncio.run(scene())
    assert house.notes() == []


def test_cancelling_twice_is_cancelling_once(house: House) -> None:
    """A second request while the first one works changes nothing; after the end it is refused in words."""
    house.workflow("a: {tool: sleeper}", head="finally: {tool: when_there, with: {file: go}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run, by="ann")
            await has(engine, run, "tool.called", 2)
            await engine.cancel(run, by="bob")
            house.write("go", "go")
            run_told = await ended(engine, run)
            assert [event.by for event in run_told.of("run.cancel_requested")] == ["ann"]
            assert run_told.record("finally/1").ok
            with pytest.raises(UsageError, match="has ended already \\(cancelled\\)"):
                await engine.cancel(run)

    asyncio.run(scene())


def test_a_cancellation_is_not_lost_with_the_engine(house: House) -> None:
    """It was asked for while nobody ran: the next engine ends the run before it does anything else."""
    house.workflow("a: {tool: note, with: {text: a}}\nb: {wait: {for: 1h}}\nc: {tool: note, with: {text: c}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await parked(engine, run)
        store = Store.open(house.root / ".runner")
        store.inbox.put("cancel", run, {"by": "ann"})
        store.close()
        async with house.engine() as engine:
            run_told = await ended(engine, run)
            assert run_told.end.why == "cancelled by ann"
            assert run_told.record("b/1").status == "cancelled"

    asyncio.run(scene())
    assert house.notes() == ["a"]


def test_a_run_that_crashed_can_be_cancelled_instead_of_resumed(house: House) -> None:
    """What the crash left open is recorded as cancelled, and the interrupted call is not repeated."""
    with_crash(house, "again")
    house.workflow("a: {parallel: {x: {tool: crash, with: {text: x}}, y: {wait: {for: 1h}}}}")

    async def scene() -> None:
        run = await killed(house)
        store = Store.open(house.root / ".runner")
        store.inbox.put("cancel", run, {"by": "ann"})
        store.close()
        async with house.engine() as engine:
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "cancelled"
            assert run_told.statuses("a/1/x", "a/1/y", "a/1") == ["cancelled"] * 3
            assert run_told.call("a/1/x").status == "cancelled"

    asyncio.run(scene())
    assert house.notes() == ["x"]


def test_a_run_in_the_queue_is_cancelled_without_a_slot(house: House) -> None:
    """Who cancels does not wait until other runs have ended, and nothing of the run is begun."""
    house.write("runner.yaml", (house.root / "runner.yaml").read_text() + "limits: {concurrent_runs: 1}\n")
    house.workflow("a: {tool: sleeper}", name="long")
    house.workflow("a: {tool: note, with: {text: a}}")

    async def scene() -> None:
        async with house.engine() as engine:
            long = await start(engine, "long")
            await has(engine, long, "tool.called")
            run = await start(engine)
            await engine.cancel(run, by="ann")
            run_told = await ended(engine, run)
            assert (run_told.end.verdict, run_told.visits()) == ("cancelled", [])
            assert engine.store.find(long).status == "running"
            assert told(engine, long).of("run.cancel_requested") == []

    asyncio.run(scene())
    assert house.notes() == []
