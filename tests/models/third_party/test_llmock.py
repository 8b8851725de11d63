"""A second server that nobody here wrote: it breaks streams and calls in other ways, and judges who asks it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.house import House
from tests.models.third_party.conftest import TEXT, LLMock, answers, calls, named, troubles

if TYPE_CHECKING:
    from pathlib import Path

    from runner.models.port import Request, ToolDef

GOOD = {"type": "reply", "text": TEXT, "times": None}
FAULTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "ends early": ({"type": "stream_fault", "kind": "truncate", "after_chunks": 4}, {"broken"}),
    "breaks off": ({"type": "stream_fault", "kind": "disconnect", "after_chunks": 4}, {"reset"}),
    "malformed": ({"type": "stream_fault", "kind": "malformed", "after_chunks": 4}, {"broken"}),
    "limited": ({"type": "fail", "status": 429, "retry_after": 0.2}, {"limited"}),
    "down": ({"type": "fail", "status": 503}, {"overloaded"}),
}
"""Faults of one attempt, and the troubles that they are."""


def test_an_answer_comes_in_pieces(llmock: LLMock, a_request: Request) -> None:
    """With the tokens that the server counted."""
    llmock.behaves(GOOD)
    came = llmock.all_came("plain", a_request)
    assert answers(came) == llmock.in_all(TEXT)
    assert {wire: (one.heard, one.pieces > 3) for wire, one in came.items()} == llmock.in_all((TEXT, True))
    assert [
        wire for wire, one in came.items() if not (one.reply and one.reply.usage.input and one.reply.usage.output)
    ] == []


def test_a_shaped_answer_is_one(llmock: LLMock, a_request: Request) -> None:
    """The server makes one of the schema; in Anthropic's format it knows an older field for it."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    came = llmock.all_came("shaped", replace(a_request, schema=schema))
    assert answers(came).pop("anthropic").startswith("Hello!")
    assert [json.loads(text) for wire, text in answers(came).items() if wire != "anthropic"] == [{"n": 1}] * 2


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_once_is_answered_by_another_attempt_in_a_way_the_server_approves_of(
    llmock: LLMock, a_request: Request, fault: str
) -> None:
    """Waits are the default ones here, as the server judges them."""
    llmock.scale = 1.0
    behavior, wanted = FAULTS[fault]
    llmock.behaves(GOOD, *({**behavior, "match": {"model": named(wire, fault)}} for wire in llmock.wires))
    came = llmock.all_came(fault, a_request)
    assert answers(came) == llmock.in_all(TEXT)
    assert {wire: one.heard for wire, one in came.items()} == llmock.in_all(TEXT)
    assert {wire: (len(said), set(said) <= wanted) for wire, said in troubles(came).items()} == llmock.in_all((1, True))
    assert "PASS" in llmock.verdict(), llmock.verdict()


@pytest.mark.parametrize("fault", ["ends early", "malformed"])
def test_what_always_breaks_is_never_taken_for_an_answer(llmock: LLMock, a_request: Request, fault: str) -> None:
    """Also where the stream ends as if nothing was."""
    llmock.behaves(GOOD, {**FAULTS[fault][0], "times": None})
    assert troubles(llmock.all_came(fault, a_request)) == llmock.in_all(["broken"] * 3)


def test_a_stream_that_stands_still_is_not_waited_for(llmock: LLMock, a_request: Request) -> None:
    """Three attempts, each by its deadline."""
    stall = {"type": "stream_fault", "kind": "stall", "after_chunks": 4, "stall_seconds": 20, "times": None}
    llmock.behaves(GOOD, stall)
    came = llmock.all_came("stall", a_request, bounds=(0.3, 0.3))
    assert {wire: one.fault and one.fault.match for wire, one in came.items()} == llmock.in_all("timeout")


@pytest.mark.parametrize("status,trouble", [(400, "refused"), (401, "key"), (404, "missing"), (422, "refused")])
def test_a_lasting_refusal_is_told_at_once(llmock: LLMock, a_request: Request, status: int, trouble: str) -> None:
    """The server would count further attempts as a fault of ours."""
    llmock.behaves({"type": "fail", "status": status, "message": "No such luck", "times": None})
    came = llmock.all_came("refused", a_request)
    assert troubles(came) == llmock.in_all([trouble])
    assert [said for said in answers(came).values() if "No such luck" not in said] == []


def test_half_arguments_of_a_call_are_told_as_they_came(llmock: LLMock, a_request: Request, a_tool: ToolDef) -> None:
    """The server cuts them and says that the answer is whole; the model is told so."""
    llmock.behaves({"type": "tool_fault", "kind": "malformed_arguments", "times": None})
    came = calls(llmock.all_came("arguments", replace(a_request, tools=[a_tool])))
    assert came == llmock.in_all([("read_file", '{"path": "')])


@pytest.mark.parametrize("fault", [None, "malformed_arguments", "unknown_tool"])
def test_an_agent_has_a_tool_run_and_answers(llmock: LLMock, tmp_path: Path, fault: str | None) -> None:
    """The whole way, in all formats side by side; a call that cannot be made is made again, rightly."""
    call = {"name": "list_directory", "arguments": {"path": "sea"}}
    for wire in llmock.wires:
        match = {"model": named(wire, "agent")}
        if fault:
            llmock.behaves({"type": "tool_fault", "kind": fault, "match": match})
            llmock.behaves({"type": "reply", "tool_calls": [call], "match": match})
        llmock.behaves({"type": "reply", "tool_calls": [call], "match": match})
    llmock.behaves(GOOD)
    house = House(tmp_path)
    (house.root / "agents.d/helper.yaml").unlink()  # its model is not here
    house.write("sea/oar.txt", "wood")
    models = {wire: {**llmock.entry(wire, named(wire, "agent")), "key": "none"} for wire in llmock.wires}
    house.write("runner.yaml", json.dumps({"use": ["std/files"], "models": models}))
    for wire in llmock.wires:
        house.write(f"agents.d/{wire}.yaml", f"{{description: A., prompt: B., model: {wire}, tools: [list_directory]}}")
    told = house.told("\n".join(f"{wire}: {{agent: {wire}, message: Look.}}" for wire in llmock.wires))
    assert {wire: told.record(f"{wire}/1").output for wire in llmock.wires} == llmock.in_all(TEXT)
    outputs = [event.record.output for event in told.of("tool.returned") if event.record.ok]
    assert [output["entries"] for output in outputs] == [["oar.txt"]] * len(llmock.wires)
    assert told.of("model.failed") == []
