"""Requests in the words of the chat completions format, with each provider's quirks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.models import PROVIDERS
from runner.models.openai_chat.request import encode
from runner.models.port import Call, Message

if TYPE_CHECKING:
    from runner.models.port import Request, ToolDef

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}


def body(request: Request, provider: str = "vllm") -> dict[str, Any]:
    """What would be posted."""
    posted: dict[str, Any] = json.loads(encode(request, "tiny", PROVIDERS[provider].profile))
    return posted


def test_a_plain_question_says_nothing_that_it_need_not(a_request: Request) -> None:
    """No tools, no schema, no sampling; usage is asked for."""
    assert body(a_request) == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "You help."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_calls_and_their_answers_are_told_again(a_request: Request) -> None:
    """Arguments as text, an answer by the call's id."""
    call = Call(id="c1", tool="read_file", arguments={"path": "é"})
    turn = [Message("assistant", "", calls=[call]), Message("tool", "text", call_id="c1")]
    function = {"name": "read_file", "arguments": '{"path":"é"}'}
    assert body(replace(a_request, messages=turn))["messages"] == [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "c1", "content": "text"},
    ]


def test_arguments_that_were_no_json_are_told_inside_an_object(a_request: Request) -> None:
    """Servers refuse past calls whose arguments they cannot parse."""
    turn = [Message("assistant", "Reading.", calls=[Call(id="c1", tool="t", arguments='{"path')])]
    said = body(replace(a_request, messages=turn))["messages"][0]
    assert said["content"] == "Reading."
    assert json.loads(said["tool_calls"][0]["function"]["arguments"]) == {"invalid": '{"path'}


@pytest.mark.parametrize("thinking", ["", "Hmm"])
def test_past_thinking_is_told_to_who_demands_it(a_request: Request, thinking: str) -> None:
    """Beside calls, also when there was none; to nobody else."""
    turn = [Message("assistant", "", calls=[Call(id="c1", tool="t", arguments={})], thinking=thinking)]
    request = replace(a_request, messages=[*turn, Message("assistant", "Done.", thinking="Hm")])
    first, last = body(request, "deepseek")["messages"]
    assert first["reasoning_content"] == thinking
    assert "reasoning_content" not in last
    assert "reasoning_content" not in body(request, "openai")["messages"][0]


def test_tools_are_offered_as_functions(a_request: Request, a_tool: ToolDef) -> None:
    """With the schema of their parameters."""
    function = {"name": "read_file", "description": "Read a file.", "parameters": dict(a_tool.parameters)}
    assert body(replace(a_request, tools=[a_tool]))["tools"] == [{"type": "function", "function": function}]


@pytest.mark.parametrize(
    "provider,format_",
    [
        ("ollama", {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}),
        ("deepseek", {"type": "json_object"}),
        ("groq", None),
    ],
)
def test_a_schema_is_asked_for_as_far_as_the_server_can(
    a_request: Request, provider: str, format_: dict[str, Any] | None
) -> None:
    """By itself, as any object, or by the prompt alone."""
    assert body(replace(a_request, schema=SCHEMA), provider).get("response_format") == format_


@pytest.mark.parametrize("provider,both", [("openai", True), ("ollama", False), ("deepseek", False)])
def test_a_schema_beside_tools_is_asked_for_only_where_both_work(
    a_request: Request, a_tool: ToolDef, provider: str, *, both: bool
) -> None:
    """Elsewhere the model would answer by the schema and never call a tool."""
    asked = body(replace(a_request, schema=SCHEMA, tools=[a_tool]), provider)
    assert ("response_format" in asked) is both


def test_usage_is_not_asked_for_where_asking_is_refused(a_request: Request) -> None:
    """The server reports it unasked."""
    assert "stream_options" not in body(a_request, "mistral")


def test_half_a_surrogate_pair_is_sent_as_a_question_mark(a_request: Request) -> None:
    """It has no bytes; the rest of the message has."""
    assert body(replace(a_request, messages=[Message("user", "é\ud83d")]))["messages"][0]["content"] == "é?"
