"""Providers find what they have read by its beginning: a longer conversation begins, to the byte, as a shorter one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from runner.models import PROVIDERS, Wire
from runner.models.anthropic.request import encode as anthropic
from runner.models.ollama.request import encode as ollama
from runner.models.openai_chat.request import encode as openai_chat
from runner.models.openai_responses.request import encode as openai_responses
from runner.models.port import Call, Message
from runner.models.server import Server

if TYPE_CHECKING:
    from runner.models.port import Request, ToolDef

PROVIDER: dict[Wire, str] = {
    "openai_chat": "openai",
    "openai_responses": "xai",
    "anthropic": "anthropic",
    "ollama": "ollama",
}
TURN = [
    Message("assistant", "I look.", [Call(id="call00001", tool="read_file", arguments={"path": "a", "at": 2})]),
    Message("tool", "There.", call_id="call00001"),
]
MORE = [Message("assistant", "Once more.", [Call(id="call00002", tool="read_file", arguments={"path": "b"})])]
MORE += [Message("tool", "Not there.", call_id="call00002")]


def body(wire: Wire, request: Request) -> dict[str, Any]:
    """What is posted."""
    provider = PROVIDER[wire]
    profile = PROVIDERS[provider].profile
    server = Server("main", provider, "http://127.0.0.1:1", "m", None, None, profile)
    if wire == "openai_responses":
        text = openai_responses(request, server)
    elif wire == "anthropic":
        text = anthropic(request, server)
    else:
        text = (openai_chat if wire == "openai_chat" else ollama)(request, server, profile)
    said: dict[str, Any] = json.loads(text)
    return said


@pytest.mark.parametrize("wire", get_args(Wire))
def test_a_longer_conversation_begins_as_the_shorter_one(a_request: Request, a_tool: ToolDef, wire: Wire) -> None:
    """Nothing in it tells the time or the turn, and all else is the same, tools in their order included."""
    tools = [replace(a_tool, name=name) for name in ("zebra", "ant", "read_file")]
    schema = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}
    begun = [Message("system", "You look."), Message("user", "Look."), *TURN]
    request = replace(a_request, messages=begun, tools=tools, schema=schema, cache_key="run/look/1")
    place = replace(request.place, turn=2)
    shorter, longer = body(wire, request), body(wire, replace(request, messages=[*begun, *MORE], place=place))
    key = "input" if wire == "openai_responses" else "messages"
    first, then = shorter.pop(key), longer.pop(key)
    assert len(then) > len(first)
    assert [json.dumps(message) for message in then[: len(first)]] == [json.dumps(message) for message in first]
    assert json.dumps(shorter) == json.dumps(longer)
