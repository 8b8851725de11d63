"""Requests in the words of the chat completions format, with each provider's quirks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.models import PROVIDERS
from runner.models.openai_chat.request import encode
from runner.models.port import Call, Kept, Message, Sampling
from runner.models.server import Server

if TYPE_CHECKING:
    from runner.models.port import Request, ToolDef

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}
STRICT = {**SCHEMA, "required": ["answer"], "additionalProperties": False}


def body(request: Request, provider: str = "lmstudio", **flags: Any) -> dict[str, Any]:
    """What would be posted."""
    profile = PROVIDERS[provider].profile.model_copy(update=flags)
    server = Server("lab", provider, "http://127.0.0.1/v1", "tiny", None, None, profile)
    posted: dict[str, Any] = json.loads(encode(request, server, profile))
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
    """Beside calls, also when there was none; under the server's own name; to nobody else."""
    turn = [Message("assistant", "", calls=[Call(id="c1", tool="t", arguments={})], thinking=thinking)]
    request = replace(a_request, messages=[*turn, Message("assistant", "Done.", thinking="Hm")])
    first, last = body(request, "deepseek")["messages"]
    assert first["reasoning_content"] == thinking
    assert "reasoning_content" not in last
    assert body(request, "vllm")["messages"][0]["reasoning"] == thinking
    assert not {"reasoning_content", "reasoning"} & set(body(request, "openai")["messages"][0])


DETAILS = [{"type": "reasoning.text", "text": "Hmm", "signature": "c2ln", "index": 0}]
SIGNED = {"google": {"thought_signature": "c2ln"}}


def test_what_the_provider_gave_goes_back_word_for_word(a_request: Request) -> None:
    """In the message and in its calls; to another provider, or one that wants nothing back, it does not go."""
    calls = [Call(id="c1", tool="t", arguments={}), Call(id="c2", tool="t", arguments={})]
    blocks = [{"reasoning_details": DETAILS}, {"id": "c1", "extra_content": SIGNED}, {"id": "gone", "x": 1}]
    turn = Message("assistant", "", calls=calls, kept=Kept(wire="openai_chat", provider="openrouter", blocks=blocks))
    request = replace(a_request, messages=[turn])
    (said,) = body(request, "openrouter")["messages"]
    assert said["reasoning_details"] == DETAILS
    assert [call.get("extra_content") for call in said["tool_calls"]] == [SIGNED, None]
    for other in (body(request, "gemini", signed_calls=False), body(request, "openrouter", thinking_back="none")):
        assert set(other["messages"][0]) == {"role", "content", "tool_calls"}


def test_calls_of_another_model_get_the_words_for_no_signature(a_request: Request) -> None:
    """The first of each message: a call without any is refused."""
    calls = [Call(id=name, tool="t", arguments={}) for name in ("c1", "c2")]
    own = Kept(wire="openai_chat", provider="gemini", blocks=[{"id": "c1", "extra_content": SIGNED}])
    turns = [Message("assistant", "", calls=calls), Message("assistant", "", calls=calls, kept=own)]
    said = body(replace(a_request, messages=turns), "gemini")["messages"]
    unsigned = {"google": {"thought_signature": "skip_thought_signature_validator"}}
    assert [call.get("extra_content") for turn in said for call in turn["tool_calls"]] == [unsigned, None, SIGNED, None]


def test_ids_are_put_as_the_server_takes_them(a_request: Request) -> None:
    """In a call and in its result alike; one that fits stays."""
    calls = [Call(id=name, tool="t", arguments={}) for name in ("call_abcdefgh-1", "abcdefgh1")]
    turn = [Message("assistant", "", calls=calls), *(Message("tool", "", call_id=call.id) for call in calls)]
    said, *results = body(replace(a_request, messages=turn), "mistral")["messages"]
    ids = [call["id"] for call in said["tool_calls"]]
    assert ids == [result["tool_call_id"] for result in results]
    assert ids[1] == "abcdefgh1"
    assert len(ids[0]) == 9
    assert ids[0].isalnum()


def test_system_messages_become_one_where_no_second_is_taken(a_request: Request) -> None:
    """The first; elsewhere each stays where it is."""
    request = replace(a_request, messages=[*a_request.messages, Message("system", "Be short.")])
    assert [said["role"] for said in body(request)["messages"]] == ["system", "user", "system"]
    first, second = body(request, one_system=True)["messages"]
    assert (first, second["role"]) == ({"role": "system", "content": "You help.\n\nBe short."}, "user")


def test_sampling_is_passed_on_as_far_as_the_model_takes_it(a_request: Request) -> None:
    """A bound of the request goes before the agent's."""
    request = replace(a_request, sampling=Sampling(temperature=0.0, top_p=0.9, max_tokens=100, seed=7))
    asked = body(request)
    assert [asked[name] for name in ("temperature", "top_p", "max_tokens", "seed")] == [0.0, 0.9, 100, 7]
    assert body(replace(request, max_tokens=50))["max_tokens"] == 50
    assert not {"temperature", "top_p"} & set(body(request, sampling=False))
    assert body(request, "mistral")["random_seed"] == 7


def test_the_bound_of_an_answer_has_two_names(a_request: Request) -> None:
    """The provider's own one is used."""
    request = replace(a_request, max_tokens=50)
    assert body(request, "openai")["max_completion_tokens"] == 50
    assert "max_tokens" not in body(request, "openai")


def test_thinking_can_be_turned_off(a_request: Request) -> None:
    """By the effort that means none."""
    assert body(a_request, thinking="off")["reasoning_effort"] == "none"


def test_a_conversation_has_its_key_to_the_cache(a_request: Request) -> None:
    """Where the provider takes one; a long one by its digest."""
    request = replace(a_request, cache_key="run/visit")
    assert body(request, "openai")["prompt_cache_key"] == "run/visit"
    assert len(body(replace(request, cache_key="x" * 65), "openai")["prompt_cache_key"]) == 64
    assert "prompt_cache_key" not in body(request)


def test_tools_are_offered_as_functions(a_request: Request, a_tool: ToolDef) -> None:
    """With the schema of their parameters."""
    function = {"name": "read_file", "description": "Read a file.", "parameters": dict(a_tool.parameters)}
    assert body(replace(a_request, tools=[a_tool]))["tools"] == [{"type": "function", "function": function}]


@pytest.mark.parametrize(
    "provider,format_",
    [
        ("vllm", {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}),
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


def test_a_strict_server_is_given_a_strict_schema(a_request: Request) -> None:
    """Where the schema can be put so; elsewhere as it is, and the answer is checked here."""
    named = body(replace(a_request, schema={**STRICT, "additionalProperties": True}), "openai")["response_format"]
    assert "strict" not in named["json_schema"]
    (held,) = [body(replace(a_request, schema=STRICT), "openai")["response_format"]["json_schema"]]
    assert held == {"name": "answer", "schema": STRICT, "strict": True}


def test_a_schema_may_be_a_tool_that_must_be_called(a_request: Request, a_tool: ToolDef) -> None:
    """Beside other tools any of them; where none can be forced it is only offered."""
    request = replace(a_request, schema=SCHEMA, shape="tool")
    asked = body(request)
    assert asked["tools"][0]["function"]["parameters"] == SCHEMA
    assert asked["tool_choice"] == {"type": "function", "function": {"name": "answer"}}
    asked = body(replace(request, tools=[a_tool]), shape_with_tools=True)
    assert [tool["function"]["name"] for tool in asked["tools"]] == ["read_file", "answer"]
    assert asked["tool_choice"] == "required"
    assert "tool_choice" not in body(request, forced_tools=False)


def test_usage_is_not_asked_for_where_asking_is_refused(a_request: Request) -> None:
    """The server reports it unasked."""
    assert "stream_options" not in body(a_request, "mistral")


def test_half_a_surrogate_pair_is_sent_as_a_question_mark(a_request: Request) -> None:
    """It has no bytes; the rest of the message has."""
    assert body(replace(a_request, messages=[Message("user", "é\ud83d")]))["messages"][0]["content"] == "é?"
