"""Many callers of one server: who waits for it, for what, and who asks it then."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.calling import Caller, Mind, Outcome
from runner.models.calling.breaker import TRIPS
from runner.models.calling.endpoints import Endpoint
from tests.models.account import Account
from tests.models.badserver import DONE, BadServer, Script, Step, delta

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models.port import Request

SLOW = Script([Step.PAUSE, delta(content="Hello"), delta("stop"), DONE])
BUSY = Script([b"{}"], status="503 Service Unavailable")


@pytest.fixture
def crowd(a_request: Request) -> Callable[..., tuple[list[Outcome | BaseException], BadServer, Account]]:
    """Ten calls at once of one model, after something has befallen it; nobody waits for longer than `left`."""

    def crowd(script: Script, befalls: Callable[[Mind], Any], *, left: float | None = None) -> Any:
        account = Account(left)

        async def scenario() -> Any:
            async with BadServer(script) as server, asyncio.timeout(20):
                spec = ServedModel.model_validate({"provider": "vllm", "model": "tiny", "base_url": server.url})
                model = open_model("main", spec, key=None, replies=None)
                mind = Mind("main", "vllm:main", model, Endpoint(server.url, time.monotonic))
                befalls(mind)
                caller = Caller({"main": mind}, {}, clock=time.monotonic, scale=0.01)
                calls = [caller.ask("main", a_request, (10, 10), 1, account) for _ in range(10)]
                told = await asyncio.gather(*calls, return_exceptions=True)
                await model.close()
                return told, server, account

        return asyncio.run(scenario())

    return crowd


def open_breaker(mind: Mind) -> None:
    """It has opened for the third time, and is tried again in a moment."""
    mind.endpoint.breaker.opened, mind.endpoint.breaker.until = 3, time.monotonic() + 0.2


def one_place(mind: Mind) -> None:
    """The server takes one call at a time."""
    mind.endpoint.most, mind.endpoint.slots = 1, asyncio.Semaphore(1)


def test_of_many_who_wait_for_an_open_breaker_one_tries(crowd: Callable[..., Any]) -> None:
    """It fails, and the others leave the server alone."""
    told, server, _ = crowd(BUSY, open_breaker, left=1.0)
    assert {type(one) for one in told} == {ModelFailed}
    assert len(server.bodies) == 1


def test_once_the_one_is_answered_the_others_ask_at_once(crowd: Callable[..., Any]) -> None:
    """They do not sit out the forty seconds that the breaker would have rested."""
    told, server, _ = crowd(SLOW, open_breaker)
    assert {one.reply.text for one in told} == {"Hello"}
    assert len(server.bodies) == 10


def test_who_waits_for_a_place_looks_again_before_it_asks(crowd: Callable[..., Any]) -> None:
    """Those before have found that the server is down."""
    told, server, _ = crowd(BUSY, one_place, left=1.0)
    assert {type(one) for one in told} == {ModelFailed}
    assert len(server.bodies) == TRIPS


def test_who_waits_for_a_place_is_told_why(crowd: Callable[..., Any]) -> None:
    """All but the first."""
    told, _, account = crowd(SLOW, one_place)
    assert {one.reply.text for one in told} == {"Hello"}
    assert account.waits == ["main, then main: its places are taken (`concurrency: 1`)"] * 9


def test_a_wait_for_a_place_ends_with_what_limits_leave(crowd: Callable[..., Any]) -> None:
    """The first is answered in a tenth of a second, and the last would have waited for a second."""
    told, server, _ = crowd(SLOW, one_place, left=0.3)
    refused = [one for one in told if isinstance(one, ModelFailed)]
    assert 0 < len(server.bodies) < 10
    assert len(refused) >= 10 - len(server.bodies)
    assert str(refused[-1]).endswith("has had no place for 0.3 s: its places are taken (`concurrency: 1`)")
