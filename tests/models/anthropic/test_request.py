"""Requests in the words of Anthropic's Messages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.models import PROVIDERS
from runner.models.anthropic.request import encode
from runner.models.port import Call, Kept, Message, Sampling, ToolDef
from runner.models.server import Server

if TYPE_CHECKING:
    from runner.models.port import Request

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "pattern": "^a"}},
    "required": ["answer"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "additionalProperties": {"type": "string"}}
ANSWER = {"name": "answer", "description": "Give the answer.", "input_schema": SCHEMA}
CALL = Call(id="toolu_1", tool="read_file", arguments={"path": "é"})


def body(request: Request, **flags: Any) -> dict[str, Any]:
    """What would be posted by a provider with these flags."""
    provider = PROVIDERS["anthropic"]
    profile = provider.profile.model_copy(update=flags)
    server = Server("lab", "anthropic", provider.base_url, "tiny", None, None, profile)
    posted: dict[str, Any] = json.loads(encode(request, server))
    return posted


def turns(request: Request, *messages: Message) -> list[tuple[str, list[Any]]]:
    """The turns that these messages become."""
    return [(turn["role"], turn["content"]) for turn in body(replace(request, messages=messages))["messages"]]


def text(words: str) -> dict[str, str]:
    """A block of text."""
    return {"type": "text", "text": words}


def test_a_plain_question_says_nothing_that_it_need_not(a_request: Request) -> None:
    """The system prompt stands on top; a bound of the answer is demanded."""
    assert body(a_request) == {
        "model": "tiny",
        "max_tokens": 32_000,
        "system": [text("You help.")],
        "messages": [{"role": "user", "content": [text("Hello")]}],
        "stream": True,
    }


def test_calls_and_their_results_are_told_again(a_request: Request) -> None:
    """Input as an object, a result by the call's id."""
    said = Message("assistant", "Reading.", calls=[CALL])
    assert turns(a_request, Message("user", "Go"), said, Message("tool", "text", call_id="toolu_1"))[1:] == [
        (
            "assistant",
            [text("Reading."), {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "é"}}],
        ),
        ("user", [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "text"}]),
    ]


def test_turns_alternate_and_results_stand_first(a_request: Request) -> None:
    """Messages of one side in a row are one turn."""
    messages = [
        Message("user", "One"),
        Message("user", "Two"),
        Message("assistant", "", calls=[CALL]),
        Message("user", "Hurry"),
        Message("tool", "text", call_id="toolu_1"),
    ]
    told = turns(a_request, *messages)
    assert [role for role, _ in told] == ["user", "assistant", "user"]
    assert told[0][1] == [text("One"), text("Two")]
    assert [block["type"] for block in told[2][1]] == ["tool_result", "text"]


def test_blank_texts_are_left_out(a_request: Request) -> None:
    """The server refuses them; a conversation still begins with the user."""
    messages = [Message("system", " "), Message("user", "\n"), Message("assistant", "Hi"), Message("user", "Go")]
    assert turns(a_request, *messages) == [
        ("user", [text("(no words)")]),
        ("assistant", [text("Hi")]),
        ("user", [text("Go")]),
    ]
    assert "system" not in body(replace(a_request, messages=messages))


def test_all_system_prompts_stand_on_top(a_request: Request) -> None:
    """In their order."""
    messages = [Message("system", "One"), Message("user", "Hi"), Message("system", "Two")]
    assert body(replace(a_request, messages=messages))["system"] == [text("One\n\nTwo")]


def test_another_providers_ids_are_made_to_fit(a_request: Request) -> None:
    """The call's and its result's alike."""
    call = Call(id="functions.read:0", tool="t", arguments={})
    told = turns(a_request, Message("assistant", "", [call]), Message("tool", "x", call_id="functions.read:0"))
    assert told[1][1][0]["id"] == told[2][1][0]["tool_use_id"] == "functions_read_0"


def test_arguments_that_were_no_json_are_told_inside_an_object(a_request: Request) -> None:
    """Input must be one."""
    call = Call(id="a", tool="t", arguments='{"path')
    assert turns(a_request, Message("assistant", "", [call]))[1][1][0]["input"] == {"invalid": '{"path'}


def test_what_the_provider_gave_goes_back_word_for_word(a_request: Request) -> None:
    """In place of text and calls; to another provider it does not go."""
    blocks = [{"type": "thinking", "thinking": "", "signature": "s"}, text("Hi")]
    own = Message("assistant", "Hi", kept=Kept(wire="anthropic", provider="anthropic", blocks=blocks))
    others = Message(
        "assistant", "Ho", thinking="Hm", kept=Kept(wire="anthropic", provider="xai", blocks=[{"type": "reasoning"}])
    )
    told = turns(a_request, Message("user", "1"), own, Message("user", "2"), others)
    assert told[1] == ("assistant", blocks)
    assert told[3] == ("assistant", [text("Ho")])


def test_tools_are_offered_with_their_schema(a_request: Request, a_tool: ToolDef) -> None:
    """Nothing is forced."""
    asked = body(replace(a_request, tools=[a_tool]))
    tool = {"name": "read_file", "description": "Read a file.", "input_schema": dict(a_tool.parameters)}
    assert (asked["tools"], "tool_choice" in asked) == ([tool], False)


def test_a_schema_is_asked_for_as_a_format(a_request: Request, a_tool: ToolDef) -> None:
    """Beside tools, too; bounds of values are checked here, and only described there."""
    plain = {**SCHEMA, "properties": {"answer": {"type": "string", "description": "pattern: ^a"}}}
    for tools in ([], [a_tool]):
        asked = body(replace(a_request, schema=SCHEMA, tools=tools))
        assert asked["output_config"] == {"format": {"type": "json_schema", "schema": plain}}
        assert "tool_choice" not in asked


@pytest.mark.parametrize("how", [{"shape": "tool"}, {"schema": OPEN}])
def test_a_schema_that_is_no_format_becomes_a_tool_that_must_be_called(
    a_request: Request, a_tool: ToolDef, how: dict[str, Any]
) -> None:
    """Beside other tools any of them."""
    request = replace(a_request, **{"schema": SCHEMA, **how})
    asked = body(request)
    assert (asked["tools"][0]["input_schema"], asked["tool_choice"]) == (
        request.schema,
        {"type": "tool", "name": "answer"},
    )
    asked = body(replace(request, tools=[a_tool]))
    assert ([tool["name"] for tool in asked["tools"]], asked["tool_choice"]) == (
        ["read_file", "answer"],
        {"type": "any"},
    )


@pytest.mark.parametrize("shape", ["json", "prompt"])
def test_a_weaker_shape_is_the_prompts_alone(a_request: Request, shape: str) -> None:
    """The format has no other."""
    asked = body(replace(a_request, schema=SCHEMA), shape=shape)
    assert not {"output_config", "tools", "tool_choice"} & set(asked)


def test_thinking_with_a_budget_forces_no_tool_and_takes_no_sampling(a_request: Request) -> None:
    """The server refuses both."""
    request = replace(a_request, schema=SCHEMA, shape="tool", max_tokens=5000, sampling=Sampling(temperature=0.5))
    asked = body(request, thinking="budget")
    assert asked["thinking"] == {"type": "enabled", "budget_tokens": 2500}
    assert (asked["tools"], asked["tool_choice"]) == ([ANSWER], {"type": "auto"})
    assert "temperature" not in asked


def test_adaptive_thinking_is_asked_for_in_readable_form(a_request: Request) -> None:
    """The newest models would tell nothing of it; with it a tool may be forced."""
    asked = body(replace(a_request, schema=SCHEMA, shape="tool"), thinking="adaptive")
    assert asked["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert asked["tool_choice"] == {"type": "tool", "name": "answer"}


def test_an_answer_too_short_for_a_budget_is_asked_for_without(a_request: Request) -> None:
    """A budget must be at least 1024 and less than the answer's bound."""
    assert "thinking" not in body(replace(a_request, max_tokens=1024), thinking="budget")


@pytest.mark.parametrize("provider,thinks", [("anthropic", True), ("xai", False)])
def test_a_budget_is_not_given_to_a_turn_that_began_without_thinking(
    a_request: Request, provider: str, *, thinks: bool
) -> None:
    """A fallback goes on with the calls of another model; the server would refuse them."""
    block = {"type": "thinking", "thinking": "Hm", "signature": "s"}
    kept = Kept(
        wire="anthropic",
        provider=provider,
        blocks=[block, {"type": "tool_use", "id": "toolu_1", "name": "t", "input": {}}],
    )
    said = [Message("assistant", "", [CALL], kept=kept), Message("tool", "x", call_id="toolu_1")]
    asked = body(replace(a_request, messages=[Message("user", "Go"), *said]), thinking="budget")
    assert ("thinking" in asked) is thinks


def test_sampling_is_passed_on_as_far_as_the_model_takes_it(a_request: Request) -> None:
    """A bound of the request goes before the agent's."""
    request = replace(a_request, sampling=Sampling(temperature=0.0, top_p=0.9, max_tokens=100, seed=1))
    asked = body(request)
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], "seed" in asked) == (0.0, 0.9, 100, False)
    assert body(replace(request, max_tokens=50))["max_tokens"] == 50
    assert not {"temperature", "top_p"} & set(body(request, sampling=False))


def test_a_conversation_is_marked_for_the_cache_at_its_stable_places(a_request: Request, a_tool: ToolDef) -> None:
    """After tools and system prompt, and at its end: two of the four marks that a request may have."""
    asked = encode(
        replace(a_request, cache_key="run/visit", tools=[a_tool]),
        Server("lab", "anthropic", "http://x", "tiny", None, None, PROVIDERS["anthropic"].profile),
    ).decode()
    assert asked.count('"cache_control":{"type":"ephemeral"}') == 2
    assert json.loads(asked)["cache_control"] == {"type": "ephemeral"}
    assert json.loads(asked)["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_half_a_surrogate_pair_is_sent_as_a_question_mark(a_request: Request) -> None:
    """It has no bytes; the rest of the message has."""
    assert turns(a_request, Message("user", "é\ud83d")) == [("user", [text("é?")])]
