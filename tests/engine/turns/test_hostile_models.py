"""Models that mean harm: the run ends in words, its journal can be read, and other runs go on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.models.badserver import BadServer, Script

if TYPE_CHECKING:
    from tests.engine.house import House, Told

AGENT = """
description: Notes.
prompt: Note what you are told.
tools: [note]
"""
RUNNER = """
models:
  default: {provider: vllm, model: tiny, base_url: "URL", price: {input: 1, output: 1}}
permissions:
  - {tool: "test/*", action: allow}
"""


def answered(house: House, *messages: dict[str, Any], agent: str = AGENT, usage: Any = None) -> Told:
    """A run whose model answers with these messages, one after the other; the last one again and again."""
    bodies = [{"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage} for message in messages]

    async def scenario() -> Told:
        async with BadServer(*(Script([json.dumps(body).encode()]) for body in bodies)) as server:
            house.write("runner.yaml", RUNNER.replace("URL", server.url))
            house.write("agents.d/taker.yaml", agent)
            return await asyncio.wait_for(house.run("taker", text="hello"), 20)

    return asyncio.run(scenario())


def nested(depth: int, field: str) -> str:
    """An object of objects."""
    return f'{{"{field}":' + '{"a":' * depth + "1" + "}" * (depth + 1)


@pytest.mark.parametrize("depth", [100, 150, 200, 300, 900])
def test_arguments_of_boundless_depth_go_back_to_the_model(house: House, depth: int) -> None:
    """They are no object, and the model is told so."""
    call = {"id": "c", "function": {"name": "note", "arguments": nested(depth, "text")}}
    told = answered(house, {"tool_calls": [call]}, {"content": "Done."})
    assert told.end.verdict == "pass"
    error = told.call("answer/1/turn-1/call-1").error
    assert error is not None
    assert error.match == "tool"


@pytest.mark.parametrize("depth", [100, 150, 200, 300, 900])
def test_an_answer_of_boundless_depth_does_not_fit(house: House, depth: int) -> None:
    """Whatever type its field has."""
    told = answered(house, {"content": nested(depth, "x")}, agent=f"{AGENT}output: {{x: any}}\n")
    assert told.end.verdict == "error"
    assert "more than 64 objects and lists inside one another" in told.end.why


@pytest.mark.parametrize("count", [10**30, 2**63 - 1, 1e300])
def test_counts_beyond_measure_stop_no_journal(house: House, count: float) -> None:
    """Neither of tokens nor of money."""
    usage = {"prompt_tokens": count, "completion_tokens": count, "cost": count}
    told = answered(house, {"content": "Done."}, usage=usage)
    assert told.end.verdict == "pass"
    assert told.state.spent[""].tokens == 2 * 10**9
