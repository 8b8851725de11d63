"""A request in the words of the Responses format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.models.arguments import past_arguments
from runner.models.shapes import ANSWER, strict, way_of
from runner.models.text import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.models.port import Message, Request, Shape, ToolDef
    from runner.models.profile import Profile
    from runner.models.server import Server

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(request: Request, server: Server) -> bytes:
    """The body to post."""
    profile = server.profile
    body: dict[str, Any] = {
        "model": server.model,
        "input": [item for message in request.messages for item in _items(message, server.provider)],
        "stream": True,
        "store": False,
        **_tools(request, profile),
        **_limits(request, profile),
    }
    if profile.thinking_back == "kept":
        body["include"] = ["reasoning.encrypted_content"]
    if profile.thinking != "usual":
        body["reasoning"] = {"effort": "none"} if profile.thinking == "off" else {"summary": "auto"}
    if request.cache_key:
        body["prompt_cache_key"] = short_key(request.cache_key)
    return _ENCODE(body).encode(errors="replace")  # half a surrogate pair has no bytes


def _items(message: Message, provider: str) -> Iterable[dict[str, Any]]:
    """The items of one message; those that this provider gave word for word go back so."""
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": message.call_id, "output": message.text}
    elif kept := message.kept_for("openai_responses", provider):
        yield from kept
    else:
        if message.text or not message.calls:
            yield {"role": message.role, "content": message.text}
        for call in message.calls:
            arguments = _ENCODE(past_arguments(call.arguments))
            yield {"type": "function_call", "call_id": call.id, "name": call.tool, "arguments": arguments}


def _limits(request: Request, profile: Profile) -> dict[str, Any]:
    """The bound of an answer, and temperature and the like, which a model that reasons does not take."""
    said: dict[str, Any] = {"max_output_tokens": request.max_tokens or request.sampling.max_tokens}
    if profile.sampling:
        said |= {"temperature": request.sampling.temperature, "top_p": request.sampling.top_p}
    return {name: value for name, value in said.items() if value is not None}


def _tools(request: Request, profile: Profile) -> dict[str, Any]:
    """Tools, and the schema that the answer must fit: as a format, or as a tool that must be called."""
    tools = [_tool(tool) for tool in request.tools]
    said: dict[str, Any] = {"tools": tools} if tools else {}
    way = way_of(request, profile)
    if request.schema is None or way != "tool":
        return {**said, **_format(request.schema, way)}
    answer = _function(ANSWER, "Give the answer.", request.schema)
    choice = "required" if tools else {"type": "function", "name": ANSWER}
    return {"tools": [*tools, answer], "tool_choice": choice}


def _format(schema: Mapping[str, Any] | None, way: Shape | None) -> dict[str, Any]:
    if schema is None or way == "prompt":
        return {}
    if way == "json":
        return {"text": {"format": {"type": "json_object"}}}
    held = strict(schema, all_required=True)
    named = {"type": "json_schema", "name": ANSWER, "schema": dict(schema) if held is None else held}
    return {"text": {"format": {**named, "strict": held is not None}}}


def _tool(tool: ToolDef) -> dict[str, Any]:
    return _function(tool.name, tool.description, tool.parameters)


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Not strict, which would be the format's default: optional arguments would have to be given."""
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": dict(parameters),
        "strict": False,
    }
