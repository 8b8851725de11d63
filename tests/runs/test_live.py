"""Live readers: told at once, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from runner.runs.events import AnyEvent, ModelReplied, PhaseFailed, RunEnded, RunStarted, Usage
from runner.runs.live import Delta, Item, Lagged, Live, Subscription
from runner.runs.record import Record

Numbered = Callable[..., list[AnyEvent]]
TURN = "execute/1/turn-1"


@pytest.fixture
def replied() -> ModelReplied:
    """The answer of the first turn."""
    return ModelReplied(path=TURN, text="hello", calls=[], usage=Usage(), finish="stop", seconds=1.0)


def said(text: str, *, offset: int = 0, attempt: int = 1, path: str = TURN) -> Delta:
    """Some words of run r."""
    return Delta("r", path, attempt, offset, text)


async def all_of(subscription: Subscription) -> list[Item]:
    """What waits for a reader that is then closed."""
    subscription.close()
    return [item async for item in subscription]


def test_a_reader_gets_the_events_of_its_run(numbered: Numbered) -> None:
    """And one of all runs gets all."""
    mine, other = numbered("r", RunStarted()), numbered("s", RunStarted())

    async def show() -> None:
        live = Live()
        one, all_runs = live.subscribe("r"), live.subscribe(None)
        live.publish([*mine, *other])
        live.delta(said("he"))
        assert await all_of(one) == [*mine, said("he")]
        assert await all_of(all_runs) == [*mine, *other, said("he")]

    asyncio.run(show())


def test_a_waiting_reader_is_woken(numbered: Numbered) -> None:
    """By news, and by its end."""
    events = numbered("r", RunStarted())

    async def show() -> None:
        live = Live()
        subscription = live.subscribe("r")
        reader = asyncio.create_task(anext(subscription))
        await asyncio.sleep(0)
        live.publish(events)
        assert await reader == events[0]
        rest = asyncio.create_task(all_items(subscription))
        await asyncio.sleep(0)
        subscription.close()
        assert await rest == []

    async def all_items(subscription: Subscription) -> list[Item]:
        return [item async for item in subscription]

    asyncio.run(show())


def test_a_slow_reader_is_told_that_it_lagged(numbered: Numbered) -> None:
    """What waited is dropped, what comes after it is not."""
    events = numbered("r", *[RunStarted()] * 4)

    async def show() -> None:
        live = Live()
        slow = live.subscribe("r", room=3)
        live.publish(events)
        assert await all_of(slow) == [Lagged(), events[3]]

    asyncio.run(show())


def test_a_closed_reader_gets_nothing_more(numbered: Numbered) -> None:
    """Others go on."""
    events = numbered("r", RunStarted())

    async def show() -> None:
        live = Live()
        gone, here = live.subscribe("r"), live.subscribe("r")
        gone.close()
        gone.close()
        live.publish(events)
        assert await all_of(gone) == []
        assert await all_of(here) == events

    asyncio.run(show())


def test_a_late_reader_gets_the_text_so_far() -> None:
    """Text and thinking apart, each from its beginning."""
    live = Live()
    live.delta(Delta("r", TURN, 1, 0, "hm", "thinking"))
    live.delta(said("hel"))
    live.delta(said("lo", offset=3))
    assert live.text_so_far("r") == [Delta("r", TURN, 1, 0, "hm", "thinking"), said("hello")]
    assert live.text_so_far("s") == []


def test_a_new_attempt_drops_the_partial_text() -> None:
    """Words of the old one are gone."""
    live = Live()
    live.delta(Delta("r", TURN, 1, 0, "hm", "thinking"))
    live.delta(said("wrong"))
    live.delta(said("right", attempt=2))
    assert live.text_so_far("r") == [said("right", attempt=2)]


def test_the_reply_ends_the_partial_text(numbered: Numbered, replied: ModelReplied) -> None:
    """From then on the event holds it; other steps go on."""
    live = Live()
    live.delta(said("hello"))
    live.delta(said("other", path="execute/1/turn-10"))
    live.publish(numbered("r", replied))
    assert live.text_so_far("r") == [said("other", path="execute/1/turn-10")]


def test_text_without_a_reply_ends_with_its_phase_or_run(numbered: Numbered, passed: RunEnded) -> None:
    """Nothing is kept of what was broken off."""
    live = Live()
    live.delta(said("hel"))
    live.delta(said("other", path="verify/1/turn-1"))
    live.publish(numbered("r", PhaseFailed(path="execute/1", record=Record.of("failed"))))
    assert live.text_so_far("r") == [said("other", path="verify/1/turn-1")]
    live.publish(numbered("r", passed))
    assert live.text_so_far("r") == []
