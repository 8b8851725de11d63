"""A request in the words of the chat completions format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.models.arguments import past_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.models.port import Message, Request, ToolDef
    from runner.models.profile import Profile
    from runner.runs.events import Call

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(request: Request, model: str, profile: Profile) -> bytes:
    """The body to post."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message, profile) for message in request.messages],
        "stream": True,
    }
    if profile.usage_option:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.schema is not None and (profile.shape_with_tools or not request.tools):
        body.update(_response_format(request.schema, profile))
    return _ENCODE(body).encode(errors="replace")  # half a surrogate pair has no bytes


def _message(message: Message, profile: Profile) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    said: dict[str, Any] = {
        "role": message.role,
        "content": message.text or None,  # beside calls servers say null, and some refuse an empty text
        "tool_calls": [_call(call) for call in message.calls],
    }
    if profile.thinking_back == "with_calls":
        said["reasoning_content"] = message.thinking
    return said


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.tool, "arguments": _ENCODE(past_arguments(call.arguments))}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: ToolDef) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _response_format(schema: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    if profile.shape == "prompt":
        return {}
    if profile.shape == "json":
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}}
