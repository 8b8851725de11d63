"""How many tokens a request has, as far as anybody can tell before it is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.models.port import Message, Request

CHARACTERS = 4.0
"""Characters of a token, in most languages and models; less in code and in languages with other letters."""
EACH = 4
"""Tokens around each message."""


def estimate(request: Request) -> int:
    """Tokens of messages and tools together."""
    text = sum(_size(message) for message in request.messages)
    tools = sum(len(tool.name) + len(tool.description) + len(json.dumps(tool.parameters)) for tool in request.tools)
    return int((text + tools) / CHARACTERS) + EACH * len(request.messages)


def _size(message: Message) -> int:
    return len(message.text) + sum(len(call.tool) + len(json.dumps(call.arguments)) for call in message.calls)
