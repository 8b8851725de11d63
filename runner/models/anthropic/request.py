"""A request in the words of Anthropic's Messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.models.anthropic.ids import plain_id
from runner.models.arguments import past_arguments
from runner.models.shapes import ANSWER, strict, way_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.models.port import Message, Request, Shape, ToolDef
    from runner.models.profile import Profile
    from runner.models.server import Server

MAX_TOKENS = 32_000
"""Tokens of an answer when nobody says: the format demands a bound, and every current model can give as many."""
LEAST_BUDGET = 1024
"""Tokens of thinking below which the server refuses a budget."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CACHED = {"type": "ephemeral"}


def encode(request: Request, server: Server, paused: Sequence[dict[str, Any]] = ()) -> bytes:
    """The body to post; `paused` is what the server said of this turn before it paused."""
    most = request.max_tokens or request.sampling.max_tokens or MAX_TOKENS
    turns = _turns(request.messages, server.provider)
    body: dict[str, Any] = {
        "model": server.model,
        "max_tokens": most,
        "system": _system(request),
        "messages": turns,
        "stream": True,
        **_thinking(server.profile, most, turns),
        **_sampling(request, server.profile),
        **_tools(request, server.profile),
    }
    if request.cache_key:
        body["cache_control"] = _CACHED  # the server marks the end of the conversation, wherever it is
    if not body["system"]:
        del body["system"]
    if paused:
        turns.append({"role": "assistant", "content": list(paused)})
    return _ENCODE(body).encode(errors="replace")  # half a surrogate pair has no bytes


def _system(request: Request) -> list[dict[str, Any]]:
    """The system prompt, which stands on top; a mark caches tools and prompt for other conversations, too."""
    text = "\n\n".join(message.text for message in request.messages if message.role == "system")
    mark = {"cache_control": _CACHED} if request.cache_key else {}
    return [{"type": "text", "text": text, **mark}] if text.strip() else []


def _turns(messages: Sequence[Message], provider: str) -> list[dict[str, Any]]:
    """The messages as turns of user and assistant that strictly alternate; the user begins."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = [] if message.role == "system" else _blocks(message, provider)
        if blocks and turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    for turn in turns:
        if turn["role"] == "user":
            turn["content"].sort(key=lambda block: block["type"] != "tool_result")  # results stand first
    if not turns or turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": [_text("(no words)")]})
    return turns


def _blocks(message: Message, provider: str) -> list[dict[str, Any]]:
    """The blocks of one message; those that this provider gave word for word go back so."""
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": plain_id(message.call_id) or "_", "content": message.text}]
    if kept := message.kept_for("anthropic", provider):
        return list(kept)
    text = [_text(message.text)] if message.text.strip() else []  # a blank text is refused
    calls = [
        {"type": "tool_use", "id": plain_id(call.id) or "_", "name": call.tool, "input": past_arguments(call.arguments)}
        for call in message.calls
    ]
    return [*text, *calls]


def _thinking(profile: Profile, most: int, turns: list[dict[str, Any]]) -> dict[str, Any]:
    if profile.thinking == "adaptive":
        return {"thinking": {"type": "adaptive", "display": "summarized"}}
    if profile.thinking == "off":
        return {"thinking": {"type": "disabled"}}
    if profile.thinking == "budget" and most > LEAST_BUDGET and not _began_without_thinking(turns):
        return {"thinking": {"type": "enabled", "budget_tokens": max(LEAST_BUDGET, most // 2)}}
    return {}


def _began_without_thinking(turns: list[dict[str, Any]]) -> bool:
    """Whether tools were called without thinking, by another model perhaps: with a budget such a turn is refused."""
    if len(turns) < 2 or turns[-1]["content"][0].get("type") != "tool_result":  # noqa: PLR2004 - a call and its results
        return False
    return turns[-2]["content"][0].get("type") not in ("thinking", "redacted_thinking")


def _sampling(request: Request, profile: Profile) -> dict[str, Any]:
    """Temperature and the like, which a model that thinks does not take."""
    if not profile.sampling or profile.thinking in ("adaptive", "budget"):
        return {}
    chosen = {"temperature": request.sampling.temperature, "top_p": request.sampling.top_p}
    return {name: value for name, value in chosen.items() if value is not None}


def _tools(request: Request, profile: Profile) -> dict[str, Any]:
    """Tools, and the schema that the answer must fit: as a format, or as a tool that must be called."""
    tools = [_tool(tool) for tool in request.tools]
    said: dict[str, Any] = {"tools": tools} if tools else {}
    way: Shape | None = way_of(request, profile)
    if request.schema is None or way in ("json", "prompt", None):
        return said
    schema = strict(request.schema, all_required=False)
    if way == "native" and schema is not None:
        return {**said, "output_config": {"format": {"type": "json_schema", "schema": schema}}}
    answer = {"name": ANSWER, "description": "Give the answer.", "input_schema": dict(request.schema)}
    choice = {"type": "any"} if tools else {"type": "tool", "name": ANSWER}
    if profile.thinking == "budget":
        choice = {"type": "auto"}  # with a budget the server refuses to force a tool
    return {"tools": [*tools, answer], "tool_choice": choice}


def _tool(tool: ToolDef) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
