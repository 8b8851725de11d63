"""Answers of servers that speak chat completions, as recorded in `streams/`, through the whole way on loopback."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models.port import Call, Usage
from tests.models.recorded import asked_often, in_two, recorded, stopped

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
file = partial(recorded, "openai_chat")
READ_A = Call(id="call_1", tool="read_file", arguments={"path": "a.py"})
LIST = Call(id="call_2", tool="list_files", arguments={})


def failed(ask: Ask, name: str, **how: Any) -> ModelFailed:
    """The failure that a recorded answer is."""
    with pytest.raises(ModelFailed) as caught:
        ask(file(name), **how)
    return caught.value


def test_text_is_told_piece_by_piece_with_tokens_of_all_kinds(ask: Ask) -> None:
    """Usage comes last, without choices; cached tokens are part of the input, reasoning is part of the output."""
    asked = ask(file("text.sse"), provider="openai")
    assert asked.deltas == [("text", "Héllo "), ("text", "wörld 😀")]
    assert asked.reply.usage == Usage(input=2300, output=60, cached=2000, reasoning=40)
    assert (asked.reply.text, asked.reply.finish, asked.reply.kept) == ("Héllo wörld 😀", "stop", None)


@pytest.mark.parametrize(
    "name,provider",
    [
        ("deepseek_thinking.sse", "deepseek"),
        ("llamacpp.sse", "llamacpp"),
        ("vllm_running_usage.sse", "vllm"),
        ("vllm_renaming.sse", "vllm"),
        ("mistral_parts.sse", "mistral"),
        ("xai_usage.sse", "vllm"),
    ],
)
def test_thinking_is_told_apart_under_each_of_its_names(ask: Ask, name: str, provider: str) -> None:
    """Once, though a server in the middle of a rename sends two; in parts of the content, too."""
    asked = ask(file(name), provider=provider)
    assert "".join(text for kind, text in asked.deltas if kind == "thinking") == asked.reply.thinking
    assert asked.reply.thinking.replace("Hmm.", "Hm.") == "Hm."
    assert asked.reply.text == "Hi"


def test_thinking_between_tags_is_no_part_of_the_answer(ask: Ask) -> None:
    """Also when the tags are cut; a tag later on is text."""
    reply = ask(file("think_tags.sse")).reply
    assert (reply.thinking, reply.text) == ("Hm, a </b>.", "Hi <think>")


def test_thinking_that_was_cut_is_no_answer(ask: Ask) -> None:
    """An answer of nothing but thinking is empty."""
    reply = ask(file("think_unclosed.sse")).reply
    assert (reply.thinking, reply.text, reply.finish) == ("Hm.", "", "length")


@pytest.mark.parametrize(
    "name,usage",
    [
        ("deepseek_thinking.sse", Usage(input=100, output=20, cached=64, reasoning=15)),
        ("vllm_running_usage.sse", Usage(input=7, output=4)),
        ("groq_usage.sse", Usage(input=20, output=3)),
        ("gemini_tools.sse", Usage(input=50, output=120)),
        ("xai_usage.sse", Usage(input=30, output=309, cached=5, reasoning=300, cost=0.0037756)),
        ("llamacpp.sse", Usage(input=52, output=4)),
    ],
)
def test_tokens_are_counted_as_each_server_tells_them(ask: Ask, name: str, usage: Usage) -> None:
    """In a corner of their own, as running totals, or with thinking only in the total."""
    assert ask(file(name)).reply.usage == usage


def test_the_routers_thinking_is_put_together_and_kept(ask: Ask) -> None:
    """Comments say nothing; the signature belongs to the text, the encrypted part stands alone; the price is told."""
    asked = ask(file("openrouter_tools.sse"), provider="openrouter")
    assert asked.deltas == [("thinking", "I need "), ("thinking", "a file.")]
    assert asked.reply.calls == [Call(id="toolu_1", tool="read_file", arguments={"path": "a.py"})]
    kind = {"format": "anthropic-claude-v1"}
    text = {"type": "reasoning.text", "text": "I need a file.", "signature": "c2lnbmF0dXJl", **kind, "index": 0}
    secret = {"type": "reasoning.encrypted", "data": "ZW5jcnlwdGVk", **kind, "index": 1}
    assert asked.reply.kept is not None
    assert asked.reply.kept.provider == "openrouter"
    assert asked.reply.kept.blocks == [{"reasoning_details": [text, secret]}]
    assert asked.reply.usage == Usage(input=194, output=50, cached=100, written=64, reasoning=12, cost=0.00095)


def test_summaries_of_thinking_are_thinking(ask: Ask) -> None:
    """Where no other text tells it; with a key of one's own the price is the router's and the provider's."""
    reply = ask(file("openrouter_summary.sse"), provider="openrouter").reply
    assert reply.thinking == "Hm, so."
    assert reply.kept is not None
    assert [part["type"] for part in reply.kept.blocks[0]["reasoning_details"]] == [
        "reasoning.summary",
        "reasoning.encrypted",
    ]
    assert reply.usage.cost == pytest.approx(0.002)


def test_signatures_of_calls_and_words_are_kept(ask: Ask) -> None:
    """Calls come whole and without an index."""
    reply = ask(file("gemini_tools.sse"), provider="gemini").reply
    signed = {"extra_content": {"google": {"thought_signature": "c2lnbmF0dXJl"}}}
    assert [(call.id, call.tool) for call in reply.calls] == [
        ("function-call-1", "read_file"),
        ("function-call-2", "list_files"),
    ]
    assert reply.kept is not None
    assert reply.kept.blocks == [{"id": "function-call-1", **signed}]
    text = ask(file("gemini_text.sse"), provider="gemini").reply
    assert text.kept is not None
    assert (text.text, text.kept.blocks) == ("Hi", [signed])


@pytest.mark.parametrize("name", ["calls_without_index.sse", "calls_all_zero.sse", "calls_named_often.sse"])
def test_calls_are_put_together_however_they_are_numbered(ask: Ask, name: str) -> None:
    """Not at all, all alike, or named with every piece; arguments may be null, missing or an object."""
    reply = ask(file(name)).reply
    assert (list(reply.calls), reply.finish) == ([READ_A, LIST], "tool_calls")


def test_a_call_that_was_cut_is_not_mended_and_one_that_is_no_json_is(ask: Ask) -> None:
    """Mended, a cut one would write half a file."""
    cut = ask(file("call_cut.sse")).reply
    assert ([call.arguments for call in cut.calls], cut.finish) == (['{"path": "half a fi'], "length")
    calls = ask(file("call_invalid.sse")).reply.calls
    assert [call.arguments for call in calls] == [{"path": "a.py"}, "the file a.py"]


def test_the_answer_tools_arguments_are_the_answer(ask: Ask, a_request: Request, a_tool: Any) -> None:
    """It is no call; beside a call it comes too early, and the call is made."""
    request = replace(a_request, schema=SCHEMA, shape="tool")
    asked = ask(file("answer_tool.sse"), request=request)
    assert asked.server.bodies[0]["tool_choice"]["function"] == {"name": "answer"}
    assert (asked.reply.text, list(asked.reply.calls), asked.reply.finish) == ('{"answer": "yés"}', [], "stop")
    assert asked.deltas[-1] == ("text", '{"answer": "yés"}')
    beside = replace(request, tools=[a_tool])
    reply = ask(file("answer_tool_and_call.sse"), request=beside, entry={"profile": {"shape_with_tools": True}}).reply
    assert (reply.text, [call.tool for call in reply.calls]) == ("", ["read_file"])


def test_data_over_several_lines_is_one_object(ask: Ask) -> None:
    """Beside fields that say nothing here."""
    assert ask(file("multi_line.sse")).reply.text == "Hi"


def test_a_null_reason_ends_an_answer_of_ollama(ask: Ask) -> None:
    """In its imitation of this format, by `[DONE]`; elsewhere it is none."""
    reply = ask(file("ollama_null_finish.sse"), provider="ollama", entry={"wire": "openai_chat"}).reply
    assert (reply.text, reply.thinking) == ("Hi", "Hm.")
    assert failed(ask, "ollama_null_finish.sse").trouble == "broken"


def test_an_empty_answer_is_given_as_it_is(ask: Ask) -> None:
    """What to do about it is decided around all wire formats."""
    reply = ask(file("empty.sse")).reply
    assert (reply.text, list(reply.calls), reply.finish) == ("", [], "stop")


@pytest.mark.parametrize(
    "name,words,trouble",
    [
        ("openrouter_error.sse", "Provider returned error: no capacity", "overloaded"),
        ("openrouter_error.json", "m is temporarily rate-limited upstream", "limited"),
        ("openrouter_null_choices.json", "without any choices", "broken"),
        ("openrouter_null_choices.sse", "stopped before its end", "broken"),
        ("vllm_error.sse", "engine died", "overloaded"),
        ("vllm_abort.sse", "broke the answer off", "broken"),
        ("event_error.sse", "the engine is gone", "broken"),
        ("deepseek_resources.sse", "ran out of resources", "overloaded"),
        ("gemini_filtered.sse", "content filter", "filtered"),
        ("gemini_malformed_call.sse", "a call that its provider cannot read", "broken"),
        ("refusal.sse", "the model refused: I cannot help with that.", "filtered"),
        ("no_finish.sse", "stopped before its end (no finish_reason)", "broken"),
    ],
)
def test_an_end_that_is_no_answer_is_a_failure_of_its_own_kind(ask: Ask, name: str, words: str, trouble: str) -> None:
    """Though the status was 200. Whoever asks again goes by it."""
    fault = failed(ask, name)
    assert words in fault.message
    assert (fault.message[:11], fault.trouble) == ("model lab: ", trouble)


@pytest.mark.parametrize(
    "name,status,words,trouble",
    [
        ("llamacpp_loading.json", "503 Service Unavailable", "Loading model", "overloaded"),
        ("llamacpp_context.json", "400 Bad Request", "exceeds the available context size", "overflow"),
        ("gemini_error.json", "400 Bad Request", "missing a thought_signature", "refused"),
        ("gemini_key.json", "400 Bad Request", "API key not valid", "key"),
        ("temperature.json", "400 Bad Request", "'temperature' is not supported", "refused"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(ask: Ask, name: str, status: str, words: str, trouble: str) -> None:
    """Also out of a list."""
    fault = failed(ask, name, status=status, kind="application/json")
    assert words in fault.message
    assert fault.trouble == trouble


def test_a_wrong_key_that_is_told_with_400_names_its_variable(ask: Ask) -> None:
    """As any other wrong key."""
    fault = failed(ask, "gemini_key.json", provider="gemini", key="abc", status="400 Bad Request")
    hint = "write a key that this server takes into GEMINI_API_KEY; `runner doctor --online` tries it"
    assert (fault.match, fault.hint) == ("unavailable", hint)


def test_an_answer_may_be_cut_in_two_at_any_byte(a_request: Request) -> None:
    """Inside a character and between CR and LF, too: it is the same answer."""
    outcomes = asked_often("vllm", a_request, in_two(file("short.sse")))
    assert {getattr(outcome, "text", outcome) for outcome in outcomes} == {"é😀"}


def test_an_answer_that_stops_at_any_byte_is_broken_or_whole(a_request: Request) -> None:
    """Never a short answer."""
    whole = file("short.sse").partition(b"data: [DONE]")[0].rstrip()
    outcomes = asked_often("vllm", a_request, stopped(whole))
    assert {outcome.trouble if isinstance(outcome, ModelFailed) else outcome.text for outcome in outcomes} == {"broken"}
