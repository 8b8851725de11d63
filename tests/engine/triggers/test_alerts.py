"""Alerts over runs: pending, firing, over; over restarts too, and for each thing that they are about."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runner.engine import Start
from runner.runs.store import Store
from tests.engine.house import House
from tests.engine.triggers.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.engine import Engine

HOUR = 3600.0
TOOL = """
description: Reads a level from a file.
tools:
  level:
    description: The level of a thing.
    command: [cat, "{{ file }}"]
    params: {file: str}
    output: {json: true}
    risk: read
"""
LOOK = """
look: {tool: level, with: {file: level}, errors: [{match: any, to: fail}]}
"""
ALERT = """
triggers: [{every: 1h}]
alerts:
  - name: high
    when: phases.look.ok and phases.look.output.data.level > 5
    for: 3
    text: "the level is {{ phases.look.output.data.level }}"
"""


def levels(house: House, **values: object) -> None:
    """Write what the tool will read, a file each."""
    for name, value in values.items():
        house.write(name, f'{{"level": {value}}}')


@asynccontextmanager
async def at_work(house: House, clock: Clock) -> AsyncIterator[Engine]:
    """An engine that has looked at its triggers once."""
    house.write("tools.d/levels.yaml", TOOL)
    async with house.engine(clock=clock) as engine:
        await engine.triggers.look(print)
        yield engine


async def hour(engine: Engine, clock: Clock, house: House, **values: object) -> list[str]:
    """What an hour with these levels says of alerts: kinds of events, in order."""
    levels(house, **values)
    clock.now += HOUR
    await engine.triggers.look(print)
    (row,) = engine.store.runs(limit=1)
    await engine.settled(row.id)
    return [event.type for event in engine.store.events(row.id) if event.type.startswith("alert.")]


def standing(store: Store) -> list[tuple[str, str, int]]:
    """The alerts that hold: about what, state and count."""
    return [(row.about, row.state, row.count) for row in store.alerts()]


def test_an_alert_is_pending_then_fires_once_then_is_over(house: House, clock: Clock) -> None:
    """And a run in which it is well says nothing of it."""
    house.workflow(LOOK, head=ALERT)

    async def show() -> list[list[str]]:
        async with at_work(house, clock) as engine:
            seen = [await hour(engine, clock, house, level=level) for level in (1, 9, 9, 9, 9, 2, 1)]
            assert standing(engine.store) == []
            return seen

    held, fired = ["alert.held"], ["alert.fired"]
    assert asyncio.run(show()) == [[], held, held, fired, held, ["alert.resolved"], []]


def test_runs_in_a_row_are_counted_over_restarts(house: House, clock: Clock) -> None:
    """The state is of the journal; a rebuilt list says the same."""
    house.workflow(LOOK, head=ALERT)

    async def show() -> None:
        for count, state in ((1, "pending"), (2, "pending"), (3, "firing"), (4, "firing")):
            async with at_work(house, clock) as engine:
                await hour(engine, clock, house, level=9)
                assert standing(engine.store) == [("", state, count)]
        store = Store.open(house.root / ".runner")
        before = store.alerts()
        store.rebuild()
        assert store.alerts() == before
        assert (before[0].text, before[0].fired_at, before[0].seen_at - before[0].since) == (
            "the level is 9",
            clock.now - HOUR,
            3 * HOUR,
        )
        store.close()

    asyncio.run(show())


def test_a_pause_begins_the_count_anew(house: House, clock: Clock) -> None:
    """What never fired is over without a word to anybody."""
    house.workflow(LOOK, head=ALERT)

    async def show() -> None:
        async with at_work(house, clock) as engine:
            for level in (9, 9, 1, 9, 9):
                await hour(engine, clock, house, level=level)
            assert standing(engine.store) == [("", "pending", 2)]
            events = [event for row in engine.store.runs() for event in engine.store.events(row.id)]
            assert [event.fired for event in events if event.type == "alert.resolved"] == [False]

    asyncio.run(show())


def test_an_alert_that_fires_has_its_evidence(house: House, clock: Clock) -> None:
    """The expression and the values that it read."""
    house.workflow(LOOK, head=ALERT.replace("for: 3", "for: 1"))

    async def show() -> None:
        async with at_work(house, clock) as engine:
            await hour(engine, clock, house, level=7)
            (row,) = engine.store.runs()
            (fired,) = (event for event in engine.store.events(row.id) if event.type == "alert.fired")
            assert fired.expression == "phases.look.ok and phases.look.output.data.level > 5"
            assert fired.values["phases.look.output.data.level"] == 7

    asyncio.run(show())


def test_what_cannot_be_judged_stays_as_it_was(house: House, clock: Clock) -> None:
    """A level that is no number is neither well nor not."""
    house.workflow(LOOK, head=ALERT.replace("for: 3", "for: 1"))

    async def show() -> None:
        async with at_work(house, clock) as engine:
            await hour(engine, clock, house, level=9)
            assert await hour(engine, clock, house, level='"very"') == ["alert.unknown"]
            assert standing(engine.store) == [("", "firing", 1)]
            assert await hour(engine, clock, house, level=1) == ["alert.resolved"]

    asyncio.run(show())


INNER = """
description: Looks at one thing.
inputs: {thing: str}
alerts:
  - name: high
    about: "{{ inputs.thing }}"
    when: phases.look.ok and phases.look.output.data.level > 5
    text: "{{ inputs.thing }} is at {{ phases.look.output.data.level }}"
phases:
  look: {tool: level, with: {file: "{{ inputs.thing }}"}, errors: [{match: any, to: fail}]}
"""
EACH = "each: {foreach: {in: inputs.things, as: thing, max_failures: 9}, workflow: one, with: {thing: '{{ thing }}'}}"
HEAD = "inputs: {{things: [str]}}\ntriggers: [{{every: 1h, inputs: {{things: [{}]}}}}]"


def test_each_thing_has_a_state_of_its_own(house: House, clock: Clock) -> None:
    """One that is left out of the list later is looked at no more, and its alert is over."""
    house.write("workflows/one.yaml", INNER)
    house.workflow(EACH, head=HEAD.format("a, b, c"))

    async def show() -> None:
        async with at_work(house, clock) as engine:
            assert await hour(engine, clock, house, a=9, b=1, c=9) == ["alert.fired", "alert.fired"]
            assert standing(engine.store) == [("a", "firing", 1), ("c", "firing", 1)]
            assert await hour(engine, clock, house, a=9, b=9, c=1) == ["alert.held", "alert.fired", "alert.resolved"]
            house.workflow(EACH, head=HEAD.format("b, c"))
            await engine.adopt(await engine.open(house.load()))
            assert await hour(engine, clock, house, a=9, b=9, c=1) == ["alert.held", "alert.resolved"]
            assert standing(engine.store) == [("b", "firing", 2)]

    asyncio.run(show())


def test_alerts_go_with_their_trigger(house: House, clock: Clock) -> None:
    """Whoever takes the trigger out of the files hears of what still fired."""
    house.workflow(LOOK, head=ALERT.replace("for: 3", "for: 1"))

    async def show() -> None:
        async with at_work(house, clock) as engine:
            await hour(engine, clock, house, level=9)
            house.workflow(LOOK)
            await engine.adopt(await engine.open(house.load()))
            told: list[str] = []
            await engine.triggers.look(told.append)
            assert told == ["alert job.high is looked at no more, as its trigger is gone: the level is 9"]
            assert standing(engine.store) == []

    asyncio.run(show())


def test_a_run_of_a_person_raises_nothing(house: House, clock: Clock) -> None:
    """Trying a threshold by hand moves no state."""
    house.workflow(LOOK, head=ALERT.replace("for: 3", "for: 1"))
    levels(house, level=9)

    async def show() -> None:
        async with at_work(house, clock) as engine:
            run = await engine.submit(Start("job", by="ada"))
            await engine.settled(run)
            assert standing(engine.store) == []

    asyncio.run(show())


def test_what_was_judged_before_a_stop_is_not_judged_again(house: House, clock: Clock) -> None:
    """The last step waits for a person over a restart; the count goes up by one all the same."""
    house.workflow(LOOK, head=f"{ALERT}finally: {{approval: {{ask: Well?, deadline: 90d}}}}")

    async def show() -> None:
        async with at_work(house, clock) as engine:
            assert await hour(engine, clock, house, level=9) == ["alert.held"]
        async with at_work(house, clock) as engine:
            (question,) = engine.store.approvals()
            await engine.decide(question.id, "approve")
            await engine.settled(question.run)
            assert [event.type for event in engine.store.events(question.run)].count("alert.held") == 1
            assert standing(engine.store) == [("", "pending", 1)]

    asyncio.run(show())
