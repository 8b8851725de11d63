"""Answers in the Responses format, as recorded in `streams/`, through the whole way from a server on loopback."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models.port import Call, Usage
from tests.models.badserver import DONE, Step
from tests.models.recorded import asked_often, in_two, recorded, stopped

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask, Asked

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
sse = partial(recorded, "openai_responses")


def answered(ask: Ask, name: str, **how: Any) -> Asked:
    """What a recorded answer comes to."""
    return ask(sse(name), provider="xai", **how)


def shaped(request: Request) -> Request:
    """The request with a schema for its answer, to be given by a tool."""
    return replace(request, schema=SCHEMA, shape="tool")


def test_text_is_told_piece_by_piece_and_kept(ask: Ask) -> None:
    """A plain answer needs nothing to be sent back word for word."""
    asked = answered(ask, "text.sse")
    assert asked.deltas == [("text", "Héllo "), ("text", "wörld 😀")]
    assert (asked.reply.text, asked.reply.finish, asked.reply.kept) == ("Héllo wörld 😀", "stop", None)


def test_tokens_are_counted_in_all_their_kinds(ask: Ask) -> None:
    """Cached ones are part of the input, reasoning is part of the output."""
    counted = Usage(input=2300, output=60, cached=2000, written=256, reasoning=40)
    assert answered(ask, "text.sse").reply.usage == counted


def test_a_done_after_the_end_changes_nothing(ask: Ask) -> None:
    """Some servers of this format send it from habit."""
    assert ask(sse("text.sse"), DONE, provider="xai").reply.text == "Héllo wörld 😀"


def test_halves_of_a_character_are_joined(ask: Ask) -> None:
    """In what is told, and in the whole."""
    asked = answered(ask, "halves.sse")
    assert (asked.deltas, asked.reply.text) == ([("text", "Hi "), ("text", "😀")], "Hi 😀")


def test_calls_have_the_ids_that_their_results_name(ask: Ask) -> None:
    """Not those of their items."""
    reply = answered(ask, "thinking_tools.sse").reply
    assert list(reply.calls) == [
        Call(id="call_1", tool="read_file", arguments={"path": "a.py"}),
        Call(id="call_2", tool="list_files", arguments={}),
    ]
    assert (reply.text, reply.finish) == ("", "tool_calls")


def test_thinking_is_told_in_parts_and_kept_encrypted(ask: Ask) -> None:
    """The finished item goes back, not the one that began: its encryption may be half."""
    asked = answered(ask, "thinking_tools.sse")
    assert asked.reply.thinking == "".join(text for _, text in asked.deltas) == "I need\n\ntwo files."
    assert {kind for kind, _ in asked.deltas} == {"thinking"}
    kept = asked.reply.kept
    assert kept is not None
    assert (kept.provider, [item["type"] for item in kept.blocks]) == (
        "xai",
        ["reasoning", "function_call", "function_call"],
    )
    assert kept.blocks[0]["encrypted_content"] == "ZW5jcnlwdGVk"
    assert kept.blocks[1]["id"] == "fc_1"


def test_thinking_that_the_server_keeps_for_itself_is_not_sent_back(ask: Ask) -> None:
    """Nothing is stored there: it would be looked for in vain."""
    reply = answered(ask, "unencrypted.sse").reply
    assert (reply.kept, [call.tool for call in reply.calls]) == (None, ["list_files"])


def test_thinking_in_plain_words_is_kept_too(ask: Ask) -> None:
    """As open models on servers of one's own tell it."""
    asked = answered(ask, "reasoning_text.sse")
    assert asked.deltas == [("thinking", "Hm, "), ("thinking", "so."), ("text", "Hi")]
    assert asked.reply.thinking == "Hm, so."
    assert asked.reply.kept is not None


def test_remarks_on_the_way_are_no_part_of_the_answer(ask: Ask) -> None:
    """They are told as thinking, and go back with their phase."""
    asked = answered(ask, "phases.sse")
    assert asked.deltas == [("thinking", "I look "), ("thinking", "first."), ("text", "It is X.")]
    assert (asked.reply.text, asked.reply.thinking) == ("It is X.", "I look first.")
    assert asked.reply.kept is not None
    assert [item["phase"] for item in asked.reply.kept.blocks] == ["commentary", "final_answer"]


def test_a_remark_is_the_answer_where_there_is_no_other(ask: Ask) -> None:
    """Better than none."""
    assert answered(ask, "only_aside.sse").reply.text == "I look first."


@pytest.mark.parametrize("name", ["incomplete.sse", "incomplete_call.sse"])
def test_an_answer_that_was_cut_says_so_and_keeps_nothing(ask: Ask, name: str) -> None:
    """Thinking without what it led to would be refused."""
    reply = answered(ask, name).reply
    assert (reply.finish, reply.kept) == ("length", None)


def test_a_call_that_was_cut_is_not_mended(ask: Ask) -> None:
    """Mended, it would write half a file."""
    calls = answered(ask, "incomplete_call.sse").reply.calls
    assert [call.arguments for call in calls] == ['{"path":"a.py","text":"half a fi']


def test_arguments_that_are_no_json_are_mended_once(ask: Ask) -> None:
    """Or told as they are; none are an empty object."""
    calls = answered(ask, "invalid_arguments.sse").reply.calls
    assert [call.arguments for call in calls] == [{"path": "a.py"}, "the file a.py", {}]


def test_items_told_one_by_one_are_enough(ask: Ask) -> None:
    """Some servers leave them out of the last event."""
    assert answered(ask, "bare_end.sse").reply.text == "Hi"


def test_what_is_newer_than_this_is_passed_over(ask: Ask) -> None:
    """An item is sent back as it came. Names of events may be missing."""
    reply = answered(ask, "unknown.sse").reply
    assert reply.text == "Hi"
    assert reply.kept is not None
    assert reply.kept.blocks[0] == {"type": "brand_new_item", "id": "x_1"}


def test_a_whole_answer_is_accepted_in_place_of_a_stream(ask: Ask) -> None:
    """With what it cost, where the provider says it."""
    asked = answered(ask, "whole.json", kind="application/json")
    assert asked.deltas == [("thinking", "Hm."), ("text", "Hi")]
    assert [call.arguments for call in asked.reply.calls] == [{"path": "a.py"}]
    assert asked.reply.usage.cost == pytest.approx(0.0037756)


@pytest.mark.parametrize(
    "name,words,trouble",
    [
        ("failed.sse", "the server broke its answer off: The model crashed. (server_error)", "overloaded"),
        ("failed_limit.sse", "Slow down. (rate_limit_exceeded)", "limited"),
        ("failed_overflow.sse", "exceeds the context window", "overflow"),
        ("failed_prompt.sse", "Your prompt was flagged.", "refused"),
        ("error.sse", "An error occurred. (server_error)", "overloaded"),
        ("error_nested.sse", "You exceeded your current quota", "quota"),
        ("error.json", "The server had an error", "overloaded"),
        ("filtered.sse", "content filter", "filtered"),
        ("refusal.sse", "the model refused: I cannot help with that.", "filtered"),
        ("cancelled.sse", "stopped before its end (no response.completed)", "broken"),
    ],
)
def test_an_end_that_is_no_answer_is_a_failure_of_its_own_kind(ask: Ask, name: str, words: str, trouble: str) -> None:
    """Whoever asks again goes by it."""
    with pytest.raises(ModelFailed) as caught:
        answered(ask, name)
    assert words in caught.value.message
    assert (caught.value.message[:11], caught.value.trouble) == ("model lab: ", trouble)


@pytest.mark.parametrize("body", [b"7", b"[]", b'{"output": null}', b"data: 7\n\n", b"data: [DONE]\n\n"])
def test_a_body_that_is_no_answer_is_broken(ask: Ask, body: bytes) -> None:
    """JSON of another kind, or an end of nothing."""
    with pytest.raises(ModelFailed) as caught:
        ask(body, provider="xai")
    assert caught.value.trouble == "broken"


def test_a_call_without_a_name_is_broken(ask: Ask) -> None:
    """No tool could be found for it."""
    with pytest.raises(ModelFailed, match="without naming it"):
        ask(sse("unencrypted.sse").replace(b'"name": "list_files"', b'"name": null'), provider="xai")


def test_the_answer_tools_arguments_are_the_answer(ask: Ask, a_request: Request) -> None:
    """It is no call."""
    reply = answered(ask, "answer_tool.sse", request=shaped(a_request)).reply
    assert (reply.text, list(reply.calls), reply.finish, reply.kept) == ('{"answer": "yés"}', [], "stop", None)


def test_an_answer_beside_a_call_comes_too_early(ask: Ask, a_request: Request, a_tool: Any) -> None:
    """The call is made; what is sent back speaks of no call that has no result."""
    reply = answered(ask, "answer_tool_and_call.sse", request=replace(shaped(a_request), tools=[a_tool])).reply
    assert (reply.text, [call.tool for call in reply.calls]) == ("", ["read_file"])
    assert reply.kept is not None
    assert [item["type"] for item in reply.kept.blocks] == ["reasoning", "function_call"]


def test_an_answer_may_be_cut_in_two_at_any_byte(a_request: Request) -> None:
    """It is the same answer."""
    outcomes = asked_often("xai", a_request, in_two(sse("short.sse")))
    assert {outcome.text if not isinstance(outcome, ModelFailed) else outcome.message for outcome in outcomes} == {
        "é😀"
    }


def test_an_answer_that_stops_at_any_byte_is_broken(a_request: Request) -> None:
    """Never a short answer."""
    outcomes = asked_often("xai", a_request, stopped(sse("short.sse")))
    assert {outcome.trouble if isinstance(outcome, ModelFailed) else outcome.text for outcome in outcomes} == {"broken"}


def test_a_connection_cut_in_the_middle_is_no_end(ask: Ask) -> None:
    """Not even after the last word."""
    with pytest.raises(ModelFailed, match="broke the connection off in the middle") as caught:
        ask(sse("text.sse").rpartition(b"event: response.completed")[0], Step.CUT, provider="xai")
    assert caught.value.trouble == "reset"
