"""A model that is not asked for now is told of: who, for how long, why, and who is asked then."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.calling import Caller, Closed, Mind
from runner.models.calling.breaker import TRIPS
from runner.models.calling.endpoints import Endpoint
from tests.models.account import Account
from tests.models.badserver import DONE, BadServer, Script, delta

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models.port import Request

HELLO = Script([delta(content="Hello"), delta("stop"), DONE])
BUSY = ModelFailed("model main: 503: no room", trouble="overloaded")
LIMITED = ModelFailed("model main: 429: too fast", trouble="limited", wait=0.2)


def asked(a_request: Request, befalls: Callable[[Mind], None], *, spare: bool = False) -> tuple[str, Account]:
    """Who answers a call of `main`, and the account of it, after something has befallen that model."""
    account = Account()

    async def scenario() -> str:
        async with AsyncExitStack() as stack:
            minds = {}
            for name in ["main", "spare"][: 1 + spare]:
                server = await stack.enter_async_context(BadServer(HELLO))
                spec = ServedModel.model_validate({"provider": "vllm", "model": "tiny", "base_url": server.url})
                model = open_model(name, spec, key=None, replies=None)
                stack.push_async_callback(model.close)
                minds[name] = Mind(name, f"vllm:{name}", model, Endpoint(server.url, time.monotonic))
            minds["main"].fallback = ("spare",) if spare else ()
            befalls(minds["main"])
            caller = Caller(minds, {}, clock=time.monotonic)
            return (await caller.ask("main", a_request, (10, 10), 1, account)).attempt.mind.name

    return asyncio.run(scenario()), account


def test_a_wait_that_a_server_asked_for_is_told(a_request: Request) -> None:
    """Then the same model is asked."""
    name, account = asked(a_request, lambda mind: mind.failed(LIMITED), spare=True)
    assert name == "main"
    assert account.waits == ["main, then main: it asked to be left alone"]


def test_a_wait_that_nobody_notices_is_not_told(a_request: Request) -> None:
    """A line for it would last longer."""
    name, account = asked(a_request, lambda mind: mind.limit.extend(0.01, time.monotonic()))
    assert (name, account.waits) == ("main", [])


def test_a_wait_for_a_breaker_is_told(a_request: Request) -> None:
    """With what the server failed with last."""

    def befalls(mind: Mind) -> None:
        for _ in range(TRIPS):
            mind.endpoint.failed(BUSY)
        mind.endpoint.breaker.until = time.monotonic() + 0.2

    name, account = asked(a_request, befalls)
    assert name == "main"
    assert account.waits == ["main, then main: it has failed 5 times in a row: model main: 503: no room"]


@pytest.mark.parametrize("seconds", [30.0, 3600.0])
def test_a_server_that_is_passed_over_is_told(a_request: Request, seconds: float) -> None:
    """The fallback is asked at once."""
    name, account = asked(a_request, lambda mind: mind.limit.extend(seconds, time.monotonic()), spare=True)
    assert name == "spare"
    assert account.waits == ["main, then spare: it asked to be left alone"]


def test_a_model_whose_key_was_refused_is_told(a_request: Request) -> None:
    """It rests behind its fallbacks; the refusal is told again."""

    def befalls(mind: Mind) -> None:
        mind.rests_until, mind.why_rests = time.monotonic() + 60, "model main: 401: no such key"

    name, account = asked(a_request, befalls, spare=True)
    assert name == "spare"
    assert account.waits == ["main, then spare: model main: 401: no such key"]


def test_a_model_that_is_not_open_is_told_and_its_fallback_asked(a_request: Request) -> None:
    """As its key is missing; the fallback of a fallback may be the first that is open."""
    account = Account()

    async def scenario() -> str:
        async with BadServer(HELLO) as server:
            spec = ServedModel.model_validate({"provider": "vllm", "model": "tiny", "base_url": server.url})
            model = open_model("last", spec, key=None, replies=None)
            closed = {
                "main": Closed("main", "http://far", "KEY not set", ("spare",)),
                "spare": Closed("spare", "http://off", "OTHER not set", ("main", "last")),
            }
            minds = {"last": Mind("last", "vllm:last", model, Endpoint(server.url, time.monotonic))}
            try:
                caller = Caller(minds, closed, clock=time.monotonic)
                return (await caller.ask("main", a_request, (10, 10), 1, account)).attempt.mind.name
            finally:
                await model.close()

    assert asyncio.run(scenario()) == "last"
    assert account.waits == ["main, then last: KEY not set", "spare, then last: OTHER not set"]


def test_without_a_fallback_the_failure_tells_it(a_request: Request) -> None:
    """Nobody is asked in its place."""
    account = Account()

    async def scenario() -> None:
        spec = ServedModel.model_validate({"provider": "vllm", "model": "tiny", "base_url": "http://127.0.0.1:9"})
        model = open_model("main", spec, key=None, replies=None)
        mind = Mind("main", "vllm:main", model, Endpoint("http://127.0.0.1:9", time.monotonic))
        mind.limit.extend(3600, time.monotonic())
        with pytest.raises(ModelFailed, match="is left alone for 3600 s: it asked to be left alone"):
            await Caller({"main": mind}, {}, clock=time.monotonic).ask("main", a_request, (10, 10), 1, account)
        await model.close()

    asyncio.run(scenario())
    assert account.waits == []
