"""Limits of agents, phases and workflows: each is told by its name and its holder, and the tighter one holds."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from tests.engine.acting import Clock, alive, ended, fault, has, parked, start
from tests.engine.house import House, Told
from tests.models.badserver import DONE, BadServer, Script, Step, delta

if TYPE_CHECKING:
    from pathlib import Path

LOOP = "\n".join(
    f"- {{when: {{turn: {turn}}}, calls: [{{tool: note, with: {{text: '{turn}'}}}}]}}" for turn in range(1, 9)
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose agent calls a tool in every turn."""
    house = House(tmp_path)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [note]\nlimits: {turns: 6}\n")
    house.write("replies.yaml", LOOP)
    return house


@pytest.mark.parametrize(
    "phase, workflow, turns, holder",
    [
        ("", "", 6, "agent helper in `a/1`"),
        ("limits: {turns: 3}", "", 3, "`a/1`"),
        ("", "limits: {turns: 2}", 2, "workflow job"),
        ("limits: {turns: 3}", "limits: {turns: 9}", 3, "`a/1`"),
        ("limits: {turns: 9}", "", 6, "agent helper in `a/1`"),
    ],
)
def test_the_tightest_limit_holds_and_is_named(
    house: House, phase: str, workflow: str, turns: int, holder: str
) -> None:
    """A limit further out or further in never lengthens another one."""
    more = f", {phase}" if phase else ""
    told = house.told(f"a: {{agent: helper, message: Go.{more}}}", head=workflow)
    assert len(told.of("model.requested")) == turns
    assert f"{holder} has used up its limit `turns`: {turns} of {turns} model calls" in told.end.why


def test_the_limit_of_the_run_is_not_routed_by_a_phase(house: House) -> None:
    """`errors: any` takes what the phase spent itself, not what the whole run may spend."""
    told = house.told(
        "a: {agent: helper, message: Go., errors: [{match: any, to: b}]}\nb: {tool: green}", head="limits: {turns: 2}"
    )
    assert (told.end.verdict, told.visits()) == ("error", ["a/1"])
    assert told.record("a/1").status == "cancelled"


def test_a_called_workflow_has_at_most_what_is_left(house: House) -> None:
    """Its own turns are its caller's too: the second call finds one turn left."""
    house.workflow("i: {agent: helper, message: Go.}", name="sub", head="limits: {turns: 2}")
    told = house.told(
        "a: {workflow: sub, errors: [{match: budget, to: b}]}\nb: {workflow: sub}", head="limits: {turns: 3}"
    )
    assert len(told.of("model.requested")) == 3
    assert told.end.why.startswith("workflow job has used up its limit `turns`")


def test_a_limit_of_a_block_ends_its_branches(house: House) -> None:
    """What runs beside the branch that spent it is cancelled, and nothing of it is alive."""
    house.workflow("""
    p:
      limits: {time: 1s}
      parallel: {x: {tool: nap, with: {seconds: "60"}}, y: {tool: sleeper}}
      errors: [{match: budget, to: pass}]
    """)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            told = await ended(engine, run)
            assert told.end.verdict == "pass"
            assert fault(told.record("p/1")).message == "`p/1` has used up its limit `time`: 1s of working time"
            assert {told.record("p/1/x").status, told.record("p/1/y").status} == {"cancelled"}
            assert alive(run) == []

    asyncio.run(scene())


def test_a_model_call_that_a_limit_cuts_short_is_told_as_that_limit(house: House) -> None:
    """The server says nothing; the call's own time-out would have been five minutes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        house.write("runner.yaml", f"models: {{default: {{provider: openai, model: x, key: none, base_url: '{url}'}}}}")
        told = house.told("a: {agent: helper, message: Go.}", head="limits: {time: 1s}")
    assert (told.end.verdict, told.end.limit) == ("error", "time")
    assert told.of("model.requested")[0].why == "what the limits leave"


def test_a_wait_that_limits_do_not_leave_is_not_begun(house: House) -> None:
    """The server asks for twelve seconds: its words are told at once, not two seconds later that the time is up."""

    async def scene() -> Told:
        busy = Script([b"{}"], status="429 Too Many Requests", headers="retry-after: 12\r\n")
        async with BadServer(busy) as server, asyncio.timeout(10):
            model = f"{{provider: vllm, model: x, base_url: '{server.url}'}}"
            house.write("runner.yaml", f"models: {{default: {model}}}")
            house.workflow("a: {agent: helper, message: Go.}", head="limits: {time: 2s, deadline: 3s}")
            return await house.run()

    told = asyncio.run(scene())
    assert told.end.verdict == "error"
    assert "429 Too Many Requests" in fault(told.record("a/1")).message


def test_a_wait_for_a_place_is_told_and_ends_with_the_limit(house: House) -> None:
    """The one before is answered by nobody: who waits behind it has its own time."""

    async def scene() -> Told:
        async with BadServer(Script([Step.STALL])) as server, asyncio.timeout(10):
            model = f"{{provider: vllm, model: x, base_url: '{server.url}', concurrency: 1}}"
            house.write("runner.yaml", f"models: {{default: {model}}}")
            house.workflow("""
            p:
              parallel:
                first: {agent: helper, message: Go., limits: {time: 2s}}
                second: {agent: helper, message: Go., limits: {time: 1s}}
            """)
            return await house.run()

    told = asyncio.run(scene())
    assert [event.why for event in told.of("model.held")] == ["its places are taken (`concurrency: 1`)"]
    assert [event.path for event in told.of("model.requested")] == ["p/1/first/turn-1"]
    assert "has used up its limit `time`: 1s" in fault(told.record("p/1/second")).message


@pytest.mark.parametrize(
    "agent, phase, settings, hint",
    [
        (
            "100ms",
            "",
            "",
            "`timeout: 100ms` of agents.d/helper.yaml is all that it gets: write a longer one",
        ),
        (
            "deep",
            "100ms",
            "",
            "`timeout: 100ms` of phase a of workflows/job.yaml is all that it gets: write a longer one",
        ),
        (
            "brief",
            "",
            "timeouts: {brief: {model: 50ms..100ms, tool: 1s}}",
            "`timeouts.brief.model` of runner.yaml is 50ms..100ms: a longer one gives it more time",
        ),
    ],
)
def test_a_model_call_that_takes_too_long_says_where_its_time_is_written(
    house: House, agent: str, phase: str, settings: str, hint: str
) -> None:
    """The file and the key, whoever set it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        models = f"models: {{default: {{provider: openai, model: x, key: none, base_url: '{url}'}}}}\n{settings}\n"
        house.write("runner.yaml", models)
        house.write("agents.d/helper.yaml", f"description: Helps.\nprompt: Help.\ntimeout: {agent}\n")
        own = f", timeout: {phase}" if phase else ""
        told = house.told(f"a: {{agent: helper, message: Go.{own}}}")
    failure = fault(told.record("a/1"))
    assert (failure.match, failure.hint) == ("timeout", hint)


@pytest.mark.parametrize(
    "phase, workflow, hint",
    [
        ("", "", "`limits: {turns: …}` of agents.d/helper.yaml raises it"),
        (", limits: {turns: 3}", "", "`limits: {turns: …}` of phase a of workflows/job.yaml raises it"),
        ("", "limits: {turns: 2}", "`limits: {turns: …}` of workflows/job.yaml raises it"),
    ],
)
def test_a_limit_that_is_used_up_says_where_it_is_written(house: House, phase: str, workflow: str, hint: str) -> None:
    """The run's evidence holds it, so that all who show the run do, too."""
    told = house.told(f"a: {{agent: helper, message: Go.{phase}}}", head=workflow)
    assert told.end.evidence["hint"] == hint


def test_a_phases_deadline_ends_its_question(tmp_path: Path) -> None:
    """The phase's limit comes before the question's own day, and is routed as budget."""
    house, clock = House(tmp_path), Clock()
    house.workflow("a: {approval: {ask: Go?}, limits: {deadline: 1h}, errors: [{match: budget, to: pass}]}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await parked(engine, run)
            clock.turn(3600)
            told = await ended(engine, run)
            assert (told.end.verdict, told.end.limit) == ("pass", "")
            assert [row.status for row in engine.store.approvals(run=run, open_only=False)] == ["void"]

    asyncio.run(scene())


def test_an_agents_limits_count_for_each_visit(house: House) -> None:
    """The second visit has its turns anew."""
    told = house.told(
        """
        a: {agent: helper, message: Go., errors: [{match: budget, to: b}]}
        b: {agent: helper, message: Go., errors: [{match: budget, to: pass}]}
        """
    )
    assert told.end.verdict == "pass"
    assert len(told.of("model.requested")) == 12


def test_limits_are_counted_on_across_a_restart(house: House) -> None:
    """Turns taken before the stop are taken."""
    house.write("replies.yaml", LOOP.replace("tool: note, with: {text: '3'}", "tool: when_there, with: {file: go}"))
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [note, when_there]\nlimits: {turns: 5}\n")
    house.workflow("a: {agent: helper, message: Go.}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called", 3)
        house.write("go", "go")
        async with house.engine() as engine:
            told = await ended(engine, run)
            assert told.state.spent[""].turns == 5
            assert "`turns`: 5 of 5" in told.end.why

    asyncio.run(scene())
    assert house.notes() == ["1", "2", "4", "5"]


def test_tokens_that_no_server_counts_are_limited_by_an_estimate(house: House) -> None:
    """An answer without usage takes what it seems to have taken, and its event says that this is an estimate."""

    async def scenario() -> None:
        async with BadServer(Script([delta(content="Some eight words that came."), delta("stop"), DONE])) as server:
            served = f'models: {{default: {{provider: vllm, model: m, base_url: "{server.url}"}}}}\n'
            house.write("runner.yaml", served)
            told = await house.run()
            (replied,) = told.of("model.replied")
            assert (replied.usage.output, replied.is_estimated) == (7, True)
            assert replied.usage.input > 0
            assert told.end.verdict == "error"
            assert "workflow job has used up its limit `tokens`" in told.end.why

    phases = "\n".join(f"{name}: {{agent: helper, message: Go.}}" for name in "abcdefgh")
    house.workflow(phases, head="limits: {tokens: 7}")
    asyncio.run(scenario())
