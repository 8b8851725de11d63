"""A server that nobody here wrote, asked in all wire formats: it answers, or it fails in every way that it has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from runner.models import Wire
from tests.engine.house import House
from tests.models.third_party.conftest import KEY, TEXT, Aimock, Came, answers, calls, named, troubles

if TYPE_CHECKING:
    from pathlib import Path

    from runner.models.port import Request, ToolDef

GOOD: dict[str, Any] = {"response": {"content": TEXT}}
SLOW = {**GOOD, "chunkSize": 5, "latency": 50}
CITY = {"city": "Lyon", "people": 520000}
WIRES = get_args(Wire)
THOUGHT = "Let me see."
PASSING: dict[str, tuple[dict[str, Any], set[str]]] = {
    "dropped": ({**GOOD, "chaos": {"dropRate": 1}}, {"overloaded"}),
    "malformed": ({**GOOD, "chaos": {"malformedRate": 1}}, {"broken"}),
    "disconnected": ({**GOOD, "chaos": {"disconnectRate": 1}}, {"reset"}),
    "limited": ({**GOOD, "chaos": {"rateLimitRate": 1}}, {"limited"}),
    "busy": ({"response": {"error": {"message": "Try later"}, "status": 503}}, {"overloaded"}),
    "overloaded": ({"response": {"error": {"message": "Overloaded"}, "status": 529}}, {"overloaded"}),
    "truncated": ({**SLOW, "truncateAfterChunks": 5}, {"reset"}),
    "cut off": ({**SLOW, "disconnectAfterMs": 200}, {"reset"}),
    "empty": ({"response": {"content": " "}}, {"empty"}),
}
"""Faults that another attempt may mend, and the troubles that they are."""
LASTING = {400: ("bad", "refused"), 401: ("Incorrect API key provided", "key"), 404: ("no such model", "missing")}
RATES = {"dropRate": 0.05, "malformedRate": 0.05, "disconnectRate": 0.05, "rateLimitRate": 0.01}


Everywhere = Callable[..., dict[str, Came]]


def in_all(value: object) -> dict[str, object]:
    """The same in each format."""
    return dict.fromkeys(WIRES, value)


def test_it_is_asked_in_every_wire_format(aimock: Aimock) -> None:
    """A new one is tried here, too."""
    assert set(aimock.wires) == set(WIRES)


def test_an_answer_comes_in_pieces(everywhere: Everywhere) -> None:
    """Letter by letter, a sign of four bytes among them, with the tokens that it took."""
    tokens = {"input_tokens": 7, "output_tokens": 5, "prompt_tokens": 7, "completion_tokens": 5}
    came = everywhere({"response": {"content": TEXT, "usage": tokens}, "chunkSize": 1})
    assert answers(came) == in_all(TEXT)
    assert {wire: one.heard for wire, one in came.items()} == in_all(TEXT)
    assert [wire for wire, one in came.items() if one.pieces < len(TEXT) // 2] == []
    usages = {wire: (one.reply.usage.input, one.reply.usage.output) for wire, one in came.items() if one.reply}
    assert usages == {**in_all((7, 5)), "ollama": (0, 0)}  # in which the server counts nothing


def test_thinking_is_kept_apart(everywhere: Everywhere) -> None:
    """For Ollama's format the server has a field of its own making, which Ollama has not: nothing is heard of it."""
    came = everywhere({"response": {"content": TEXT, "reasoning": THOUGHT}})
    assert answers(came) == in_all(TEXT)
    thought = {wire: one.reply.thinking for wire, one in came.items() if one.reply and wire != "ollama"}
    assert thought == {wire: THOUGHT for wire in WIRES if wire != "ollama"}


def test_a_shaped_answer_is_one(everywhere: Everywhere, a_request: Request) -> None:
    """What each format says of a schema is taken."""
    fields = {"city": {"type": "string"}, "people": {"type": "integer"}}
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    came = everywhere({"response": {"content": CITY}}, asked=replace(a_request, schema=schema))
    assert {wire: json.loads(text) for wire, text in answers(came).items()} == in_all(CITY)


def test_a_call_of_a_tool_comes_whole(everywhere: Everywhere, a_request: Request, a_tool: ToolDef) -> None:
    """Its arguments are streamed in pieces of one letter."""
    call = {"name": "read_file", "arguments": {"path": "🚣/oar.txt"}}
    came = everywhere(
        {"chunkSize": 1, "response": {"toolCalls": [call, {**call, "arguments": {"path": "b"}}]}},
        asked=replace(a_request, tools=[a_tool]),
    )
    assert calls(came) == in_all([("read_file", {"path": "🚣/oar.txt"}), ("read_file", {"path": "b"})])


@pytest.mark.parametrize("fault", PASSING)
def test_what_fails_once_is_answered_by_another_attempt(everywhere: Everywhere, fault: str) -> None:
    """Of the first attempt's words none is left."""
    fixture, wanted = PASSING[fault]
    came = everywhere({**fixture, "match": {"sequenceIndex": 0}}, GOOD)
    assert answers(came) == in_all(TEXT)
    assert {wire: one.heard for wire, one in came.items()} == in_all(TEXT)
    assert {wire: (len(one.troubles), set(one.troubles) <= wanted) for wire, one in came.items()} == in_all((1, True))


@pytest.mark.parametrize("fault", PASSING)
def test_what_always_fails_is_a_failure_that_says_why(everywhere: Everywhere, fault: str) -> None:
    """After three attempts, and never half an answer."""
    fixture, wanted = PASSING[fault]
    came = everywhere(fixture)
    assert {wire: one.reply for wire, one in came.items()} == in_all(None)
    assert {wire: (len(one.troubles), set(one.troubles) <= wanted) for wire, one in came.items()} == in_all((3, True))
    assert [said for said in answers(came).values() if not said.endswith("(3 attempts)")] == []


@pytest.mark.parametrize(
    "fixture",
    [{"chaos": {"latencyMs": 20_000}}, {"chunkSize": 5, "streamingProfile": {"ttft": 10, "tps": 0.05}}],
    ids=["late", "stalled"],
)
def test_a_server_that_hangs_is_not_waited_for(everywhere: Everywhere, fixture: dict[str, Any]) -> None:
    """Before its first word or in the middle: three attempts, each by its deadline."""
    came = everywhere({**GOOD, **fixture}, bounds=(0.3, 0.3))
    assert {wire: one.fault and one.fault.match for wire, one in came.items()} == in_all("timeout")
    assert {wire: len(one.troubles) for wire, one in came.items()} == in_all(3)


def test_a_slow_server_is_waited_for(everywhere: Everywhere) -> None:
    """Within its deadline it may take its time."""
    came = everywhere({**GOOD, "chaos": {"latencyMs": 300}})
    assert answers(came) == in_all(TEXT)
    assert troubles(came) == in_all([])


@pytest.mark.parametrize("status", LASTING)
def test_a_lasting_refusal_is_told_at_once_in_the_servers_words(everywhere: Everywhere, status: int) -> None:
    """It would be the same again."""
    words, trouble = LASTING[status]
    came = everywhere({"response": {"error": {"message": words, "type": "some_error"}, "status": status}})
    assert troubles(came) == in_all([trouble])
    assert [said for said in answers(came).values() if f"HTTP {status}" not in said or words not in said] == []


def test_a_wrong_key_is_told_as_one(everywhere: Everywhere) -> None:
    """Each format has a header of its own for it; aimock wants one in all."""
    came = everywhere(GOOD, key="wrong")
    assert troubles(came) == in_all(["key"])


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_while_it_fails_by_chance_nearly_all_answers_are_right_and_none_is_wrong(
    aimock: Aimock, a_request: Request, rounds: Callable[[int], int], record_property: Callable[[str, object], None]
) -> None:
    """Chances are the server's own, and have no seed: a sixth of all attempts fail, three are made of each call."""
    count = rounds(200)
    aimock.answers({"match": {"model": "often"}, **GOOD, "chaos": RATES})

    async def scenario() -> list[Came]:
        slots = asyncio.Semaphore(8)

        async def ask(wire: str) -> Came:
            async with slots:
                return await aimock.came(wire, "often", a_request)

        return await asyncio.gather(*(ask(wire) for wire in WIRES for _ in range(count)))

    came = asyncio.run(scenario())
    right = sum(one.reply is not None and one.reply.text == TEXT for one in came)
    failed = sum(one.fault is not None for one in came)
    record_property("figures", f"{right} of {len(came)} right after {sum(len(one.troubles) for one in came)} failures")
    assert right + failed == len(came)
    assert right >= 0.9 * len(came)


def test_an_agent_has_a_tool_run_and_answers_by_what_it_gave(aimock: Aimock, tmp_path: Path) -> None:
    """The whole way, in all formats side by side: the result goes back to its call."""
    call = {"name": "list_directory", "arguments": {"path": "🚣"}}
    for wire in WIRES:
        match = {"model": named(wire, "agent")}
        aimock.answers(
            {"match": {**match, "hasToolResult": False}, "chunkSize": 1, "response": {"toolCalls": [call]}},
            {"match": {**match, "toolResultContains": "oar.txt"}, **GOOD},
        )
    house = House(tmp_path)
    (house.root / "agents.d/helper.yaml").unlink()  # its model is not here
    house.write("🚣/oar.txt", "wood")
    house.write(".env", f"SEA_KEY={KEY}")
    models = {wire: {**aimock.entry(wire, named(wire, "agent")), "key": "${SEA_KEY}"} for wire in WIRES}
    house.write("runner.yaml", json.dumps({"use": ["std/files"], "models": models}))
    for wire in WIRES:
        house.write(f"agents.d/{wire}.yaml", f"{{description: A., prompt: B., model: {wire}, tools: [list_directory]}}")
    told = house.told("\n".join(f"{wire}: {{agent: {wire}, message: Look.}}" for wire in WIRES))
    assert {wire: told.record(f"{wire}/1").output for wire in WIRES} == in_all(TEXT)
    assert len(told.of("tool.returned")) == len(WIRES)
    assert told.of("model.failed") == []
