"""Requests in the words of the Responses format."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.models import PROVIDERS
from runner.models.openai_responses.request import encode
from runner.models.port import Call, Kept, Message, Sampling, ToolDef
from runner.models.server import Server

if TYPE_CHECKING:
    from runner.models.port import Request

STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
LOOSE = {"type": "object", "properties": {"answer": {"type": "string"}}}


def body(request: Request, **flags: Any) -> dict[str, Any]:
    """What would be posted by a provider with these flags."""
    provider = PROVIDERS["xai"]
    profile = provider.profile.model_copy(update=flags)
    posted: dict[str, Any] = json.loads(
        encode(request, Server("lab", "xai", provider.base_url, "tiny", None, None, profile))
    )
    return posted


def items(request: Request, *messages: Message) -> list[Any]:
    """The items that these messages become."""
    told: list[Any] = body(replace(request, messages=messages))["input"]
    return told


def test_a_plain_question_says_nothing_that_it_need_not(a_request: Request) -> None:
    """Nothing is stored, so that thinking is wanted encrypted."""
    assert body(a_request) == {
        "model": "tiny",
        "input": [{"role": "system", "content": "You help."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }


def test_a_model_that_does_not_reason_is_not_asked_for_its_reasoning(a_request: Request) -> None:
    """It would refuse the request."""
    assert "include" not in body(a_request, thinking_back="none")


def test_calls_and_their_results_are_told_again(a_request: Request) -> None:
    """Each as an item of its own, by the call's id."""
    call = Call(id="call_1", tool="read_file", arguments={"path": "é"})
    turn = [Message("assistant", "Reading.", calls=[call]), Message("tool", "text", call_id="call_1")]
    assert items(a_request, *turn) == [
        {"role": "assistant", "content": "Reading."},
        {"type": "function_call", "call_id": "call_1", "name": "read_file", "arguments": '{"path":"é"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "text"},
    ]


def test_a_call_without_words_is_one_item(a_request: Request) -> None:
    """Arguments that were no JSON are told inside an object."""
    (item,) = items(a_request, Message("assistant", "", [Call(id="a", tool="t", arguments='{"path')]))
    assert json.loads(item["arguments"]) == {"invalid": '{"path'}


def test_what_the_provider_gave_goes_back_word_for_word(a_request: Request) -> None:
    """In place of text and calls; to another provider it does not go."""
    blocks = [{"type": "reasoning", "encrypted_content": "x"}, {"type": "message", "phase": "commentary"}]
    own = Message("assistant", "Hi", kept=Kept(wire="openai_responses", provider="xai", blocks=blocks))
    others = Message("assistant", "Ho", kept=Kept(wire="openai_responses", provider="openai", blocks=blocks))
    assert items(a_request, own, others) == [*blocks, {"role": "assistant", "content": "Ho"}]


def test_tools_are_offered_and_not_strictly(a_request: Request, a_tool: ToolDef) -> None:
    """The format's own default would demand optional arguments."""
    asked = body(replace(a_request, tools=[a_tool]))
    function = {"name": "read_file", "description": "Read a file.", "parameters": dict(a_tool.parameters)}
    assert asked["tools"] == [{"type": "function", **function, "strict": False}]
    assert "tool_choice" not in asked


@pytest.mark.parametrize("schema,strict", [(STRICT, True), (LOOSE, False)])
def test_a_schema_is_a_format_and_strict_where_it_can_be(
    a_request: Request, a_tool: ToolDef, schema: dict[str, Any], *, strict: bool
) -> None:
    """Beside tools, too."""
    named = {"type": "json_schema", "name": "answer", "schema": schema, "strict": strict}
    for tools in ([], [a_tool]):
        assert body(replace(a_request, schema=schema, tools=tools))["text"] == {"format": named}


def test_weaker_shapes_are_asked_for_in_their_own_words(a_request: Request) -> None:
    """Any object, or the prompt alone."""
    request = replace(a_request, schema=STRICT)
    assert body(request, shape="json")["text"] == {"format": {"type": "json_object"}}
    assert not {"text", "tools"} & set(body(request, shape="prompt"))


def test_a_schema_may_be_a_tool_that_must_be_called(a_request: Request, a_tool: ToolDef) -> None:
    """Beside other tools any of them."""
    request = replace(a_request, schema=LOOSE, shape="tool")
    asked = body(request)
    assert (asked["tools"][0]["parameters"], asked["tool_choice"]) == (LOOSE, {"type": "function", "name": "answer"})
    asked = body(replace(request, tools=[a_tool]))
    assert ([tool["name"] for tool in asked["tools"]], asked["tool_choice"]) == (["read_file", "answer"], "required")


def test_sampling_is_passed_on_as_far_as_the_model_takes_it(a_request: Request) -> None:
    """A bound of the request goes before the agent's."""
    request = replace(a_request, sampling=Sampling(temperature=0.0, top_p=0.9, max_tokens=100))
    asked = body(request)
    assert (asked["temperature"], asked["top_p"], asked["max_output_tokens"]) == (0.0, 0.9, 100)
    assert body(replace(request, max_tokens=50))["max_output_tokens"] == 50
    assert not {"temperature", "top_p"} & set(body(request, sampling=False))


def test_thinking_that_is_asked_for_is_told_in_summary(a_request: Request) -> None:
    """Elsewise the provider's own way holds."""
    assert body(a_request, thinking="adaptive")["reasoning"] == {"summary": "auto"}


def test_a_conversation_has_its_key_to_the_cache(a_request: Request) -> None:
    """A long one by its digest: 64 characters are taken."""
    assert body(replace(a_request, cache_key="run/visit"))["prompt_cache_key"] == "run/visit"
    digest = body(replace(a_request, cache_key="x" * 65))["prompt_cache_key"]
    assert (len(digest), digest == "x" * 64) == (64, False)


def test_half_a_surrogate_pair_is_sent_as_a_question_mark(a_request: Request) -> None:
    """It has no bytes; the rest of the message has."""
    assert items(a_request, Message("user", "é\ud83d"))[0]["content"] == "é?"
