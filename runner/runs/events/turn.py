"""Events of agents and tools: prompts, model calls, tool calls."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from runner.runs.events.base import Event
from runner.runs.record import Record


class Usage(BaseModel):
    """Tokens of one model call, as the provider counted them."""

    model_config = ConfigDict(frozen=True)

    input: int = 0
    """All that the model read, cached tokens included."""
    output: int = 0
    """All that it wrote, reasoning included."""
    cached: int = 0
    """Of the input: read from the provider's cache."""
    written: int = 0
    """Of the input: put into the provider's cache."""
    reasoning: int = 0
    """Of the output: thinking."""
    cost: float | None = None
    """US dollars, when the provider says what it took."""

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output


class Call(BaseModel):
    """A tool call that a model asked for; `arguments` is the object it gave, or its raw text when that was no JSON."""

    model_config = ConfigDict(frozen=True)

    id: str
    tool: str
    arguments: Any


class Kept(BaseModel):
    """What one provider wants back word for word in a later turn, its thinking above all; no other is sent it."""

    model_config = ConfigDict(frozen=True)

    provider: str
    blocks: list[Any]


class PromptRendered(Event):
    """The exact texts an agent was given at the start of a visit; `continues` names the visit it goes on from."""

    type: Literal["prompt.rendered"] = "prompt.rendered"
    agent: str
    system: str
    message: str
    continues: str = ""


class ModelRequested(Event):
    """An attempt of a model call is about to be made: `tokens` is an estimate of what it sends, times are seconds."""

    type: Literal["model.requested"] = "model.requested"
    model: str
    attempt: int = 1
    messages: int
    tools: list[str]
    tokens: int = 0
    deadline: float
    first: float | None = None
    idle: float | None = None
    why: str


class ModelReplied(Event):
    """A model answered."""

    type: Literal["model.replied"] = "model.replied"
    text: str
    thinking: str = ""
    calls: list[Call]
    usage: Usage
    finish: str
    seconds: float
    model: str = ""
    """Which model of runner.yaml answered: a fallback, perhaps."""
    attempt: int = 1
    first: float | None = None
    """Seconds to the first token."""
    kept: Kept | None = None


class ModelRetried(Event):
    """An attempt gave no usable answer, and another is made: after `wait` seconds, of `model` (a fallback, perhaps).

    With a `message` the answer came and did not fit: the model is asked again in these words. `usage` is what the
    attempt took, an estimate where nobody counted.
    """

    type: Literal["model.retried"] = "model.retried"
    error: str
    message: str = ""
    attempt: int = 1
    trouble: str = ""
    wait: float = 0.0
    model: str = ""
    usage: Usage = Usage()


class ToolCalled(Event):
    """A tool is about to be run: its intent, on disk before its effect."""

    type: Literal["tool.called"] = "tool.called"
    tool: str
    arguments: dict[str, Any]
    risk: str
    target: str
    cwd: str
    argv: list[str] | None = None
    rule: str
    attempt: int = 1


class ToolReturned(Event):
    """A tool call is over and its record stands."""

    type: Literal["tool.returned"] = "tool.returned"
    tool: str
    record: Record
    seconds: float = 0.0


class ToolInterrupted(Event):
    """A crash came between intent and result; `decision` is what the files say to do."""

    type: Literal["tool.interrupted"] = "tool.interrupted"
    tool: str
    decision: Literal["again", "ask", "fail"]
