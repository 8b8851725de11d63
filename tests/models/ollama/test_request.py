"""Requests in the words of Ollama's own format."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.models import PROVIDERS
from runner.models.ollama.request import encode
from runner.models.port import Call, Message, Sampling
from runner.models.server import Server

if TYPE_CHECKING:
    from runner.models.port import Request, ToolDef

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}


def body(request: Request, context: int | None = None, keep_alive: float | None = None, **flags: Any) -> dict[str, Any]:
    """What would be posted."""
    profile = PROVIDERS["ollama"].profile.model_copy(update=flags)
    server = Server("lab", "ollama", "http://127.0.0.1", "tiny", None, None, profile, context, keep_alive)
    posted: dict[str, Any] = json.loads(encode(request, server, profile))
    return posted


def test_a_plain_question_says_what_must_not_be_left_to_the_server(a_request: Request) -> None:
    """Whether to think, and that nothing is to be cut off without a word."""
    assert body(a_request) == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "You help."}, {"role": "user", "content": "Hello"}],
        "stream": True,
        "think": True,
        "truncate": False,
        "shift": False,
    }
    assert body(a_request, thinking="off")["think"] is False


def test_the_context_is_the_same_in_every_request(a_request: Request) -> None:
    """Another would load the model anew; sampling stands beside it."""
    sampling = Sampling(temperature=0.0, top_p=0.9, max_tokens=100, seed=7)
    asked = body(replace(a_request, sampling=sampling), context=8192)
    assert asked["options"] == {"num_ctx": 8192, "num_predict": 100, "seed": 7, "temperature": 0.0, "top_p": 0.9}
    assert body(replace(a_request, max_tokens=50), context=8192)["options"] == {"num_ctx": 8192, "num_predict": 50}
    assert "temperature" not in body(replace(a_request, sampling=sampling), sampling=False)["options"]


def test_a_model_stays_loaded_as_long_as_the_files_say(a_request: Request) -> None:
    """In seconds; what they do not say is the server's."""
    assert [body(a_request, keep_alive=seconds)["keep_alive"] for seconds in (-1, 0, 1800)] == [-1, 0, 1800]
    assert "keep_alive" not in body(a_request)


def test_calls_and_their_results_are_told_again(a_request: Request) -> None:
    """Arguments as an object, a result by the name of its tool, thinking beside the calls it led to."""
    calls = [Call(id="c1", tool="read_file", arguments={"path": "é"}), Call(id="c2", tool="t", arguments="{oops")]
    said = Message("assistant", "", calls=calls, thinking="Hm.")
    turn = [said, Message("tool", "text", call_id="c1"), Message("assistant", "Done.", thinking="Hm.")]
    first, result, last = body(replace(a_request, messages=turn))["messages"]
    assert first["tool_calls"] == [
        {"id": "c1", "function": {"name": "read_file", "arguments": {"path": "é"}}},
        {"id": "c2", "function": {"name": "t", "arguments": {"invalid": "{oops"}}},
    ]
    assert result == {"role": "tool", "content": "text", "tool_name": "read_file", "tool_call_id": "c1"}
    assert (first["thinking"], "thinking" in last) == ("Hm.", False)


def test_tools_are_offered_as_functions(a_request: Request, a_tool: ToolDef) -> None:
    """With the schema of their parameters."""
    function = {"name": "read_file", "description": "Read a file.", "parameters": dict(a_tool.parameters)}
    assert body(replace(a_request, tools=[a_tool]))["tools"] == [{"type": "function", "function": function}]


def test_a_schema_is_the_format_unless_there_are_tools(a_request: Request, a_tool: ToolDef) -> None:
    """Beside tools it would take the calls away: then the prompt alone asks for it."""
    request = replace(a_request, schema=SCHEMA)
    assert body(request)["format"] == SCHEMA
    assert [body(request, shape=shape).get("format") for shape in ("tool", "json", "prompt")] == ["json", "json", None]
    assert "format" not in body(replace(request, tools=[a_tool]))


def test_half_a_surrogate_pair_is_sent_as_a_question_mark(a_request: Request) -> None:
    """It has no bytes; the rest of the message has."""
    assert body(replace(a_request, messages=[Message("user", "é\ud83d")]))["messages"][0]["content"] == "é?"
