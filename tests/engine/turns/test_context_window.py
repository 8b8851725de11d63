"""Conversations that are too long for their model, on real connections: shortened, told, the same after a restart."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.acting import ended, start
from tests.engine.house import Told
from tests.models.badserver import DONE, BadServer, Script, delta, event

if TYPE_CHECKING:
    from tests.engine.house import House

RUNNER = """
models:
  default: {{provider: vllm, model: any, base_url: "{url}"{more}}}
permissions:
  - {{tool: test/gate, action: ask}}
  - {{tool: "test/*", action: allow}}
"""
TOOLS = """
description: Tools of the tests.
tools:
  long:
    description: Says much.
    command:
      - sh
      - -c
      - 'printf "begin %s " "$1"; head -c "$2" /dev/zero | tr "\\0" x; printf " end"'
      - sh
      - "{{ n }}"
      - "{{ size }}"
    params: {n: int, size: int}
    risk: read
  gate:
    description: A person is asked.
    command: ["true"]
    risk: read
"""
JOB = "work: {agent: helper, message: Look at all of them.}"
SUMMARY = Script([delta(content="Looked at the first ones."), delta("stop"), DONE])
ANSWER = Script([delta(content="Done."), delta("stop"), DONE])


def look(number: int, size: int = 6000, words: str = "") -> Script:
    """The model calls the tool."""
    function = {"name": "long", "arguments": json.dumps({"n": number, "size": size})}
    call = {"index": 0, "id": f"call{number:05}", "type": "function", "function": function}
    return Script([delta(content=words, tool_calls=[call]), delta("tool_calls"), DONE])


def refused(words: str) -> Script:
    """The server says that it is too long."""
    body = json.dumps({"error": {"message": words, "code": 400}}).encode()
    return Script([body], status="400 Bad Request", kind="application/json")


def told(house: House, *scripts: Script, more: str = "", agent: str = "") -> tuple[Told, BadServer]:
    """What a run tells whose model answers by these scripts."""

    async def scenario() -> tuple[Told, BadServer]:
        async with BadServer(*scripts) as server:
            write(house, server.url, more, agent)
            return await house.run(), server

    return asyncio.run(scenario())


def write(house: House, url: str, more: str = "", agent: str = "") -> None:
    """The project: one agent with two tools."""
    house.write("runner.yaml", RUNNER.format(url=url, more=more))
    house.write("tools.d/test.yaml", TOOLS)
    house.write("agents.d/helper.yaml", f"description: A.\nprompt: You look.\ntools: [long, gate]\n{agent}")
    house.workflow(JOB)


def sizes(body: dict[str, Any]) -> list[tuple[str, int]]:
    """Role and length of each message that a server got, in hundreds of characters."""
    return [(message["role"], round(len(message["content"] or "") / 100)) for message in body["messages"]]


def test_old_results_are_shortened_before_the_window_is_full(house: House) -> None:
    """The last exchanges stay whole; the model is told what is missing."""
    run, server = told(house, *map(look, range(6)), ANSWER, more=", context: 10000")
    assert run.end.verdict == "pass"
    (event,) = run.of("context.shortened")
    assert (event.path, event.window, event.refused) == ("work/1/turn-6", 10_000, False)
    assert event.left < event.tokens < 10_000
    assert sizes(server.bodies[5])[1:] == [
        ("user", 0),
        *[("assistant", 0), ("tool", 5)] * 3,
        *[("assistant", 0), ("tool", 61)] * 2,
    ]
    cut = server.bodies[5]["messages"][3]["content"]
    assert "begin 0 xxx" in cut[:30]
    assert "xxx end" in cut[-60:]
    assert "characters left out, as the conversation came near its limit" in cut
    assert server.bodies[6]["messages"][: len(server.bodies[5]["messages"])] == server.bodies[5]["messages"]


def test_what_is_old_is_summed_up_by_the_model_where_that_is_not_enough(house: House) -> None:
    """One call more, in the journal; the task stays, and the last two exchanges do."""
    scripts = [*(look(n, 9, "w" * 3000) for n in range(5)), SUMMARY, ANSWER]
    run, server = told(house, *scripts, more=", context: 4000", agent="sampling: {max_tokens: 100}")
    assert run.end.verdict == "pass"
    summed = [event for event in run.of("context.shortened") if event.how.messages]
    assert [event.how.summary for event in summed] == ["Looked at the first ones."]
    assert [event.path for event in run.of("model.replied") if "summary" in event.path] == ["work/1/turn-6/summary-7"]
    last = server.bodies[-1]["messages"]
    assert [message["role"] for message in last] == ["system", "user", *["assistant", "tool"] * 2]
    assert last[1]["content"] == (
        "Look at all of them.\n\nWhat was said and done until here, in short:\nLooked at the first ones."
    )
    assert "begin 0" in server.bodies[-2]["messages"][1]["content"]


def test_an_agent_that_does_not_sum_up_leaves_out(house: House) -> None:
    """`memory: {summarize: false}`: no further call is made."""
    scripts = [*(look(n, 9, "w" * 3000) for n in range(5)), ANSWER]
    agent = "sampling: {max_tokens: 100}\nmemory: {summarize: false}"
    run, server = told(house, *scripts, more=", context: 4000", agent=agent)
    assert run.end.verdict == "pass"
    assert "(6 earlier messages are left out here)" in server.bodies[-1]["messages"][1]["content"]


@pytest.mark.parametrize(
    "words",
    ["This model's maximum context length is 4096 tokens", "the input length exceeds the context length"],
)
def test_a_refusal_is_answered_with_one_shortening_and_one_more_try(house: House, words: str) -> None:
    """Nobody has said how long the context is; where the server does, that is kept in mind."""
    run, server = told(house, look(1, 12_000), look(2, 12_000), refused(words), ANSWER)
    assert run.end.verdict == "pass"
    (event,) = run.of("context.shortened")
    assert (event.path, event.refused) == ("work/1/turn-3", True)
    assert event.window == (4096 if "4096" in words else None)
    assert len(server.bodies) == 4
    assert [(one.attempt, one.trouble) for one in run.of("model.failed")] == [(1, "overflow")]
    assert sum(size for _, size in sizes(server.bodies[3])) < 0.6 * sum(size for _, size in sizes(server.bodies[2]))


def test_a_second_refusal_is_a_failure_that_says_what_to_do(house: House) -> None:
    """Model, window, estimate, and the two files in which it can be mended."""
    words = "This model's maximum context length is 4096 tokens"
    run, server = told(house, look(1, 12_000), refused(words))
    assert len(server.bodies) == 3
    assert run.end.verdict == "error"
    fault = run.record("work/1").error
    assert fault is not None
    assert "model default: the conversation is too long: about " in fault.message
    assert "for 4096 tokens of context" in fault.message
    assert words in fault.message
    assert "models.default in runner.yaml" in fault.hint
    assert "`memory`" in fault.hint


def test_what_cannot_be_short_enough_is_never_sent(house: House) -> None:
    """The prompt alone fills the window: no server is asked."""
    run, _ = told(house, ANSWER, more=", context: 300")
    assert run.end.verdict == "pass"
    house.write("agents.d/helper.yaml", f"description: A.\nprompt: '{'word ' * 900}'\n")
    run = asyncio.run(house.run())
    fault = run.record("work/1").error
    assert fault is not None
    assert "as short as it goes, for 300 tokens of context: nothing more can be left out" in fault.message
    assert "raise `context` of models.default in runner.yaml" in fault.hint
    assert "agents.d/helper.yaml" in fault.hint
    assert run.of("model.requested") == []


def test_a_fallback_with_a_larger_context_is_asked_before_anything_is_shortened(house: House) -> None:
    """It is there for that."""

    async def scenario() -> tuple[Told, BadServer]:
        async with BadServer(look(1), refused("prompt is too long")) as main, BadServer(ANSWER) as spare:
            write(house, main.url, ", fallback: [spare]")
            text = (house.root / "runner.yaml").read_text()
            entry = f'  spare: {{provider: vllm, model: more, base_url: "{spare.url}"}}\npermissions'
            house.write("runner.yaml", text.replace("permissions", entry))
            return await house.run(), spare

    run, spare = asyncio.run(scenario())
    assert run.end.verdict == "pass"
    assert run.of("context.shortened") == []
    assert len(spare.bodies) == 1


def test_the_fallback_that_finds_it_too_long_is_the_one_that_is_named(house: House) -> None:
    """The first model fails otherwise; window, estimate and advice are those of the one whose context is full."""
    other = Script([b'{"error": {"message": "no such option"}}'], status="400 Bad Request", kind="application/json")
    words = "This model's maximum context length is 4096 tokens"

    async def scenario() -> Told:
        async with BadServer(other) as main, BadServer(look(1, 12_000), refused(words)) as spare:
            write(house, main.url, ", context: 90000, fallback: [spare]")
            text = (house.root / "runner.yaml").read_text()
            entry = f'  spare: {{provider: vllm, model: more, base_url: "{spare.url}"}}\npermissions'
            house.write("runner.yaml", text.replace("permissions", entry))
            return await house.run()

    run = asyncio.run(scenario())
    fault = run.record("work/1").error
    assert fault is not None
    assert fault.message.startswith("model spare: the conversation is too long: about ")
    assert "for 4096 tokens of context" in fault.message
    assert "models.spare in runner.yaml" in fault.hint
    assert [(event.model, event.window) for event in run.of("context.shortened")] == [("spare", 4096)]


def test_a_resumed_run_sends_the_same_messages(house: House) -> None:
    """It waits for a person behind a shortening; a second engine, which has counted nothing yet, goes on."""
    call = {"index": 0, "id": "gate00001", "type": "function", "function": {"name": "gate", "arguments": "{}"}}
    gate = Script([delta(tool_calls=[call]), delta("tool_calls"), DONE])

    async def scenario() -> None:
        async with BadServer(*(look(n, 9, "w" * 3000) for n in range(5)), SUMMARY, gate, ANSWER) as server:
            write(house, server.url, ", context: 4000", "sampling: {max_tokens: 100}")
            async with house.engine() as engine:
                run = await start(engine)
                await engine.settled(run)
            sent = server.bodies[-1]["messages"]
            async with house.engine() as engine:
                (asked,) = engine.store.approvals()
                await engine.decide(asked.id, "approve", by="ada")
                told = await ended(engine, run)
            assert told.end.verdict == "pass"
            assert server.bodies[-1]["messages"][: len(sent)] == sent
            assert [event.how.messages for event in told.of("context.shortened")] == [7]

    asyncio.run(scenario())


def test_counts_of_the_server_move_the_point_at_which_it_is_shortened(house: House) -> None:
    """A model whose tokens are half as long has its window full after half as much text."""

    def counted(script: Script, tokens: int) -> Script:
        usage = event({"choices": [], "usage": {"prompt_tokens": tokens, "completion_tokens": 5}})
        return Script([*script.pieces[:-1], usage, DONE])

    scripts = [look(0), counted(look(1), 3200), counted(look(2), 6200), ANSWER]
    run, _ = told(house, *scripts, more=", context: 10000")
    assert run.end.verdict == "pass"
    assert [event.path for event in run.of("context.shortened")] == ["work/1/turn-4"]
    assert run.of("model.requested")[-1].tokens < 10_000
