"""Answers put together from all that servers of the chat completions format send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models.port import Usage
from tests.models.badserver import DONE, Step, delta, event

if TYPE_CHECKING:
    from tests.models.conftest import Ask

STOP = delta("stop")
WHOLE = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}


def test_text_is_told_piece_by_piece_and_kept(ask: Ask) -> None:
    """The reply is the pieces together."""
    asked = ask(delta(role="assistant", content=""), delta(content="Hel"), delta(content="lo"), STOP, DONE)
    assert asked.deltas == [("text", "Hel"), ("text", "lo")]
    assert (asked.reply.text, asked.reply.finish, list(asked.reply.calls)) == ("Hello", "stop", [])


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "thinking"])
def test_thinking_is_kept_apart(ask: Ask, field: str) -> None:
    """Servers give it three names."""
    asked = ask(delta(**{field: "Hmm"}), delta(content="Hi"), STOP, DONE)
    assert asked.deltas == [("thinking", "Hmm"), ("text", "Hi")]
    assert (asked.reply.thinking, asked.reply.text) == ("Hmm", "Hi")


def test_thinking_under_two_names_is_told_once(ask: Ask) -> None:
    """A server in the middle of a rename sends both."""
    assert ask(delta(reasoning="Hmm", reasoning_content="Hmm"), STOP).reply.thinking == "Hmm"


def test_usage_comes_in_a_last_piece_without_choices(ask: Ask) -> None:
    """That is where `include_usage` puts it."""
    last = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}})
    assert ask(delta(content="Hi"), STOP, last, DONE).reply.usage == Usage(input=7, output=2)


def test_running_usage_replaces_and_is_not_added(ask: Ask) -> None:
    """Counts are of the whole answer so far."""
    counts = [
        event({"choices": [{"delta": {"content": "x"}}], "usage": {"prompt_tokens": 7, "completion_tokens": n}})
        for n in (1, 2)
    ]
    assert ask(*counts, STOP, event({"usage": None})).reply.usage == Usage(input=7, output=2)


def test_comments_empty_pieces_and_null_choices_say_nothing(ask: Ask) -> None:
    """Routers send all three while they wait."""
    noise = [b": OPENROUTER PROCESSING\n\n", event({"choices": None}), event({"choices": []}), event({"choices": [{}]})]
    nothing = event({"choices": [{"delta": None}]})
    assert ask(*noise, nothing, delta(content="Hi"), delta(content=None, tool_calls=None), STOP).reply.text == "Hi"


def test_a_character_may_be_cut_between_chunks(ask: Ask) -> None:
    """In its bytes, and in halves of a surrogate pair."""
    data = 'data: {"choices": [{"delta": {"content": "é"}}]}\r\n\r\n'.encode()
    cut = data.index("é".encode()) + 1
    pair = [b'data: {"choices": [{"delta": {"content": "%b"}}]}\n\n' % half for half in (rb"\ud83d", rb"\ude00")]
    asked = ask(data[:cut], data[cut:], *pair, STOP, DONE)
    assert asked.deltas == [("text", "é"), ("text", "😀")]


@pytest.mark.parametrize("end", [[STOP], [STOP, DONE], [STOP, b"data: [DONE]"], [STOP.rstrip()]])
def test_an_answer_may_end_in_several_ways(ask: Ask, end: list[bytes]) -> None:
    """`[DONE]` and the last blank line are often missing."""
    assert ask(delta(content="Hi"), *end).reply.text == "Hi"


@pytest.mark.parametrize(
    "pieces", [[], [DONE], [event({"choices": None}), DONE], [b": alive\n\n"]], ids=["cut", "done", "null", "comment"]
)
def test_an_answer_without_finish_reason_is_not_complete(ask: Ask, pieces: list[bytes]) -> None:
    """It must not pass for a short answer."""
    with pytest.raises(ModelFailed, match=r"model lab: the answer stopped before its end") as failed:
        ask(*([] if pieces == [b": alive\n\n"] else [delta(content="Hal")]), *(pieces or [b"\n"]))
    assert failed.value.match == "model"


def test_a_server_known_for_null_reasons_ends_by_done(ask: Ask) -> None:
    """Only for the provider that has this quirk, and only with `[DONE]`."""
    assert ask(delta(content="Hi"), DONE, entry={"profile": {"done_is_finish": True}}).reply.text == "Hi"
    with pytest.raises(ModelFailed, match="before its end"):
        ask(delta(content="Hi"), entry={"profile": {"done_is_finish": True}})


ERRORS = {
    "object": (event({"error": {"message": "overloaded", "code": 502}}), "overloaded", "unavailable"),
    "text": (event({"error": "out of memory"}), "out of memory", "model"),
    "vllm": (event({"object": "error", "message": "bad grammar"}), "bad grammar", "model"),
    "event": (b'event: error\ndata: {"message": "gone"}\n\n', "gone", "model"),
    "event-text": (b"event: error\ndata: plain words\n\n", "plain words", "model"),
    "list": (event([{"error": {"message": "quota", "code": 429}}]), "quota", "unavailable"),
    "choice": (event({"choices": [{"error": {"message": "upstream"}, "delta": {}}]}), "upstream", "model"),
    "finish": (delta("error"), "says no more than `error`", "model"),
    "silent": (event({"error": {}}), "does not say why", "model"),
}


@pytest.mark.parametrize("shape", ERRORS)
def test_an_error_in_the_stream_ends_the_answer(ask: Ask, shape: str) -> None:
    """In every shape, with the server's own words, though the status was 200."""
    piece, words, match = ERRORS[shape]
    with pytest.raises(ModelFailed) as failed:
        ask(delta(content="Hal"), piece, STOP, DONE)
    assert words in failed.value.message
    assert failed.value.match == match


def test_an_error_as_the_whole_body_is_one_too(ask: Ask) -> None:
    """A router answers 200 and then says what happened."""
    with pytest.raises(ModelFailed, match="Provider returned error: no capacity"):
        ask(b'{"error": {"message": "Provider returned error", "metadata": {"raw": "no capacity"}}}')


def test_a_whole_answer_is_accepted_in_place_of_a_stream(ask: Ask) -> None:
    """From servers that do not stream; its kind is seen, not believed."""
    body = json.dumps({**WHOLE, "usage": {"prompt_tokens": 3, "completion_tokens": 1}}).encode()
    asked = ask(b"\n  ", body[:9], body[9:], kind="application/json")
    assert (asked.reply.text, asked.deltas, asked.reply.usage.total) == ("Hi", [("text", "Hi")], 4)


BODIES = {
    "half": (json.dumps(WHOLE).encode()[:-9], "half a JSON object"),
    "no choices": (b'{"choices": null}', "without any choices"),
    "list": (b"[1]", "where a piece of an answer belongs"),
    "page": (b"<!doctype html><p>Welcome", "web page"),
    "nothing": (b"\r\n", "empty answer"),
    "no JSON": (b"data: {oops\n\n", "no JSON: {oops"),
    "no object": (b"data: 7\n\n", "sent 7 where"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_answer_says_what_it_is(ask: Ask, kind: str) -> None:
    """Each by its own words."""
    body, words = BODIES[kind]
    with pytest.raises(ModelFailed) as failed:
        ask(body)
    assert words in failed.value.message


def test_an_endless_answer_is_refused(ask: Ask) -> None:
    """Many small events cannot fill the memory either."""
    with pytest.raises(ModelFailed, match="answer of more than 64 MiB"):
        ask(*[delta(content="x" * 2**21)] * 33)


def test_a_connection_cut_in_the_middle_is_no_end(ask: Ask) -> None:
    """Not even when a finish_reason was never to come."""
    with pytest.raises(ModelFailed, match="broke the connection off in the middle of its answer"):
        ask(delta(content="Hal"), Step.CUT)


def test_what_comes_after_done_cannot_spoil_the_answer(ask: Ask) -> None:
    """The answer is complete; only its connection is lost."""
    assert ask(delta(content="Hi"), STOP, DONE, Step.CUT).reply.text == "Hi"


def test_a_refusal_is_a_failure_with_its_words(ask: Ask) -> None:
    """It comes in place of the content."""
    with pytest.raises(ModelFailed, match="the model refused: I cannot help"):
        ask(delta(refusal="I cannot"), delta(refusal=" help"), STOP)


def test_a_filtered_answer_is_a_failure(ask: Ask) -> None:
    """Half of an answer must not pass for one."""
    with pytest.raises(ModelFailed, match="content filter"):
        ask(delta(content="Hal"), delta("content_filter"))


def test_the_empty_answer_is_given_as_it_is(ask: Ask) -> None:
    """What to do about it is the engine's to decide."""
    assert (ask(STOP).reply.text, ask(STOP).reply.finish) == ("", "stop")


def test_parts_of_content_are_joined(ask: Ask) -> None:
    """Some servers send a list; only its texts are the answer."""
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi"}]
    assert ask(delta(content=parts), STOP).reply.text == "Hi"


@pytest.mark.parametrize(
    "said,called,finish", [("length", False, "length"), ("eos", False, "stop"), ("stop", True, "tool_calls")]
)
def test_reasons_are_told_in_three_words(ask: Ask, said: str, called: bool, finish: str) -> None:
    """Whatever the server calls them."""
    calls: dict[str, Any] = {"tool_calls": [{"function": {"name": "t", "arguments": "{}"}}]} if called else {}
    assert ask(delta(content="x", **calls), delta(said)).reply.finish == finish
