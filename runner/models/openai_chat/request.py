"""A request in the words of the chat completions format."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.models.arguments import past_arguments
from runner.models.openai_chat.kept import UNSIGNED, put_back
from runner.models.shapes import ANSWER, strict, way_of
from runner.models.text import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.models.port import Message, Request, Shape, ToolDef
    from runner.models.profile import Profile
    from runner.models.server import Server
    from runner.runs.events import Call

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SHORT_ID = re.compile(r"[A-Za-z0-9]{9}")


def encode(request: Request, server: Server, profile: Profile) -> bytes:
    """The body to post, as far as the `profile` has come by now."""
    body: dict[str, Any] = {
        "model": server.model,
        "messages": [_message(message, server.provider, profile) for message in _put(request.messages, profile)],
        "stream": True,
        **_options(request, profile),
        **_tools(request, profile),
    }
    if profile.usage_option:
        body["stream_options"] = {"include_usage": True}
    if profile.cache_key and request.cache_key:
        body["prompt_cache_key"] = short_key(request.cache_key)
    return _ENCODE(body).encode(errors="replace")  # half a surrogate pair has no bytes


def _put(messages: Sequence[Message], profile: Profile) -> Iterable[Message]:
    """The messages, their system prompts in one where the server takes no more."""
    systems = [message for message in messages if message.role == "system"]
    if not profile.one_system or len(systems) < 2:  # noqa: PLR2004 - one needs no joining
        return messages
    first = replace(systems[0], text="\n\n".join(message.text for message in systems))
    return [first, *(message for message in messages if message.role != "system")]


def _message(message: Message, provider: str, profile: Profile) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": _id(message.call_id, profile), "content": message.text}
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        said["content"] = message.text or None  # beside calls servers say null, and some refuse an empty text
        said["tool_calls"] = [_call(call, profile) for call in message.calls]
        if profile.thinking_back == "with_calls":
            said[profile.thinking_field] = message.thinking
    if profile.thinking_back == "kept":
        put_back(said, message.kept_for("openai_chat", provider))
    if profile.signed_calls and message.calls:
        said["tool_calls"][0].setdefault("extra_content", UNSIGNED)  # of calls side by side the first is signed
    return said


def _call(call: Call, profile: Profile) -> dict[str, Any]:
    function = {"name": call.tool, "arguments": _ENCODE(past_arguments(call.arguments))}
    return {"id": _id(call.id, profile), "type": "function", "function": function}


def _id(call_id: str, profile: Profile) -> str:
    if not profile.short_ids or _SHORT_ID.fullmatch(call_id):
        return call_id
    return hashlib.sha256(call_id.encode(errors="replace")).hexdigest()[:9]


def _options(request: Request, profile: Profile) -> dict[str, Any]:
    """The bound of an answer, its seed, and temperature and the like, which a model that reasons does not take."""
    chosen = request.sampling
    bound = "max_completion_tokens" if profile.max_completion_tokens else "max_tokens"
    said: dict[str, Any] = {bound: request.max_tokens or chosen.max_tokens, profile.seed_field: chosen.seed}
    if profile.sampling:
        said |= {"temperature": chosen.temperature, "top_p": chosen.top_p}
    if profile.thinking == "off":
        said["reasoning_effort"] = "none"
    return {name: value for name, value in said.items() if value is not None}


def _tools(request: Request, profile: Profile) -> dict[str, Any]:
    """Tools, and the schema that the answer must fit: as a format, or as a tool that must be called."""
    tools = [_tool(tool) for tool in request.tools]
    said: dict[str, Any] = {"tools": tools} if tools else {}
    way = way_of(request, profile)
    if request.schema is None or way != "tool":
        return {**said, **_format(request.schema, way, profile)}
    answer = _function(ANSWER, "Give the answer.", request.schema)
    forced = {"type": "function", "function": {"name": ANSWER}}
    choice = {"tool_choice": "required" if tools else forced} if profile.forced_tools else {}
    return {"tools": [*tools, answer], **choice}


def _tool(tool: ToolDef) -> dict[str, Any]:
    return _function(tool.name, tool.description, tool.parameters)


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": function}


def _format(schema: Mapping[str, Any] | None, way: Shape | None, profile: Profile) -> dict[str, Any]:
    if schema is None or way == "prompt":
        return {}
    if way == "json":
        return {"response_format": {"type": "json_object"}}
    named: dict[str, Any] = {"name": ANSWER, "schema": dict(schema)}
    held = strict(schema, all_required=True) if profile.strict else None
    if held is not None:
        named |= {"schema": held, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}
