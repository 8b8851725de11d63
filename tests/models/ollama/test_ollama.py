"""Answers in Ollama's own format, as recorded in `streams/`, through the whole way from a server on loopback."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models.port import Call, Deadline, Usage
from tests.models.badserver import Script, Step
from tests.models.recorded import asked_often, in_two, recorded, stopped

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask, Asked

file = partial(recorded, "ollama")
KIND = "application/x-ndjson"


def answered(ask: Ask, name: str, **how: Any) -> Asked:
    """What a recorded answer comes to."""
    return ask(file(name), provider="ollama", kind=KIND, **how)


def failed(ask: Ask, name: str, **how: Any) -> ModelFailed:
    """The failure that a recorded answer is."""
    with pytest.raises(ModelFailed) as caught:
        answered(ask, name, **how)
    return caught.value


def test_text_is_told_piece_by_piece_and_counted_in_the_last_line(ask: Ask) -> None:
    """The address needs no `/v1`, and loses the one that it has."""
    asked = answered(ask, "text.ndjson")
    assert asked.deltas == [("text", "Héllo "), ("text", "wörld 😀")]
    assert (asked.reply.text, asked.reply.finish) == ("Héllo wörld 😀", "stop")
    assert asked.reply.usage == Usage(input=26, output=298)
    assert asked.server.heads[0].startswith("POST /api/chat HTTP/1.1")


def test_a_key_is_sent_as_a_bearer_token(ask: Ask) -> None:
    """As Ollama's own servers want it."""
    asked = answered(ask, "text.ndjson", key="abc")
    assert "\r\nauthorization: bearer abc\r\n" in asked.server.heads[0].lower()


def test_thinking_is_told_apart_and_calls_come_whole(ask: Ask) -> None:
    """With arguments that are objects."""
    asked = answered(ask, "thinking_tools.ndjson")
    assert asked.deltas == [("thinking", "I need "), ("thinking", "two files.")]
    assert asked.reply.calls == [
        Call(id="call_ab12cd34", tool="read_file", arguments={"path": "a.py"}),
        Call(id="call_ef56gh78", tool="list_files", arguments={}),
    ]
    assert (asked.reply.text, asked.reply.finish) == ("", "tool_calls")


def test_calls_without_ids_get_their_own(ask: Ask) -> None:
    """Older servers give none."""
    calls = answered(ask, "no_ids.ndjson").reply.calls
    assert [call.arguments for call in calls] == [{"path": "a.py"}, {"path": "b.py"}]
    assert len({call.id for call in calls} - {""}) == 2


def test_arguments_that_are_a_text_are_read(ask: Ask) -> None:
    """As routers before Ollama send them; none are an empty object."""
    calls = answered(ask, "text_arguments.ndjson").reply.calls
    assert [call.arguments for call in calls] == [{"path": "a.py"}, {}]


def test_thinking_between_tags_is_no_part_of_the_answer(ask: Ask) -> None:
    """Where the server does not take it apart."""
    reply = answered(ask, "tags.ndjson").reply
    assert (reply.thinking, reply.text) == ("Hm.", "Hi")


def test_an_answer_that_was_cut_says_so(ask: Ask) -> None:
    """By the bound of the answer, or by the end of the context."""
    reply = answered(ask, "length.ndjson").reply
    assert (reply.text, reply.finish) == ("Half an ans", "length")


def test_an_answer_of_nothing_but_thinking_is_empty(ask: Ask) -> None:
    """What to do about it is decided around all wire formats."""
    reply = answered(ask, "empty.ndjson").reply
    assert (reply.text, reply.thinking) == ("", "All of it.")


def test_an_end_without_reason_and_counts_is_an_end(ask: Ask) -> None:
    """As older servers send it."""
    reply = answered(ask, "older_end.ndjson").reply
    assert (reply.text, reply.finish, reply.usage) == ("Hi", "stop", Usage())


@pytest.mark.parametrize(
    "name,words,trouble",
    [
        ("error.ndjson", "CUDA error: out of memory", "broken"),
        ("only_error.ndjson", "llama runner process has terminated", "broken"),
        ("load.ndjson", "said `load` of its model and gave no answer", "broken"),
        ("no_end.ndjson", "stopped before its end (no done)", "broken"),
        ("unnamed.ndjson", "without naming it", "broken"),
    ],
)
def test_an_end_that_is_no_answer_is_a_failure_of_its_own_kind(ask: Ask, name: str, words: str, trouble: str) -> None:
    """Though the status was 200."""
    fault = failed(ask, name)
    assert words in fault.message
    assert (fault.message[:11], fault.trouble) == ("model lab: ", trouble)


@pytest.mark.parametrize(
    "name,status,words,trouble",
    [
        ("not_found.json", "404 Not Found", 'model "tiny" not found', "missing"),
        ("no_tools.json", "400 Bad Request", "does not support tools", "refused"),
        ("too_long.json", "400 Bad Request", "exceeds the context length", "overflow"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(ask: Ask, name: str, status: str, words: str, trouble: str) -> None:
    """With what gets a model that is missing."""
    fault = failed(ask, name, status=status)
    assert words in fault.message
    assert fault.trouble == trouble
    assert ("`ollama pull tiny` gets it" in fault.hint) == (trouble == "missing")


def test_a_model_that_cannot_think_is_asked_not_to(a_request: Request, ask: Ask) -> None:
    """At once, and from then on."""
    assert answered(ask, "text.ndjson").server.bodies[0]["think"] is True
    refusal = Script([file("no_thinking.json")], status="400 Bad Request", kind="application/json")
    outcomes = asked_often("ollama", a_request, [refusal, Script([file("text.ndjson")]), Script([file("text.ndjson")])])
    assert [getattr(outcome, "text", outcome) for outcome in outcomes] == ["Héllo wörld 😀"] * 3


@pytest.mark.parametrize(
    "body,words",
    [
        (b"<html>", "web page"),
        (b"\n", "empty answer"),
        (b"7\n", "where a piece of an answer belongs"),
        (b"{oops\n", "no JSON"),
        (b"\xff\n", "no JSON"),
    ],
)
def test_a_body_that_is_no_answer_is_a_failure(ask: Ask, body: bytes, words: str) -> None:
    """Each by its own words."""
    with pytest.raises(ModelFailed, match=words):
        ask(body, provider="ollama")


def test_an_answer_may_be_cut_in_two_at_any_byte(a_request: Request) -> None:
    """It is the same answer, also without its last line end."""
    outcomes = asked_often("ollama", a_request, in_two(file("short.ndjson")))
    assert {getattr(outcome, "text", outcome) for outcome in outcomes} == {"é😀"}


def test_an_answer_that_stops_at_any_byte_is_broken(a_request: Request) -> None:
    """Never a short answer."""
    outcomes = asked_often("ollama", a_request, stopped(file("short.ndjson")))
    assert {outcome.trouble if isinstance(outcome, ModelFailed) else outcome.text for outcome in outcomes} == {"broken"}


def test_a_connection_cut_in_the_middle_is_no_end(ask: Ask) -> None:
    """But after the last line nothing can spoil the answer."""
    with pytest.raises(ModelFailed, match="broke the connection off in the middle"):
        ask(file("no_end.ndjson"), Step.CUT, provider="ollama")
    assert ask(file("text.ndjson"), Step.CUT, provider="ollama").reply.text == "Héllo wörld 😀"


def test_an_answer_that_stands_still_is_late(ask: Ask, a_request: Request) -> None:
    """By the clock between two pieces."""
    with pytest.raises(ModelFailed, match="stood still") as caught:
        ask(file("no_end.ndjson"), Step.STALL, provider="ollama", request=replace(a_request, deadline=Deadline(5, 0.1)))
    assert caught.value.trouble == "idle"
