"""Examples and sampling: what a model is sent besides its prompt and the message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from runner.engine.turns.conversation import opening
from tests.models.badserver import DONE, BadServer, Script, delta

if TYPE_CHECKING:
    from tests.engine.house import House

AGENT = """
description: Answers.
prompt: You answer.
tools: [note, green]
sampling: {temperature: 0.2, top_p: 0.9, max_tokens: 50, seed: 7}
examples:
  - user: Write down plum and look.
    calls:
      - {tool: note, with: {text: plum}, result: {noted: plum}}
      - {tool: green}
    answer: It is written down.
  - {user: Good day., answer: Good day.}
  - {user: Look., calls: [{tool: green, result: all green}]}
"""


def sent(house: House, phases: str) -> list[dict[str, Any]]:
    """The requests that a server gets for a workflow."""
    house.write("agents.d/helper.yaml", AGENT)
    house.workflow(phases)

    async def scenario() -> list[dict[str, Any]]:
        async with BadServer(Script([delta(content="Hi"), delta("stop"), DONE])) as server:
            house.write("runner.yaml", f"models: {{default: {{provider: vllm, model: x, base_url: '{server.url}'}}}}")
            assert (await house.run()).end.verdict == "pass"
            return server.bodies

    return asyncio.run(scenario())


def test_examples_are_turns_with_real_calls_before_the_message(house: House) -> None:
    """Each call has its own id and a result; what an example leaves out is a short word."""
    (body,) = sent(house, "a: {agent: helper, message: Go.}")
    messages = body["messages"]
    assert [message["role"] for message in messages] == [
        *("system", "user", "assistant", "tool", "tool", "assistant"),
        *("user", "assistant"),
        *("user", "assistant", "tool", "assistant"),
        "user",
    ]
    calls = messages[2]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["note", "green"]
    assert [message["tool_call_id"] for message in messages[3:5]] == [call["id"] for call in calls]
    assert [message["content"] for message in messages[3:6]] == ['{"noted": "plum"}', "ok", "It is written down."]
    assert messages[-1]["content"] == "Go."
    ids = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    assert len(set(ids)) == 3


def test_examples_are_sent_once_however_long_a_conversation_goes_on(house: House) -> None:
    """The later phase reads them at the top, and then the earlier phase's own words."""
    first, second = sent(house, "a: {agent: helper, message: One.}\nb: {agent: helper, continue: a, message: Two.}")
    asked = [message["content"] for message in second["messages"] if message["role"] == "user"]
    assert asked == ["Write down plum and look.", "Good day.", "Look.", "One.", "Two."]
    assert second["messages"][: len(first["messages"])] == first["messages"]


def test_sampling_goes_to_the_server(house: House) -> None:
    """In the words of its format."""
    (body,) = sent(house, "a: {agent: helper, message: Go.}")
    assert {name: body[name] for name in ("temperature", "top_p", "max_tokens", "seed")} == {
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 50,
        "seed": 7,
    }


def test_the_journal_keeps_the_examples(house: House) -> None:
    """What a model was sent can be read without the files."""
    house.write("agents.d/helper.yaml", AGENT)
    told = house.told("a: {agent: helper, message: Go.}")
    assert len(opening(told.state, "a/1")) == 13
    assert told.of("model.requested")[0].messages == 13
