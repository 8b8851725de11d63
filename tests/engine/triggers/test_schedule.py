"""Runs that the clock begins: at each moment of a cadence one, over restarts and reloads; weeks pass in a moment."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from runner.engine import Start
from runner.errors import UsageError
from tests.engine.house import House
from tests.engine.triggers.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.engine import Engine

HOUR = 3600.0
LOOK = "look: {tool: green}"


class Watched:
    """An engine whose clock and looks belong to the test."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.told: list[str] = []

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, look once, and let what begins come to an end or wait."""
        self.clock.now += seconds
        await self.engine.triggers.look(self.told.append)
        for row in self.engine.store.unfinished():
            await self.engine.settled(row.id)

    def ticks(self) -> list[float]:
        """The moments that runs were begun for, in order."""
        runs = reversed(self.engine.store.runs(limit=500))
        return [self.engine.store.events(row.id)[0].tick for row in runs]  # type: ignore[union-attr]  # run.queued


@asynccontextmanager
async def watched(house: House, clock: Clock) -> AsyncIterator[Watched]:
    """A daemon's engine for a while."""
    async with house.engine(clock=clock) as engine:
        one = Watched(engine, clock)
        await one.pass_time(0)
        yield one


def test_each_moment_of_a_cadence_begins_one_run(house: House, clock: Clock) -> None:
    """At full hours, whenever the daemon was started and however often it looks."""
    house.workflow(LOOK, head="triggers: [{every: 1h}]")

    async def show() -> list[float]:
        async with watched(house, clock) as one:
            for _ in range(40):
                await one.pass_time(15 * 60)
            assert one.told == []
            return one.ticks()

    clock.now += 7 * 60
    first = clock.now // HOUR * HOUR + HOUR
    assert asyncio.run(show()) == [first + HOUR * count for count in range(10)]


def test_a_run_says_which_trigger_began_it(house: House, clock: Clock) -> None:
    """And has the inputs that stand with it."""
    house.workflow(
        "note: {tool: note, with: {text: '{{ inputs.text }}'}}",
        head="inputs: {text: str}\ntriggers: [{every: 1d, inputs: {text: morning}}]",
    )

    async def show() -> tuple[str, str]:
        async with watched(house, clock) as one:
            await one.pass_time(24 * HOUR)
            (row,) = one.engine.store.runs()
            (about,) = one.engine.triggers.report()
            assert (about["run"], about["skipped"], about["next"] - about["last"]) == (row.id, 0, 12 * HOUR)
            return row.by, row.verdict

    clock.now += 12 * HOUR
    assert asyncio.run(show()) == ("trigger job every 1d", "pass")
    assert house.notes() == ["morning"]


def test_weeks_without_a_daemon_are_made_up_for_by_one_run(house: House, clock: Clock) -> None:
    """A restart within a moment neither doubles nor skips it."""
    house.workflow(LOOK, head="triggers: [{every: 1h}]")

    async def show() -> list[list[float]]:
        seen = []
        for away in (0.0, 10.0, 21 * 24 * HOUR, 1.0):
            clock.now += away
            async with watched(house, clock) as one:
                seen.append(one.ticks())
                await one.pass_time(HOUR / 4)
        return seen

    start = clock.now // HOUR * HOUR
    weeks = start + 21 * 24 * HOUR
    assert asyncio.run(show()) == [[], [], [weeks], [weeks]]


def test_a_moment_is_skipped_while_the_last_run_goes_on(house: House, clock: Clock) -> None:
    """That is said once, and counted; when the run has ended the next moment begins one again."""
    house.workflow("ask: {approval: {ask: Well?, deadline: 90d}}", head="triggers: [{every: 10s}]")

    async def show() -> None:
        async with watched(house, clock) as one:
            for _ in range(5):
                await one.pass_time(10)
            (row,) = one.engine.store.runs()
            assert one.told == [f"trigger job every 10s begins no run: run {row.id} of it still goes on"]
            (about,) = one.engine.triggers.report()
            assert (about["skipped"], about["note"]) == (4, f"run {row.id} of it still goes on")
            (question,) = one.engine.store.approvals()
            await one.engine.decide(question.id, "approve")
            await one.engine.settled(row.id)
            await one.pass_time(10)
            assert len(one.ticks()) == 2
            assert one.engine.triggers.report()[0]["skipped"] == 0

    asyncio.run(show())


def test_the_run_that_goes_on_is_known_after_a_restart(house: House, clock: Clock) -> None:
    """It waits as rows, and no second one is begun beside it."""
    house.workflow("ask: {approval: {ask: Well?, deadline: 90d}}", head="triggers: [{every: 1h}]")

    async def show() -> int:
        for _ in range(3):
            async with watched(house, clock) as one:
                await one.pass_time(HOUR)
                count = len(one.ticks())
        return count

    assert asyncio.run(show()) == 1


def test_a_changed_trigger_holds_from_its_adoption_on(house: House, clock: Clock) -> None:
    """One that is gone begins nothing more; a new one waits for its next moment."""

    async def show() -> None:
        async with watched(house, clock) as one:
            await one.pass_time(HOUR)
            assert len(one.ticks()) == 1
            house.workflow(LOOK, head="triggers: [{every: 1d}]")
            await one.engine.adopt(await one.engine.open(house.load()))
            await one.pass_time(HOUR)
            assert len(one.ticks()) == 1
            assert [about["name"] for about in one.engine.triggers.report()] == ["job every 1d"]
            await one.pass_time(24 * HOUR)
            assert len(one.ticks()) == 2
            house.workflow(LOOK)
            await one.engine.adopt(await one.engine.open(house.load()))
            await one.pass_time(48 * HOUR)
            assert (len(one.ticks()), one.engine.triggers.report()) == (2, [])

    house.workflow(LOOK, head="triggers: [{every: 1h}]")
    asyncio.run(show())


def test_triggers_of_one_cadence_are_told_apart(house: House, clock: Clock) -> None:
    """Each begins its own run."""
    house.workflow(
        "note: {tool: note, with: {text: '{{ inputs.text }}'}}",
        head="inputs: {text: str}\ntriggers: [{every: 1h, inputs: {text: a}}, {every: 1h, inputs: {text: b}}]",
    )

    async def show() -> list[str]:
        async with watched(house, clock) as one:
            await one.pass_time(HOUR)
            return [row.by for row in one.engine.store.runs()]

    assert sorted(asyncio.run(show())) == ["trigger job every 1h", "trigger job every 1h (2)"]
    assert sorted(house.notes()) == ["a", "b"]


def test_a_clock_that_is_set_back_stops_nothing_for_long(house: House, clock: Clock) -> None:
    """A machine without a clock of its own may begin in another year."""
    house.workflow(LOOK, head="triggers: [{every: 1h}]")

    async def show() -> int:
        async with watched(house, clock) as one:
            await one.pass_time(HOUR)
            await one.pass_time(400 * 24 * HOUR)
            await one.pass_time(-400 * 24 * HOUR)
            assert len(one.ticks()) == 2
            await one.pass_time(HOUR)
            return len(one.ticks())

    assert asyncio.run(show()) == 3


def test_what_cannot_begin_is_said(house: House, clock: Clock) -> None:
    """A folder that is gone ends no daemon, and the next moment tries again."""
    house.workflow(LOOK, head="workspace: gone\ntriggers: [{every: 1h}]")

    async def show() -> None:
        async with watched(house, clock) as one:
            await one.pass_time(HOUR)
            (line,) = one.told
            assert line.startswith("trigger job every 1h cannot begin a run: the workspace")
            (house.root / "gone").mkdir()
            await one.pass_time(HOUR)
            assert len(one.ticks()) == 1

    asyncio.run(show())


def test_a_rerun_is_of_a_person(house: House, clock: Clock) -> None:
    """It moves no trigger."""
    house.workflow(LOOK, head="triggers: [{every: 1h}]")

    async def show() -> None:
        async with watched(house, clock) as one:
            await one.pass_time(HOUR)
            (row,) = one.engine.store.runs()
            again = await one.engine.rerun(row.id, by="ada")
            await one.engine.settled(again)
            assert one.engine.store.triggers()["job every 1h"].run == row.id
            with pytest.raises(UsageError):
                await one.engine.submit(Start("nothing"))

    asyncio.run(show())
