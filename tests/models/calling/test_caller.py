"""A model call as an agent means it: attempts, waits and fallbacks, on real connections."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import BudgetSpent, ModelFailed
from runner.models import ServedModel, open_model
from runner.models.calling import Caller, Closed, Mind, Outcome
from runner.models.calling.breaker import TRIPS
from runner.models.calling.endpoints import Endpoint
from tests.models.account import Account
from tests.models.badserver import DONE, BadServer, Script, Step, delta

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models.calling import Attempt
    from runner.models.port import OnDelta, Request

HELLO = Script([delta(content="Hel"), delta(content="lo"), delta("stop"), DONE])
EMPTY = Script([delta("stop"), DONE])
BUSY = Script([b"{}"], status="503 Service Unavailable")
CUT = Script([delta(content="Hal"), Step.CUT])
SILENT = Script([Step.STALL])
NO_KEY = Script([b"{}"], status="401 Unauthorized")
LATER = Script([b"{}"], status="429 Too Many Requests", headers="retry-after-ms: 20\r\n")
MUCH_LATER = Script([b"{}"], status="429 Too Many Requests", headers="retry-after: 3600\r\n")
IN_SECONDS = Script([b"{}"], status="429 Too Many Requests", headers="retry-after: 5\r\n")


@dataclass
class Told:
    """How a call went."""

    outcome: Outcome | None
    fault: ModelFailed | None
    account: Account
    minds: dict[str, Mind]
    servers: list[BadServer]


@pytest.fixture
def call(a_request: Request) -> Callable[..., Told]:
    """Call `main`, whose fallback is `spare`, each behind a server that answers by its scripts."""

    def call(main: list[Script], spare: list[Script] | None = None, *, times: int = 1, **more: Any) -> Told:
        account = Account(more.get("left"))
        bounds = more.get("bounds", (10.0, 10.0))

        async def scenario() -> Told:
            async with AsyncExitStack() as stack:
                servers = [await stack.enter_async_context(BadServer(*scripts)) for scripts in (main, spare) if scripts]
                names = ["main", "spare"][: len(servers)]
                minds = {name: _mind(name, server) for name, server in zip(names, servers, strict=True)}
                minds["main"].fallback = tuple(names[1:])
                for mind in minds.values():
                    stack.push_async_callback(mind.model.close)
                caller = Caller(minds, {}, clock=time.monotonic, scale=0.01)
                told = Told(None, None, account, minds, servers)
                for _ in range(times):
                    try:
                        told.outcome = await caller.ask("main", a_request, bounds, 10, account)
                    except ModelFailed as fault:
                        told.fault = fault
                return told

        return asyncio.run(scenario())

    return call


def _mind(name: str, server: BadServer) -> Mind:
    spec = ServedModel.model_validate({"provider": "vllm", "model": "tiny", "base_url": server.url})
    model = open_model(name, spec, key=None, replies=None)
    return Mind(name, f"vllm:{name}", model, Endpoint(server.url, time.monotonic))


@pytest.mark.parametrize("trouble", [BUSY, CUT, EMPTY, LATER], ids=["busy", "cut", "empty", "later"])
def test_a_passing_trouble_is_asked_again(call: Callable[..., Told], trouble: Script) -> None:
    """The same model answers at its second attempt, and readers are told which attempt each word is of."""
    told = call([trouble, HELLO])
    assert told.outcome is not None
    assert told.outcome.reply.text == "Hello"
    assert told.outcome.attempt.number == 2
    assert [text for number, text in told.account.heard if number == 2] == ["Hel", "lo"]
    assert told.account.lines[0] == "1 main"
    assert told.account.lines[1].endswith("then main")


def test_a_silent_server_is_a_time_out_and_asked_again(call: Callable[..., Told]) -> None:
    """By the deadline of the files."""
    told = call([SILENT, HELLO], bounds=(0.1, 0.1))
    assert told.account.lines == ["1 main", "1 first then main", "2 main"]


def test_after_three_attempts_the_fallback_is_asked(call: Callable[..., Told]) -> None:
    """It has attempts of its own."""
    told = call([BUSY], [CUT, HELLO])
    assert told.outcome is not None
    assert told.outcome.attempt.mind.name == "spare"
    assert told.account.lines[5:] == ["3 overloaded then spare", "4 spare", "4 reset then spare", "5 spare"]


def test_a_refused_key_goes_to_the_fallback_at_once_and_stays_there(call: Callable[..., Told]) -> None:
    """Asking again would not mend it; the next call asks the fallback first."""
    told = call([NO_KEY, HELLO], [HELLO], times=2)
    assert told.account.lines == ["1 main", "1 key then spare", "2 spare", "1 spare"]


def test_who_asks_for_an_hour_is_not_waited_for(call: Callable[..., Told]) -> None:
    """The fallback answers, and the server is left alone."""
    told = call([MUCH_LATER], [HELLO], times=2)
    assert told.account.lines == ["1 main", "1 limited then spare", "2 spare", "1 spare"]
    assert len(told.servers[0].bodies) == 1


def test_a_wait_of_seconds_is_not_sat_out_with_a_fallback_left(call: Callable[..., Told]) -> None:
    """The first call does as the next one would: it asks the fallback at once."""
    told = call([IN_SECONDS], [HELLO])
    assert told.account.lines == ["1 main", "1 limited then spare", "2 spare"]
    assert told.account.waits == []


def test_a_limit_of_one_model_holds_no_other_on_the_same_server(a_request: Request) -> None:
    """The fallback is asked at once, and so is the same model with another key."""
    account = Account()

    async def scenario() -> str:
        async with BadServer(IN_SECONDS, HELLO) as server:
            minds = {name: _mind(name, server) for name in ("main", "spare")}
            minds["spare"].endpoint, minds["main"].fallback = minds["main"].endpoint, ("spare",)
            outcome = await Caller(minds, {}, clock=time.monotonic).ask("main", a_request, (10, 10), 1, account)
            for mind in minds.values():
                await mind.model.close()
            return outcome.reply.text

    assert asyncio.run(scenario()) == "Hello"
    assert account.lines == ["1 main", "1 limited then spare", "2 spare"]
    assert account.waits == []


def test_an_answer_that_never_comes_is_a_failure_of_its_own_kind(call: Callable[..., Told]) -> None:
    """Empty stays empty, and is never an answer."""
    told = call([EMPTY])
    assert told.outcome is None
    assert told.fault is not None
    assert told.fault.trouble == "empty"
    assert told.fault.message == "model main: the answer is empty: neither words nor calls (3 attempts)"


def test_a_server_that_fails_in_a_row_is_passed_over(call: Callable[..., Told]) -> None:
    """Once its breaker is open the fallback is asked without an attempt at it."""
    told = call([BUSY], [HELLO], times=3)
    assert told.minds["main"].endpoint.breaker.opened == 1
    assert len(told.servers[0].bodies) == TRIPS
    assert told.account.lines[-1] == "1 spare"


def test_limits_bound_each_attempt(call: Callable[..., Told]) -> None:
    """What they leave is the attempt's time."""
    told = call([SILENT], left=0.1)
    assert told.fault is not None
    assert told.fault.match == "timeout"


def test_limits_that_are_used_up_end_the_call(a_request: Request, call: Callable[..., Told]) -> None:
    """Nothing is asked any more."""
    with pytest.raises(BudgetSpent):
        call([HELLO], left=0.0)


def test_a_call_that_is_given_up_leaves_the_way_free(a_request: Request) -> None:
    """A cancelled try of an open breaker does not keep the others waiting."""

    async def scenario() -> None:
        async with BadServer(SILENT) as server:
            mind = _mind("main", server)
            mind.endpoint.breaker.opened = 1
            caller = Caller({"main": mind}, {}, clock=time.monotonic)
            task = asyncio.create_task(caller.ask("main", a_request, (10, 10), 1, Account()))
            await server.asked.acquire()
            assert mind.endpoint.wait()[0] > 0
            task.cancel()
            await asyncio.wait([task])
            assert mind.endpoint.wait()[0] == 0
            await mind.model.close()

    asyncio.run(scenario())


def test_a_fault_of_ours_leaves_the_way_free(a_request: Request) -> None:
    """A try of an open breaker that ends in any other fault does not keep the others waiting for ever."""

    class Full(Account):
        def listen(self, attempt: Attempt) -> OnDelta:
            def write(kind: str, text: str) -> None:
                raise OSError(f"no space left for {kind} {text} of attempt {attempt.number}")

            return write

    async def scenario() -> None:
        async with BadServer(HELLO) as server:
            mind = _mind("main", server)
            mind.endpoint.breaker.opened = 1
            with pytest.raises(OSError, match="no space"):
                await Caller({"main": mind}, {}, clock=time.monotonic).ask("main", a_request, (10, 10), 1, Full())
            assert mind.endpoint.wait()[0] == 0
            await mind.model.close()

    asyncio.run(scenario())


def test_slots_bound_the_calls_at_once(a_request: Request) -> None:
    """A small machine answers one after the other."""

    async def scenario() -> None:
        async with BadServer(HELLO) as server:
            mind = _mind("main", server)
            mind.endpoint.slots = asyncio.Semaphore(1)
            caller = Caller({"main": mind}, {}, clock=time.monotonic)
            calls = [caller.ask("main", a_request, (10, 10), 1, Account()) for _ in range(5)]
            assert {outcome.reply.text for outcome in await asyncio.gather(*calls)} == {"Hello"}
            assert server.connections == 1
            await mind.model.close()

    asyncio.run(scenario())


def test_a_model_that_is_not_open_says_why() -> None:
    """Its key is missing, for instance; so does each of its fallbacks."""
    closed = {name: Closed(name, "http://h", f"KEY_{name} not set", ("spare",)) for name in ("main", "spare")}
    told = "model main is unavailable: KEY_main not set; model spare is unavailable: KEY_spare not set"
    with pytest.raises(ModelFailed, match=f"^{told}$"):
        Caller({}, closed, clock=time.monotonic).chain("main")
    with pytest.raises(ModelFailed, match="there is no model other"):
        Caller({}, closed, clock=time.monotonic).chain("other")
