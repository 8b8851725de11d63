"""Calls of tools: who may, what a crash leaves, further tries, time-outs, places at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.acting import after_crash, alive, ended, fault, has, killed, parked, start, until, with_crash
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from runner.engine import Engine

NOTE = "a: {tool: note, with: {text: done}}"
MODELS = "models:\n  default: {provider: scripted, replies: replies.yaml}\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house."""
    return House(tmp_path)


def ruled(house: House, *rules: str, head: str = "") -> None:
    """Write runner.yaml with these rules, and the workflow that notes a line."""
    listed = "".join(f"  - {rule}\n" for rule in rules)
    house.write("runner.yaml", MODELS + (f"permissions:\n{listed}" if rules else ""))
    house.workflow(NOTE, head=head)


async def reload(house: House, engine: Engine) -> None:
    """Adopt the files as they are now."""
    await engine.adopt(await engine.open(house.load()))


# --------------------------------------------------------------------------------------------------------- policy


@pytest.mark.parametrize(
    "rules, outcome",
    [
        (["{tool: note, action: allow}"], "ok"),
        (["{tool: note, action: deny}"], "denied"),
        (["{tool: note, action: ask}"], "asked"),
        ([], "asked"),
        (["{risk: read, action: deny}"], "asked"),
        (["{tool: note, action: allow}", "{tool: note, action: deny}"], "ok"),
        (["{risk: write, action: deny}", "{tool: note, action: allow}"], "denied"),
        (["{agent: helper, action: allow}"], "asked"),
    ],
)
def test_the_first_matching_rule_of_a_list_decides(house: House, rules: list[str], outcome: str) -> None:
    """When none matches a call that writes asks; a phase's call is no agent's."""
    ruled(house, *rules)
    run = asyncio.run(house.run())
    match outcome:
        case "ok":
            assert run.end.verdict == "pass"
        case "denied":
            assert (run.end.verdict, run.end.evidence["match"]) == ("error", "policy")
        case _:
            assert run.state.status == "waiting"
    assert house.notes() == (["done"] if outcome == "ok" else [])


def test_a_call_that_reads_is_allowed_when_no_rule_matches(house: House) -> None:
    """The intent names the default as the rule that let it run."""
    house.write("runner.yaml", MODELS)
    run = house.told("a: {tool: green}")
    assert run.of("tool.called")[0].rule == "default: risk read is allowed"


@pytest.mark.parametrize(
    "settings, workflow, agent, verdict",
    [
        ("allow", "allow", "allow", "pass"),
        ("allow", "deny", "allow", "error"),
        ("allow", "allow", "deny", "error"),
        ("deny", "allow", "allow", "error"),
        ("allow", "ask", "allow", None),
        ("ask", "allow", "deny", "error"),
    ],
)
def test_the_strictest_of_the_lists_wins(
    house: House, settings: str, workflow: str, agent: str, verdict: str | None
) -> None:
    """runner.yaml's, the workflow's and the agent's lists are read apart."""
    house.write("runner.yaml", f"{MODELS}permissions: [{{tool: note, action: {settings}}}]\n")
    permissions = "permissions: [{tool: note, action: %s}]"
    house.write("agents.d/helper.yaml", f"description: A.\nprompt: P.\ntools: [note]\n{permissions % agent}\n")
    house.write("replies.yaml", "- {calls: [{tool: note, with: {text: done}}]}\n- {text: Done.}")
    run = house.told("a: {agent: helper, message: Go.}", head=permissions % workflow)
    record = run.state.results.get("a/1/turn-1/call-1")
    if verdict is None:
        assert (record, run.state.status) == (None, "waiting")
    elif verdict == "pass":
        assert record is not None
        assert record.ok
    else:
        assert record is not None
        assert fault(record).match == "policy"
        assert "denied by" in fault(record).message


def test_a_denied_call_is_fed_back_to_the_model(house: House) -> None:
    """It reads which rule said no, and goes on."""
    house.write("runner.yaml", MODELS + "permissions: [{tool: note, action: deny}]\n")
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [note]\n")
    house.write(
        "replies.yaml",
        '- {when: {contains: "denied by runner.yaml permissions[0]"}, text: I may not.}\n'
        "- {calls: [{tool: note, with: {text: x}}]}\n",
    )
    assert house.told("a: {agent: helper, message: Go.}").end.output == "I may not."


@pytest.mark.parametrize(
    "before, after, outcome",
    [
        (["{tool: note, action: allow}"], ["{tool: note, action: deny}"], "denied"),
        (["{tool: note, action: allow}"], ["{tool: note, action: ask}"], "asked"),
        (["{tool: note, action: allow}"], [], "asked"),
        ([], ["{tool: note, action: allow}"], "asked"),
        (["{tool: note, action: deny}"], ["{tool: note, action: allow}"], "denied"),
        (["{tool: note, action: allow}"], ["{risk: write, action: allow}"], "ok"),
    ],
)
def test_a_reload_can_tighten_a_running_run_and_cannot_widen_it(
    house: House, before: list[str], after: list[str], outcome: str
) -> None:
    """A call is judged by the rules the run began with and by those in force: a dropped `allow` counts as well."""
    phases = "w: {tool: when_there, with: {file: go}}\n" + NOTE
    ruled(house, *before)
    house.workflow(phases)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            ruled(house, *after)
            house.workflow(phases)
            await reload(house, engine)
            house.write("go", "go")
            if outcome == "asked":
                assert (await parked(engine, run)).of("approval.asked")[0].reason == "policy"
            else:
                assert (await ended(engine, run)).end.verdict == ("pass" if outcome == "ok" else "error")

    asyncio.run(scene())
    assert house.notes() == (["done"] if outcome == "ok" else [])


def test_a_tool_that_is_taken_out_of_use_is_denied_to_running_runs(house: House) -> None:
    """`enabled: false` is a tightening."""
    house.workflow("w: {tool: when_there, with: {file: go}}\n" + NOTE)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            tools = (house.root / "tools.d/test.yaml").read_text()
            house.write("tools.d/test.yaml", tools.replace("  note:\n", "  note:\n    enabled: false\n"))
            house.workflow("w: {tool: green}")
            await reload(house, engine)
            house.write("go", "go")
            assert "enabled: false" in (await ended(engine, run)).end.why

    asyncio.run(scene())


def test_a_reload_that_drops_the_workflow_itself_leaves_its_running_run_its_rules(house: House) -> None:
    """Files that are gone say nothing; the run's own list still speaks for them."""
    house.write("runner.yaml", MODELS)
    house.workflow(
        "w: {tool: when_there, with: {file: go}}\n" + NOTE, head="permissions: [{tool: note, action: allow}]"
    )

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            (house.root / "workflows/job.yaml").unlink()
            await reload(house, engine)
            house.write("go", "go")
            assert (await ended(engine, run)).end.verdict == "pass"

    asyncio.run(scene())


# ---------------------------------------------------------------------------------------------------- interrupted


def test_a_call_cut_off_by_a_crash_is_done_again_when_the_file_says_so(house: House) -> None:
    """`interrupted: again`: the effect happens twice, and the journal says why."""
    with_crash(house, "again")
    house.workflow("a: {tool: crash, with: {text: done}}\nb: {tool: note, with: {text: after}}")

    run = after_crash(house)
    assert run.end.verdict == "pass"
    assert [event.decision for event in run.of("tool.interrupted")] == ["again"]
    assert [event.attempt for event in run.of("tool.called") if event.path == "a/1"] == [1, 2]
    assert house.notes() == ["done", "done", "after"]


def test_a_call_cut_off_by_a_crash_fails_when_the_file_says_so(house: House) -> None:
    """`interrupted: fail`: it is not done again, and `errors` can route it."""
    with_crash(house, "fail")
    house.workflow("a: {tool: crash, with: {text: done}, errors: [{match: tool, to: pass}]}")

    run = after_crash(house)
    assert run.end.verdict == "pass"
    assert "interrupted by a crash" in fault(run.call("a/1")).message
    assert house.notes() == ["done"]


@pytest.mark.parametrize("decision, notes", [("approve", ["done", "done"]), ("deny", ["done"])])
def test_a_call_cut_off_by_a_crash_asks_a_person(house: House, decision: str, notes: list[str]) -> None:
    """`interrupted: ask`: yes does it again without a further question, no counts as failed."""
    with_crash(house, "ask")
    house.workflow("a: {tool: crash, with: {text: done}}")

    async def scene() -> None:
        run = await killed(house)
        async with house.engine() as engine:
            question = (await parked(engine, run)).of("approval.asked")[0]
            assert (question.reason, question.arguments) == ("interrupted", {"text": "done"})
            await engine.decide(question.approval, "approve" if decision == "approve" else "deny", by="ann")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == ("pass" if decision == "approve" else "error")
            assert len(run_told.of("approval.asked")) == 1

    asyncio.run(scene())
    assert house.notes() == notes


def test_what_is_recorded_is_not_done_again_after_a_crash(house: House) -> None:
    """Everything before the crash keeps its record."""
    with_crash(house, "again")
    house.workflow(
        "a: {tool: note, with: {text: first}}\n"
        "b: {parallel: {x: {tool: note, with: {file: x, text: x}}, y: {workflow: sub}}}\n"
        "c: {tool: crash, with: {text: crashed}}"
    )
    house.workflow("n: {tool: note, with: {file: y, text: y}}", name="sub")

    assert after_crash(house).end.verdict == "pass"
    assert (house.notes(), house.notes("x"), house.notes("y")) == (["first", "crashed", "crashed"], ["x"], ["y"])


# ---------------------------------------------------------------------------------------------------------- tries


def flipping(house: House, retry: str) -> None:
    """A tool of its own that says no until the third time, and is tried again by itself."""
    text = (house.root / "tools.d/test.yaml").read_text()
    house.write(
        "tools.d/test.yaml",
        text.replace("    description: Says no until", f"    retry: {retry}\n    description: Says no until"),
    )


def test_a_phase_is_tried_again_after_a_failure(house: House) -> None:
    """Each try has a path and a record of its own; the last one counts."""
    run = house.told("a: {tool: flip, with: {file: f, after: 3}, retry: {max: 3, delay: 1ms..2ms}}")
    assert run.end.verdict == "pass"
    assert [event.path for event in run.of("tool.returned")] == ["a/1", "a/1/try-2", "a/1/try-3"]
    assert run.record("a/1").output == {"count": 3}


def test_tries_are_bounded(house: House) -> None:
    """`max` further tries, then it has failed."""
    run = house.told("a: {tool: flip, with: {file: f, after: 9}, retry: {max: 2, delay: 1ms..2ms}}")
    assert run.end.verdict == "error"
    assert len(run.of("tool.called")) == 3


def test_only_the_faults_that_are_named_are_tried_again(house: House) -> None:
    """A failure that `on` does not name stands at once, and a no is none."""
    run = house.told("a: {tool: flip, with: {file: f, after: 3}, retry: {max: 3, on: [timeout], delay: 1ms..2ms}}")
    assert len(run.of("tool.called")) == 1
    assert len(house.told("a: {tool: red, retry: {max: 3, delay: 1ms..2ms}}").of("tool.called")) == 1


def test_a_tools_own_retry_holds_for_phases_and_for_models(house: House) -> None:
    """The model reads the last try's result only."""
    flipping(house, "{max: 3, delay: 1ms..2ms}")
    assert house.told("a: {tool: flip, with: {file: f, after: 3}}").end.verdict == "pass"
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [flip]\n")
    house.write(
        "replies.yaml",
        "- {calls: [{tool: flip, with: {file: g, after: 3}}]}\n- {when: {contains: '\"count\": 3'}, text: Three.}",
    )
    run = house.told("a: {agent: helper, message: Go.}")
    assert run.end.output == "Three."
    assert [event.path for event in run.of("tool.returned")][-1] == "a/1/turn-1/call-1/try-3"


def test_a_rules_no_is_not_tried_again(house: House) -> None:
    """`any` means accidents."""
    house.write("runner.yaml", MODELS + "permissions: [{tool: green, action: deny}]\n")
    assert len(house.told("a: {tool: green, retry: {max: 3, delay: 1ms..2ms}}").of("tool.returned")) == 1


# -------------------------------------------------------------------------------------------- time-outs and places


def test_a_time_out_kills_the_process_and_is_routed(house: House) -> None:
    """The phase's timeout holds for its call; nothing of it is alive when it has failed."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until((house.root / "sleeper").exists)
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert fault(run_told.record("a/1")).match == "timeout"
            assert fault(run_told.record("a/1")).hint == "`timeout: 1s` of its tool, phase or agent may be too short"
            assert alive(run) == []

    house.workflow("a: {tool: sleeper, timeout: 1s, errors: [{match: timeout, to: pass}]}")
    asyncio.run(scene())


def test_a_tools_own_time_out_wins_over_the_class_of_an_agents_phase(house: House) -> None:
    """An agent in a deep phase does not give a quick tool ten minutes; a phase that calls the tool itself may."""
    text = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", text.replace("  nap:\n", "  nap:\n    timeout: 1s\n"))
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [nap]\n")
    house.write(
        "replies.yaml",
        "- {calls: [{tool: nap, with: {seconds: '30'}}]}\n- {when: {contains: not finished}, text: Cut.}",
    )
    assert house.told("a: {agent: helper, message: Go., timeout: deep}").end.output == "Cut."
    assert house.told('a: {tool: nap, timeout: 20s, with: {seconds: "1.1"}}').end.verdict == "pass"


def test_a_call_that_was_too_slow_for_its_class_names_it(house: House) -> None:
    """Nothing else tells which key gives it more time."""
    house.write(
        "runner.yaml", (house.root / "runner.yaml").read_text() + "timeouts: {brief: {model: 9s, tool: 200ms}}\n"
    )
    told = house.told('a: {tool: nap, timeout: brief, with: {seconds: "9"}}')
    hint = "give it a longer `timeout`, or raise `tool` of the class brief, below `timeouts` in runner.yaml"
    assert fault(told.record("a/1")).hint == hint


def test_a_tool_is_called_at_most_so_often_at_once(house: House) -> None:
    """With `concurrency: 1` the second comes in after the first has gone out."""
    text = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", text.replace("  meet:\n", "  meet:\n    concurrency: 1\n"))
    run = house.told('a: {foreach: {in: "[1, 1, 1]", concurrency: 3}, tool: meet, with: {others: "1"}}')
    assert run.end.verdict == "pass"
    assert house.notes("doors") == ["in", "out"] * 3


def test_a_call_that_waits_for_its_place_has_no_intent(house: House) -> None:
    """What has not begun is not interrupted by a crash."""
    text = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", text.replace("  sleeper:\n", "  sleeper:\n    concurrency: 1\n"))
    house.workflow("a: {parallel: {x: {tool: sleeper}, y: {tool: sleeper}}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until((house.root / "sleeper").exists)
            await has(engine, run, "branch.started", 2)
            await engine.cancel(run)
            assert len((await ended(engine, run)).of("tool.called")) == 1

    asyncio.run(scene())


def test_what_is_called_may_not_more_than_who_calls_it(house: House) -> None:
    """A workflow's rule holds in the workflows it calls."""
    house.workflow("write: {tool: note, with: {text: x}}", name="inner")
    house.workflow("sub: {workflow: inner}", head="permissions: [{tool: note, action: deny}]")
    told = asyncio.run(house.run())
    assert told.end.verdict == "error"
    assert "denied by workflows/job.yaml permissions[0]" in told.end.why
    assert house.notes() == []


def test_a_tool_whose_secret_is_missing_is_unavailable(house: House) -> None:
    """It is told by name, and the command is not run with the reference as it stands."""
    pack = """
        description: Tools with a secret.
        tools:
          show: {description: Show it., command: [printenv, TOKEN], env: {TOKEN: "${RUNNER_TEST_MISSING}"}, risk: read}
        """
    house.write("tools.d/secret.yaml", pack)
    house.workflow("show: {tool: show, errors: [{match: unavailable, to: pass}]}")
    told = asyncio.run(house.run())
    (fault,) = [event.record.error for event in told.of("tool.returned")]
    assert "RUNNER_TEST_MISSING not set" in fault.message
    assert told.end.verdict == "pass"
