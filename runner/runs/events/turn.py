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
    output: int = 0

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


class PromptRendered(Event):
    """The exact texts an agent was given at the start of a visit; `continues` names the visit it goes on from."""

    type: Literal["prompt.rendered"] = "prompt.rendered"
    agent: str
    system: str
    message: str
    continues: str = ""


class ModelRequested(Event):
    """A model call is about to be made."""

    type: Literal["model.requested"] = "model.requested"
    model: str
    attempt: int = 1
    messages: int
    tools: list[str]
    deadline: float
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


class ModelRetried(Event):
    """An answer could not be used and the model is asked again, in the words given."""

    type: Literal["model.retried"] = "model.retried"
    error: str
    message: str


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
