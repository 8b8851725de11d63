"""Answers in Anthropic's Messages, as recorded in `streams/`, through the whole way from a server on loopback."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models.port import Call, Kept, Usage
from tests.models.badserver import Step
from tests.models.recorded import asked_often, in_two, recorded, stopped

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask, Asked

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
sse = partial(recorded, "anthropic")


def answered(ask: Ask, name: str, **how: Any) -> Asked:
    """What a recorded answer comes to."""
    return ask(sse(name), provider="anthropic", **how)


def failed(ask: Ask, name: str) -> ModelFailed:
    """How a recorded answer fails."""
    with pytest.raises(ModelFailed) as caught:
        answered(ask, name)
    return caught.value


def shaped(request: Request) -> Request:
    """The request with a schema for its answer."""
    return replace(request, schema=SCHEMA)


def test_text_is_told_piece_by_piece_and_kept(ask: Ask) -> None:
    """A ping in between says nothing."""
    asked = answered(ask, "text.sse")
    assert asked.deltas == [("text", "Héllo "), ("text", "wörld 😀")]
    assert (asked.reply.text, asked.reply.finish, asked.reply.kept) == ("Héllo wörld 😀", "stop", None)


def test_tokens_of_the_cache_are_counted_with_all_others(ask: Ask) -> None:
    """The server leaves them out of its `input_tokens`."""
    assert answered(ask, "text.sse").reply.usage == Usage(input=2312, output=9, cached=2000, written=300)


def test_lines_may_end_in_carriage_returns(ask: Ask) -> None:
    """As the specification of event streams allows."""
    assert ask(sse("text.sse").replace(b"\n", b"\r\n"), provider="anthropic").reply.text == "Héllo wörld 😀"


def test_halves_of_a_character_are_joined(ask: Ask) -> None:
    """In what is told, and in the whole."""
    asked = answered(ask, "halves.sse")
    assert (asked.deltas, asked.reply.text) == ([("text", "Hi "), ("text", "😀")], "Hi 😀")


def test_a_stop_sequence_is_an_end(ask: Ask) -> None:
    """As any other."""
    assert (answered(ask, "stop_sequence.sse").reply.text, answered(ask, "stop_sequence.sse").reply.finish) == (
        "one, two",
        "stop",
    )


def test_calls_are_put_together_and_an_empty_input_is_an_object(ask: Ask) -> None:
    """Their ids are the server's."""
    reply = answered(ask, "thinking_tools.sse").reply
    assert list(reply.calls) == [
        Call(id="toolu_1", tool="read_file", arguments={"path": "a.py"}),
        Call(id="toolu_2", tool="list_files", arguments={}),
    ]
    assert (reply.text, reply.thinking, reply.finish) == ("Reading.", "I need two files.", "tool_calls")
    assert reply.usage.reasoning == 40


def test_thinking_is_kept_word_for_word_with_what_it_led_to(ask: Ask) -> None:
    """Signature and encrypted parts included, in the order they came in."""
    assert answered(ask, "thinking_tools.sse").reply.kept == Kept(
        wire="anthropic",
        provider="anthropic",
        blocks=[
            {"type": "thinking", "thinking": "I need two files.", "signature": "c2lnbmF0dXJl"},
            {"type": "redacted_thinking", "data": "ZW5jcnlwdGVk"},
            {"type": "text", "text": "Reading."},
            {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a.py"}},
            {"type": "tool_use", "id": "toolu_2", "name": "list_files", "input": {}},
        ],
    )


def test_thinking_of_which_only_the_signature_is_told_is_kept(ask: Ask) -> None:
    """The server demands it back all the same."""
    kept = answered(ask, "omitted_thinking.sse").reply.kept
    assert kept is not None
    assert kept.blocks[0] == {"type": "thinking", "thinking": "", "signature": "c2ln"}


def test_thinking_without_a_signature_is_not_sent_back(ask: Ask) -> None:
    """It was cut off, and the server would refuse it."""
    reply = answered(ask, "unsigned_thinking.sse").reply
    assert (reply.thinking, reply.kept, len(reply.calls)) == ("Hm.", None, 1)


def test_an_answer_that_was_cut_says_so_and_its_call_is_not_mended(ask: Ask) -> None:
    """Mended, it would write half a file."""
    reply = answered(ask, "max_tokens.sse").reply
    assert (reply.text, reply.finish) == ("Writing.", "length")
    assert [call.arguments for call in reply.calls] == ['{"path": "a.py", "text": "half a fi']


def test_input_that_is_no_json_is_mended_once(ask: Ask) -> None:
    """Or told as it is, so that the model can be told what it wrote."""
    calls = answered(ask, "invalid_input.sse").reply.calls
    assert [call.arguments for call in calls] == [{"path": "a.py"}, "the file a.py"]


def test_what_is_newer_than_this_is_passed_over(ask: Ask) -> None:
    """Events, deltas and reasons; a block is sent back as it came. Names of events may be missing."""
    reply = answered(ask, "unnamed.sse").reply
    assert (reply.text, reply.finish) == ("Hi", "stop")
    assert reply.kept is not None
    assert reply.kept.blocks[-1] == {"type": "brand_new_block", "x": 1}


def test_blocks_that_never_began_are_taken(ask: Ask) -> None:
    """Some servers of this format leave the beginning out."""
    reply = answered(ask, "unbegun.sse").reply
    assert (reply.text, reply.thinking) == ("Hi", "Hm")


def test_a_whole_answer_is_accepted_in_place_of_a_stream(ask: Ask) -> None:
    """Its kind is seen, not believed."""
    asked = answered(ask, "whole.json", kind="application/json")
    assert asked.deltas == [("thinking", "Hm."), ("text", "Hi")]
    assert [call.arguments for call in asked.reply.calls] == [{"path": "a.py"}]
    assert asked.reply.usage == Usage(input=10, output=2, cached=7)
    assert asked.reply.kept is not None
    assert len(asked.reply.kept.blocks) == 3


@pytest.mark.parametrize(
    "name,words,trouble",
    [
        ("refusal.sse", "the model refused: It could do harm.", "filtered"),
        ("refusal_bare.sse", "the model refused", "filtered"),
        ("full_context.sse", "filled the model's context", "overflow"),
        ("overloaded.sse", "the server broke its answer off: Overloaded", "overloaded"),
        ("limited.sse", "Too many tokens", "limited"),
        ("error.json", "Internal server error", "overloaded"),
    ],
)
def test_a_stop_that_is_no_end_is_a_failure_of_its_own_kind(ask: Ask, name: str, words: str, trouble: str) -> None:
    """Whoever asks again goes by it."""
    fault = failed(ask, name)
    assert words in fault.message
    assert (fault.message[:11], fault.trouble) == ("model lab: ", trouble)


@pytest.mark.parametrize("body", [b"7", b"[]", b'{"content": null}', b"data: 7\n\n"])
def test_a_body_that_is_no_answer_is_broken(ask: Ask, body: bytes) -> None:
    """JSON of another kind."""
    with pytest.raises(ModelFailed) as caught:
        ask(body, provider="anthropic")
    assert caught.value.trouble == "broken"


def test_a_call_without_a_name_is_broken(ask: Ask) -> None:
    """No tool could be found for it."""
    with pytest.raises(ModelFailed, match="without naming it"):
        ask(sse("omitted_thinking.sse").replace(b'"name": "list_files"', b'"name": null'), provider="anthropic")


def test_the_answer_tools_input_is_the_answer(ask: Ask, a_request: Request) -> None:
    """Words beside it are none of it, and it is no call."""
    reply = answered(ask, "answer_tool.sse", request=shaped(a_request)).reply
    assert (reply.text, list(reply.calls), reply.finish, reply.kept) == ('{"answer": "yés"}', [], "stop", None)


def test_an_answer_beside_a_call_comes_too_early(ask: Ask, a_request: Request) -> None:
    """The call is made; what is sent back speaks of no call that has no result."""
    reply = answered(ask, "answer_tool_and_call.sse", request=shaped(a_request)).reply
    assert (reply.text, [call.tool for call in reply.calls]) == ("", ["read_file"])
    assert reply.kept is not None
    assert [block["type"] for block in reply.kept.blocks] == ["thinking", "tool_use"]
    assert reply.kept.blocks[1]["input"] == {"path": "a.py"}


def test_an_answer_may_be_cut_in_two_at_any_byte(a_request: Request) -> None:
    """It is the same answer."""
    outcomes = asked_often("anthropic", a_request, in_two(sse("text.sse")))
    assert {outcome.text if not isinstance(outcome, ModelFailed) else outcome.message for outcome in outcomes} == {
        "Héllo wörld 😀"
    }


def test_an_answer_that_stops_at_any_byte_is_broken(a_request: Request) -> None:
    """Never a short answer."""
    outcomes = asked_often("anthropic", a_request, stopped(sse("text.sse")))
    assert {outcome.trouble if isinstance(outcome, ModelFailed) else outcome.text for outcome in outcomes} == {"broken"}


def test_a_connection_cut_in_the_middle_is_no_end(ask: Ask) -> None:
    """Not even after a stop_reason."""
    with pytest.raises(ModelFailed, match="broke the connection off in the middle") as caught:
        ask(sse("text.sse").rpartition(b"event: message_stop")[0], Step.CUT, provider="anthropic")
    assert caught.value.trouble == "reset"
