"""The model that answers from a file."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.errors import ConfigInvalid, ModelFailed
from runner.models import ScriptedModel, open_model
from runner.models.port import Message, Place, Reply
from runner.models.scripted import Replies, read_replies

if TYPE_CHECKING:
    from runner.models.port import Request

FILE = "demo/replies.yaml"


def ask(yaml: str, request: Request, deltas: list[str] | None = None) -> Reply:
    """The reply of a scripted model with this file."""
    told = deltas if deltas is not None else []

    async def scenario() -> Reply:
        spec = ScriptedModel(provider="scripted", replies=FILE)
        model = open_model("demo", spec, key=None, replies=yaml.encode())
        reply = await model.reply(request, lambda _, text: told.append(text))
        await model.close()
        return reply

    return asyncio.run(scenario())


def at(request: Request, **place: Any) -> Request:
    """The same request at another place."""
    return replace(request, place=replace(request.place, **place))


def test_the_first_entry_that_fits_answers(a_request: Request) -> None:
    """What is left out of `when` fits all."""
    yaml = """
    - {when: {agent: other}, text: other}
    - {when: {agent: coder, phase: execute, visit: 2}, text: again}
    - {when: {agent: coder}, text: first}
    - {text: anything}
    """
    assert ask(yaml, a_request).text == "first"
    assert ask(yaml, at(a_request, visit=2)).text == "again"
    assert ask(yaml, at(a_request, agent="x", turn=9)).text == "anything"


@pytest.mark.parametrize("role", ["system", "user", "tool"])
def test_contains_looks_at_prompt_message_and_results(a_request: Request, role: Any) -> None:
    """As the text is written there."""
    yaml = '[{when: {contains: "2 failed"}, text: red}, {text: green}]'
    request = replace(a_request, messages=[*a_request.messages, Message(role, "pytest: 2 failed")])
    assert ask(yaml, request).text == "red"
    assert ask(yaml, a_request).text == "green"


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_contains_does_not_look_at_what_was_said_before(a_request: Request, role: Any) -> None:
    """An earlier message, or what the model itself said."""
    yaml = '[{when: {contains: "2 failed"}, text: red}, {text: green}]'
    request = replace(a_request, messages=[Message(role, "2 failed"), *a_request.messages])
    assert ask(yaml, request).text == "green"


def test_calls_without_a_turn_are_for_the_first_turn(a_request: Request) -> None:
    """Else they would be made again and again; with a turn they are for that one."""
    yaml = """
    - {calls: [{tool: read_file, with: {path: a.py}}]}
    - {when: {turn: 3}, calls: [{tool: write_file}]}
    - {text: done}
    """
    tools = [[call.tool for call in ask(yaml, at(a_request, turn=turn)).calls] for turn in (1, 2, 3)]
    assert tools == [["read_file"], [], ["write_file"]]


def test_an_answer_is_a_function_of_the_request(a_request: Request) -> None:
    """Ids included, so that a resumed run is answered alike; every call has its own."""
    yaml = "[{text: Reading., calls: [{tool: a, with: {x: 1}}, {tool: a}]}]"
    reply = ask(yaml, a_request)
    assert reply == ask(yaml, a_request)
    assert [(call.id, call.arguments) for call in reply.calls] == [("execute-1-1-1", {"x": 1}), ("execute-1-1-2", {})]
    assert (reply.text, reply.finish) == ("Reading.", "tool_calls")


def test_text_is_told_in_pieces(a_request: Request) -> None:
    """All of it, blanks and line breaks too."""
    text = "A sentence\nof  many words, " * 9 + "x" * 90
    deltas: list[str] = []
    assert ask(f"[{{text: {TypeAdapter(str).dump_json(text).decode()}}}]", a_request, deltas).text == text
    assert len(deltas) > 5
    assert "".join(deltas) == text


def test_a_mapping_is_said_as_json(a_request: Request) -> None:
    """For agents that have an `output`."""
    assert ask("[{text: {goals: [é], n: 1}}]", a_request).text == '{"goals": ["é"], "n": 1}'


def test_scalars_are_those_of_the_other_files(a_request: Request) -> None:
    """`no`, times and dates stay text; numbers and true do not."""
    yaml = "[{text: {a: no, b: 12:30, c: 2024-01-01, d: 1, e: 1.5e3, f: true, g: ~, h: 0x1f, i: 1_0}}]"
    expected = '{"a": "no", "b": "12:30", "c": "2024-01-01", "d": 1, "e": 1500.0, "f": true, "g": null, '
    assert ask(yaml, a_request).text == expected + '"h": 31, "i": "1_0"}'


def test_usage_is_estimated(a_request: Request) -> None:
    """So that limits work: four characters a token, and never nothing."""
    long = replace(a_request, messages=[Message("user", "x" * 400)])
    reply = ask(f"[{{text: {'y' * 80}}}]", long)
    assert (reply.usage.input, reply.usage.output) == (100, 20)
    assert ask('[{text: ""}]', a_request).usage.output == 1


def test_a_request_that_nothing_fits_says_what_to_add(a_request: Request) -> None:
    """By agent, phase, visit, turn and file."""
    with pytest.raises(ModelFailed) as failed:
        ask("", replace(a_request, place=Place("coder", "repair", 2, 3)))
    assert failed.value.message == f"{FILE} has no reply for agent coder, phase repair, visit 2, turn 3"
    when = "{agent: coder, phase: repair, visit: 2, turn: 3}"
    assert failed.value.hint == f"add an entry to {FILE}: - {{when: {when}, text: …}}"
    assert failed.value.match == "model"


@pytest.mark.parametrize(
    "entry,place",
    [
        ({"when": {}}, ()),
        ({"when": {"agents": "x"}, "text": "x"}, ("when", "agents")),
        ({"when": {"turn": 0}, "text": "x"}, ("when", "turn")),
        ({"calls": [{"with": {}}]}, ("calls", 0, "tool")),
        ({"calls": [{"tool": "a", "arguments": {}}]}, ("calls", 0, "arguments")),
        ({"text": "x", "delay": "20ms"}, ("delay",)),
    ],
)
def test_a_wrong_entry_is_refused_at_its_place(entry: dict[str, Any], place: tuple[str, ...]) -> None:
    """The loader points there."""
    with pytest.raises(ValidationError) as failed:
        TypeAdapter(Replies).validate_python([entry])
    assert failed.value.errors()[0]["loc"] == (0, *place)


@pytest.mark.parametrize("content", [b"[", b"{when: {}}", b"- {text: 1}", b"!!python/object:os.system {}"])
def test_a_file_that_holds_no_replies_is_refused(content: bytes) -> None:
    """By its name; it can make no objects."""
    with pytest.raises(ConfigInvalid, match=f"{FILE}: no list of replies"):
        read_replies(FILE, content)
