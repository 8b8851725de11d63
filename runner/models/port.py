"""What the engine asks of a mind: one request in, a stream of deltas, one reply out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from runner.models.sampling import Sampling
from runner.runs.events import Call, Kept, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Call",
    "Deadline",
    "Kept",
    "Message",
    "Model",
    "OnDelta",
    "Place",
    "Reply",
    "Request",
    "Sampling",
    "Shape",
    "ToolDef",
    "Usage",
]

_USUAL = Sampling()
Shape = Literal["native", "tool", "json", "prompt"]
"""What holds an answer to a schema: the server itself, a forced tool, any JSON object, or the prompt's words."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; a `tool` message answers the call `call_id`."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: Sequence[Call] = ()
    call_id: str = ""
    thinking: str = ""
    kept: Kept | None = None

    def kept_for(self, wire: str, provider: str) -> Sequence[Any]:
        """The blocks that this provider gave in this wire format; none of any other's."""
        if self.kept is None or (self.kept.wire, self.kept.provider) != (wire, provider):
            return ()
        return self.kept.blocks


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
class Deadline:
    """The seconds of one attempt: for an answer to begin, between two pieces of it, and for one that makes progress."""

    total: float
    """For an answer that has not begun, and for one that comes in one piece."""
    idle: float | None = None
    most: float | None = None
    """For an answer that makes progress; None: `total`."""
    connect: float = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt of a model call: `schema` is the JSON Schema that its text must fit (None: free text)."""

    messages: Sequence[Message]
    tools: Sequence[ToolDef]
    schema: Mapping[str, Any] | None
    deadline: Deadline
    place: Place
    shape: Shape = "native"
    sampling: Sampling = _USUAL
    max_tokens: int | None = None
    cache_key: str = ""
    """The same for all calls of one conversation: what a provider finds its cache by."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `finish` is the provider's reason, in the words stop, tool_calls or length."""

    text: str
    calls: Sequence[Call]
    usage: Usage
    finish: str
    thinking: str = ""
    kept: Kept | None = None


class OnDelta(Protocol):
    """Called with each piece of an answer as it arrives; those of a call's name and arguments are for clocks alone."""

    def __call__(self, kind: Literal["text", "thinking", "call"], text: str) -> None:
        """Take one piece."""


class Model(Protocol):
    """A mind that is open: one configured model behind one wire format."""

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The answer of one attempt; raises ModelFailed with its `trouble` (match `timeout` past the deadline)."""

    async def close(self) -> None:
        """Give back what was opened."""
