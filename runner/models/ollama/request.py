"""A request in the words of Ollama's own format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.models.arguments import past_arguments
from runner.models.shapes import way_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.models.port import Message, Request, ToolDef
    from runner.models.profile import Profile
    from runner.models.server import Server

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(request: Request, server: Server, profile: Profile) -> bytes:
    """The body to post, as far as the `profile` has come by now."""
    body: dict[str, Any] = {
        "model": server.model,
        "messages": _messages(request.messages, profile),
        "stream": True,
        "think": profile.thinking != "off",  # always said: left to itself, a model may think its answer and say nothing
        "truncate": False,  # what is too long is an error, not a conversation without its beginning
        "shift": False,
        **_shape(request, profile),
    }
    if options := _options(request, server, profile):
        body["options"] = options
    if server.keep_alive is not None:
        body["keep_alive"] = server.keep_alive
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    return _ENCODE(body).encode(errors="replace")  # half a surrogate pair has no bytes


def _messages(messages: Sequence[Message], profile: Profile) -> list[dict[str, Any]]:
    """Results name their tool; ids are sent too, though older servers know none."""
    tools = {call.id: call.tool for message in messages for call in message.calls}
    return [_message(message, tools, profile) for message in messages]


def _message(message: Message, tools: Mapping[str, str], profile: Profile) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.role == "tool":
        return {**said, "tool_name": tools.get(message.call_id, ""), "tool_call_id": message.call_id}
    if message.calls:
        said["tool_calls"] = [
            {"id": call.id, "function": {"name": call.tool, "arguments": past_arguments(call.arguments)}}
            for call in message.calls
        ]
        if message.thinking and profile.thinking_back == "with_calls":
            said["thinking"] = message.thinking
    return said


def _options(request: Request, server: Server, profile: Profile) -> dict[str, Any]:
    """The context is the same in every request: another size would load the model anew."""
    chosen = request.sampling
    said = {
        "num_ctx": server.context,
        "num_predict": request.max_tokens or chosen.max_tokens,
        "seed": chosen.seed,
        "temperature": chosen.temperature if profile.sampling else None,
        "top_p": chosen.top_p if profile.sampling else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _shape(request: Request, profile: Profile) -> dict[str, Any]:
    """The schema as a format; no tool can be forced here, so that any object is next best."""
    way = way_of(request, profile)
    if way is None or way == "prompt" or request.schema is None:
        return {}
    return {"format": dict(request.schema) if way == "native" else "json"}


def _tool(tool: ToolDef) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}
