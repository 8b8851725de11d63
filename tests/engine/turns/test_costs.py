"""Limits of money: set aside before a call, settled after it, and no run, branch or restart gets round them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine import Engine, Start
from runner.errors import ModelFailed
from runner.models.port import Reply
from runner.models.pricing import MOST_OUTPUT
from runner.runs.events import Usage
from runner.runs.owners import Owner
from runner.runs.store import Store
from tests.engine.acting import Clock, after_crash, ended, fault, start, until, with_crash
from tests.engine.house import House
from tests.models.badserver import DONE, BadServer, Script, Step, delta, event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.models.port import Model, OnDelta, Request
    from tests.engine.house import Told

ANSWER = 1000
"""Millionths of a dollar that the answer `Done.`, one token, costs."""
HELD = 10_000
"""Millionths that are set aside for an answer of up to ten tokens."""
PRICED = """
models:
  default: {provider: scripted, replies: replies.yaml, price: {input: 0, output: 1000}}
permissions:
  - {tool: "test/*", action: allow}
"""
SERVED = """
models:
  default: {provider: vllm, model: m, base_url: "URL", price: {input: 0, output: 1000}}
permissions:
  - {tool: "test/*", action: allow}
"""
AGENT = "description: A.\nprompt: P.\nsampling: {max_tokens: 10}\n"
THREE = """
a: {agent: helper, message: Go.}
b: {agent: helper, message: Go.}
c: {agent: helper, message: Go.}
"""
COUNTED = event({"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 5}})
WHOLE: list[bytes | Step] = [delta(content="Yes."), delta("stop"), COUNTED, DONE]
LATE: list[bytes | Step] = [Step.PAUSE, Step.PAUSE, Step.PAUSE, *WHOLE]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose model takes a thousandth of a dollar for a token that it writes."""
    house = House(tmp_path)
    house.write("runner.yaml", PRICED)
    house.write("agents.d/helper.yaml", AGENT)
    return house


def limited(house: House, limits: str, runner: str = PRICED) -> None:
    """Give the house limits in runner.yaml."""
    house.write("runner.yaml", f"{runner}limits: {limits}\n")


def served(house: House, server: BadServer, limits: str = "") -> None:
    """Have the house ask a server, which costs the same."""
    house.write("runner.yaml", SERVED.replace("URL", server.url) + (f"limits: {limits}\n" if limits else ""))


def test_what_a_run_cost_is_in_its_journal_its_row_and_its_end(house: House) -> None:
    """And nothing is set aside where no limit holds."""

    async def scenario() -> None:
        async with house.engine() as engine:
            told = await ended(engine, run := await start(engine))
            assert [event.cost_micros for event in told.of("model.replied")] == [ANSWER] * 3
            assert [event.reserved_micros for event in told.of("model.requested")] == [0] * 3
            assert (told.end.cost_micros, told.end.unpriced) == (3 * ANSWER, 0)
            assert engine.store.find(run).cost_micros == 3 * ANSWER

    house.workflow(THREE)
    asyncio.run(scenario())


@pytest.mark.parametrize(
    "agent, phase, workflow, owner",
    [
        ("", "", "limits: {cost_usd: 0.011}", "workflow job"),
        ("", "limits: {cost_usd: 0.009}", "", "`a/1`"),
        ("limits: {cost_usd: 0.009}", "", "", "agent helper in `a/1`"),
        ("limits: {cost_usd: 0.009}", "limits: {cost_usd: 0.008}", "", "agent helper in `a/1`"),
    ],
)
def test_a_limit_stops_the_call_that_it_may_not_pay(
    house: House, agent: str, phase: str, workflow: str, owner: str
) -> None:
    """With match `budget`, whose limit it is, what is spent of it, and what the call may cost."""
    house.write("agents.d/helper.yaml", AGENT + (f"{agent}\n" if agent else ""))
    more = f", {phase}" if phase else ""
    phases = "\n".join(f"{name}: {{agent: helper, message: Go.{more}}}" for name in "abc")
    told = house.told(phases, head=workflow)
    asked = 2 if workflow else 0
    assert len(told.of("model.requested")) == asked
    assert f"{owner} has too little left of its limit `cost_usd`: " in told.end.why
    if workflow:
        assert "$0.002 of $0.011 are spent, and the next call of default may cost $0.01" in told.end.why
        place = "`limits: {cost_usd: …}` of workflows/job.yaml raises it; "
        assert told.end.evidence["hint"].startswith(place)
    assert told.end.verdict == "error"


def test_a_phase_whose_money_is_spent_may_go_another_way(house: House) -> None:
    """It failed with `budget`, as with any other limit of its own."""
    told = house.told(
        "a: {agent: helper, message: Go., limits: {cost_usd: 0.001}, errors: [{match: budget, to: b}]}\n"
        "b: {tool: green}"
    )
    assert (told.end.verdict, told.visits()) == ("pass", ["a/1", "b/1"])
    assert fault(told.record("a/1")).match == "budget"
    assert "`sampling.max_tokens` of the agent makes that less" in fault(told.record("a/1")).hint


def test_no_call_may_cost_more_than_its_limit(house: House) -> None:
    """The limit of a call is a failure of its phase."""
    limited(house, "{cost_usd_per_call: 0.0099}")
    told = house.told("a: {agent: helper, message: Go., errors: [{match: budget, to: b}]}\nb: {tool: green}")
    assert told.visits() == ["a/1", "b/1"]
    assert fault(told.record("a/1")).message == (
        "the next call of default may cost $0.01, and the limit `limits.cost_usd_per_call` is $0.0099"
    )


def test_no_run_may_cost_more_than_its_limit(house: House) -> None:
    """It ends the run, whatever its phases would make of a failure."""
    limited(house, "{cost_usd_per_run: 0.0115}")
    told = house.told(THREE.replace("Go.}", "Go., errors: [{match: any, to: pass}]}"))
    assert told.end.verdict == "error"
    assert "the run has too little left of its limit `limits.cost_usd_per_run`: $0.002 of $0.0115" in told.end.why
    assert told.end.evidence["hint"].startswith(
        "`limits: {cost_usd_per_run: …}` of runner.yaml raises it; the call may"
    )


def test_branches_side_by_side_cannot_spend_the_same_money(house: House) -> None:
    """What may yet be spent counts as spent: of five calls at once three are made, and the fourth ends the block."""

    async def scenario() -> None:
        async with BadServer(Script(LATE)) as server:
            served(house, server)
            told = await house.run()
            assert len(told.of("model.requested")) == 3
            assert fault(told.record("all/1")).match == "budget"
            assert "$0.03 of $0.039 are spent" in fault(told.record("all/1")).message
            assert told.state.spent["all/1"].held == 0
            assert told.end.cost_micros <= 39_000

    branches = ", ".join(f"{name}: {{agent: helper, message: Go.}}" for name in "abcde")
    house.workflow(f"all: {{parallel: {{{branches}}}, limits: {{cost_usd: 0.039}}}}")
    asyncio.run(scenario())


def test_an_answer_has_no_more_tokens_than_are_paid_for(house: House) -> None:
    """Where a limit holds, the bound of an answer is sent; where none does, nobody bounds it."""

    async def scenario(limits: str) -> Sequence[Any]:
        async with BadServer(Script(WHOLE)) as server:
            served(house, server, limits)
            await house.run()
            return [body.get("max_tokens") for body in server.bodies]

    house.workflow("a: {agent: helper, message: Go.}")
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\n")
    assert asyncio.run(scenario("{cost_usd_per_run: 20}")) == [MOST_OUTPUT]
    assert asyncio.run(scenario("")) == [None]
    house.write("agents.d/helper.yaml", AGENT)
    assert asyncio.run(scenario("{cost_usd_per_run: 20}")) == [10]


def test_what_costs_nothing_goes_on_when_all_money_is_spent(house: House) -> None:
    """A model of this machine needs none, and its answers have no bound."""
    limited(
        house, "{cost_usd_per_run: 0, cost_usd_per_day: 0}", PRICED.replace(", price: {input: 0, output: 1000}", "")
    )
    told = house.told(THREE)
    assert (told.end.verdict, told.end.cost_micros) == ("pass", 0)


def test_an_attempt_that_breaks_off_costs_what_it_is_known_to_have_taken(house: House) -> None:
    """The words that came are counted, nearly; the next attempt costs its own."""

    async def scenario() -> None:
        cut: list[bytes | Step] = [delta(content="Some eight words that came."), Step.CUT]
        async with BadServer(Script(cut), Script(WHOLE)) as server:
            served(house, server, "{cost_usd_per_run: 20}")
            told = await house.run()
            (failed,), (replied,) = told.of("model.failed"), told.of("model.replied")
            assert (failed.usage.output, failed.cost_micros) == (7, 7 * ANSWER)
            assert failed.usage.input > 0
            assert told.end.cost_micros == failed.cost_micros + replied.cost_micros
            assert told.state.spent[""].held == 0

    house.workflow("a: {agent: helper, message: Go.}")
    asyncio.run(scenario())


def test_an_answer_whose_tokens_nobody_counted_costs_an_estimate(house: House) -> None:
    """A server that leaves out the usage is paid all the same."""

    async def scenario() -> None:
        async with BadServer(Script([delta(content="Some eight words that came."), delta("stop"), DONE])) as server:
            served(house, server)
            assert (await house.run()).end.cost_micros == 7 * ANSWER

    house.workflow("a: {agent: helper, message: Go.}")
    asyncio.run(scenario())


def test_a_call_that_nobody_waits_for_any_more_is_settled(house: House) -> None:
    """The branch that comes first ends the other in the middle of its answer."""

    async def scenario() -> None:
        async with BadServer(Script([delta(content="word " * 8), Step.STALL])) as server:
            served(house, server, "{cost_usd_per_run: 20}")
            told = await house.run()
            (dropped,) = told.of("model.failed")
            assert (dropped.trouble, dropped.cost_micros) == ("interrupted", 10 * ANSWER)
            assert told.state.spent[""].held == 0
            assert told.end.verdict == "pass"

    house.workflow(
        "a: {parallel: {ask: {agent: helper, message: Go.}, nap: {tool: nap, with: {seconds: '0.3'}}}, join: any}"
    )
    asyncio.run(scenario())


def test_what_was_spent_before_a_crash_is_spent_after_it(house: House) -> None:
    """The journal remembers: the third call finds no money, in whatever process it is made."""
    with_crash(house, "again")
    house.workflow(
        "a: {agent: helper, message: Go.}\nx: {tool: crash, with: {text: x}}\n"
        "b: {agent: helper, message: Go.}\nc: {agent: helper, message: Go.}",
        head="limits: {cost_usd: 0.0115}",
    )

    run = after_crash(house)
    assert len(run.of("model.replied")) == 2
    assert "workflow job has too little left of its limit `cost_usd`: $0.002 of $0.0115" in run.end.why


def test_the_day_has_a_limit_for_all_runs_that_outlives_the_process(house: House) -> None:
    """Each run here costs a thousandth; the money of the day is enough for two of them."""
    limited(house, "{cost_usd_per_day: 0.0115}")
    house.workflow("a: {agent: helper, message: Go.}")
    told = [asyncio.run(house.run()) for _ in range(3)]
    assert [one.end.verdict for one in told] == ["pass", "pass", "error"]
    assert "the day has too little left of its limit `limits.cost_usd_per_day`: $0.002 of $0.0115" in told[-1].end.why


def test_runs_at_the_same_time_share_the_money_of_the_day(house: House) -> None:
    """What one has set aside, another cannot set aside too."""

    async def scenario() -> None:
        async with BadServer(Script(LATE)) as server:
            served(house, server, "{cost_usd_per_day: 0.025}")
            async with house.engine() as engine:
                runs = [await start(engine) for _ in range(4)]
                verdicts = [(await ended(engine, run)).end.verdict for run in runs]
                assert sorted(verdicts) == ["error", "error", "pass", "pass"]
                assert len(server.bodies) == 2

    house.workflow("a: {agent: helper, message: Go.}")
    asyncio.run(scenario())


def test_a_new_day_has_its_money_again(house: House) -> None:
    """Days begin at midnight of this machine."""
    limited(house, "{cost_usd_per_day: 0.0105}")
    house.workflow("a: {agent: helper, message: Go.}")
    clock = Clock()

    async def scenario() -> None:
        async with house.engine(clock=clock) as engine:
            verdicts = []
            for hours in (0, 0, 25, 0):
                clock.turn(hours * 3600)
                verdicts.append((await ended(engine, await start(engine))).end.verdict)
            assert verdicts == ["pass", "error", "pass", "error"]

    asyncio.run(scenario())


def test_each_user_has_a_limit_of_a_day(house: House) -> None:
    """What one has spent, another has not."""
    limited(house, "{cost_usd_per_user_per_day: 0.0105}")
    house.workflow("a: {agent: helper, message: Go.}")

    async def scenario() -> None:
        async with house.engine() as engine:
            said = {}
            for user in ("ann", "bob", "ann"):
                run = await engine.submit(Start("job", {}, by=user))
                said[user] = (await ended(engine, run)).end
            assert said["bob"].verdict == "pass"
            assert (
                "the day of ann has too little left of its limit `limits.cost_usd_per_user_per_day`" in said["ann"].why
            )

    asyncio.run(scenario())


class Server:
    """Stands in place of a server elsewhere; its answers have a hundred tokens, and it may tell what they cost."""

    is_replay = False

    def __init__(self, cost: float | None) -> None:
        self.cost = cost

    def around(self, _name: str, _served: str, _opened: Callable[[], Model]) -> Model:
        """Itself, whatever model is opened."""
        return self

    async def reply(self, _request: Request, _on_delta: OnDelta) -> Reply:
        """An answer."""
        return Reply("Done.", [], Usage(input=80, output=20, cost=self.cost), "stop")

    async def close(self) -> None:
        """Nothing is open."""


async def twice(house: House, server: Server) -> list[Told]:
    """What two runs tell that ask a server."""
    store = Store.open(house.root / ".runner")
    owner = Owner.acquire(store.folder)
    engine = Engine(store, owner, tape=server)
    try:
        await engine.start()
        await engine.adopt(await engine.open(house.load()))
        return [await ended(engine, await start(engine)) for _ in range(2)]
    finally:
        await engine.close(grace=5)
        owner.release()
        store.close()


def test_where_only_the_server_tells_calls_are_taken_to_be_as_dear_as_before(house: House) -> None:
    """The first one has nothing set aside; those of the next run a hundredth of a cent for each token."""
    limited(house, "{cost_usd_per_day: 0.5}", "models: {default: {provider: openrouter, model: of/no, key: none}}\n")
    house.workflow("a: {agent: helper, message: Go.}\nb: {agent: helper, message: Go.}")
    first, second = asyncio.run(twice(house, Server(0.01)))
    assert first.of("model.requested")[0].reserved_micros == 0
    assert [event.reserved_micros for event in second.of("model.requested")] == [
        100 * (event.tokens + 10) for event in second.of("model.requested")
    ]
    assert (first.end.cost_micros, second.end.cost_micros) == (20_000, 20_000)


class Breaking(Server):
    """Tells what its first two answers cost; each later one breaks off after some words."""

    def __init__(self) -> None:
        super().__init__(0.01)
        self.asked = 0

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """An answer, or the beginning of one."""
        self.asked += 1
        if self.asked <= 2:
            return await super().reply(request, on_delta)
        on_delta("text", "Some words")
        raise ModelFailed("it broke off", trouble="refused")


def test_an_answer_that_breaks_off_where_only_the_server_tells_costs_what_was_set_aside(house: House) -> None:
    """Nobody will ever tell, and it was hardly free."""
    limited(house, "{cost_usd_per_day: 0.5}", "models: {default: {provider: openrouter, model: of/no, key: none}}\n")
    house.workflow("a: {agent: helper, message: Go.}\nb: {agent: helper, message: Go.}")
    _, second = asyncio.run(twice(house, Breaking()))
    (asked,), (failed,) = second.of("model.requested"), second.of("model.failed")
    assert failed.usage.total > 0
    assert failed.cost_micros == asked.reserved_micros > 0
    assert (second.end.cost_micros, second.end.unpriced) == (asked.reserved_micros, 0)
    assert second.state.spent[""].held == 0


def test_what_was_set_aside_for_one_call_makes_the_next_no_dearer(house: House) -> None:
    """It is no price that anybody told: calls that break off one after the other have the same set aside."""

    async def scenario() -> list[int]:
        told = [*await twice(house, server := Breaking()), *await twice(house, server)]
        return [one.of("model.requested")[0].reserved_micros for one in told[1:]]

    limited(house, "{cost_usd_per_day: 5}", "models: {default: {provider: openrouter, model: of/no, key: none}}\n")
    house.workflow("a: {agent: helper, message: Go.}\nb: {agent: helper, message: Go.}")
    assert len({*asyncio.run(scenario())}) == 1


def test_calls_of_unknown_price_are_counted_apart(house: House) -> None:
    """A sum that leaves them out says so; without a limit they are no problem."""
    house.write("runner.yaml", "models: {default: {provider: vllm, model: m, base_url: 'http://10.0.0.1/v1'}}\n")
    house.workflow("a: {agent: helper, message: Go.}\nb: {agent: helper, message: Go.}")
    for told in asyncio.run(twice(house, Server(None))):
        assert [event.cost_micros for event in told.of("model.replied")] == [None, None]
        assert (told.end.verdict, told.end.cost_micros, told.end.unpriced) == ("pass", 0, 2)


def test_a_limit_that_comes_later_holds_for_runs_that_go_on(house: House) -> None:
    """Files may always be made stricter; a model whose price nobody knows is then not asked any more."""

    async def scenario() -> None:
        async with BadServer(Script(WHOLE)) as server:
            unpriced = SERVED.replace("URL", server.url.replace("127.0.0.1", "10.255.255.1")).replace(
                ", price: {input: 0, output: 1000}", ""
            )
            house.write("runner.yaml", unpriced)
            async with house.engine() as engine:
                run = await start(engine)
                await until((house.root / "sleeper").exists)
                limited(house, "{cost_usd_per_day: 1}")
                await engine.adopt(await engine.open(house.load()))
                (house.root / "go").write_text("now")
                told = await ended(engine, run)
            assert (
                "nobody knows what default costs, and the limit `limits.cost_usd_per_day` holds for it" in told.end.why
            )
            assert not server.bodies

    house.workflow(
        "s: {tool: note, with: {file: sleeper, text: x}}\nw: {tool: when_there, with: {file: go}}\n"
        "a: {agent: helper, message: Go.}"
    )
    asyncio.run(scenario())
