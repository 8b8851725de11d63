"""What the engine asks of a mind: one request in, a stream of deltas, one reply out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from runner.runs.events import Call, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Call", "Message", "Model", "OnDelta", "Place", "Reply", "Request", "ToolDef", "Usage"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; a `tool` message answers the call `call_id`."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: Sequence[Call] = ()
    call_id: str = ""
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class ToolDef:
    """A tool as a model sees it; `parameters` is the JSON Schema of its arguments object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a run a request is made; a scripted model answers by it, real ones ignore it."""

    agent: str
    phase: str
    visit: int
    turn: int


@dataclass(frozen=True, slots=True)
class Request:
    """One model call: `schema` is the JSON Schema that its text must fit (None: free text), `seconds` its time."""

    messages: Sequence[Message]
    tools: Sequence[ToolDef]
    schema: Mapping[str, Any] | None
    seconds: float
    place: Place


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `finish` is the provider's reason, in the words stop, tool_calls or length."""

    text: str
    calls: Sequence[Call]
    usage: Usage
    finish: str
    thinking: str = ""


class OnDelta(Protocol):
    """Called with each piece of text as it arrives; `kind` tells answer from thinking."""

    def __call__(self, kind: Literal["text", "thinking"], text: str) -> None:
        """Take one piece."""


class Model(Protocol):
    """A mind that is open: one configured model behind one wire format."""

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer; raises ModelFailed (match `timeout` past `request.seconds`, `model` or `unavailable`)."""

    async def close(self) -> None:
        """Give back what was opened."""
