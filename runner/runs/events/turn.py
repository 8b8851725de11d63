"""Events of agents and tools: prompts, model calls, tool calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from runner.runs.events.base import Event

REPLAY = "replay:"
"""What the `served` of a recorded model begins with."""
Tokens = Annotated[int, Field(ge=0, le=10**12)]
"""A count of tokens, whose sums fit where they are kept."""


class Usage(BaseModel):
    """Tokens of one model call, as the provider counted them."""

    model_config = ConfigDict(frozen=True)

    input: Tokens = 0
    """All that the model read, cached tokens included."""
    output: Tokens = 0
    """All that it wrote, reasoning included."""
    cached: Tokens = 0
    """Of the input: read from the provider's cache."""
    written: Tokens = 0
    """Of the input: put into the provider's cache."""
    reasoning: Tokens = 0
    """Of the output: thinking."""
    cost: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
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
    wire: str = ""
    """The wire format that the blocks are of; empty in older journals: then nobody is sent them."""
    blocks: list[Any]


class Shown(BaseModel):
    """A message of an example or of an earlier run, as the model is sent it before the first of this one."""

    model_config = ConfigDict(frozen=True)

    role: Literal["user", "assistant", "tool"]
    text: str
    calls: tuple[Call, ...] = ()
    call_id: str = ""


class PromptRendered(Event):
    """The exact texts an agent was given at the start of a visit; `continues` names the visit it goes on from.

    `window` is how many messages of that are sent again as they were; None: all.
    """

    type: Literal["prompt.rendered"] = "prompt.rendered"
    agent: str
    system: str
    message: str
    continues: str = ""
    examples: tuple[Shown, ...] = ()
    window: int | None = None


class SummaryMade(Event):
    """The first `messages` messages of an earlier conversation are sent as this text from now on."""

    type: Literal["summary.made"] = "summary.made"
    text: str
    messages: int


class Shortening(BaseModel):
    """How a visit's conversation is sent shorter than it was; messages are counted without system prompt and examples.

    Results of tools among the first `results` messages have at most `longest` characters, all others at most `most`.
    The first `messages` are sent as the `summary`, but for the visit's own.
    """

    model_config = ConfigDict(frozen=True)

    results: int = 0
    longest: int
    most: int
    messages: int = 0
    summary: str = ""


class ContextShortened(Event):
    """A conversation came near its model's context, or was refused as too long: from this turn on it is sent shorter.

    `tokens` are estimated before, `left` after; `window` is the context, where somebody has said it.
    """

    type: Literal["context.shortened"] = "context.shortened"
    model: str
    tokens: int
    left: int
    window: int | None = None
    refused: bool = False
    how: Shortening


class IntentMatched(Event):
    """A message was a phrase of an intent: the tool is called, and no model was asked what to do."""

    type: Literal["intent.matched"] = "intent.matched"
    phrase: str
    slots: dict[str, Any]
    tool: str
    arguments: dict[str, Any]


class IntentAnswered(Event):
    """The reply of an intent was rendered: it is the answer, and no model was asked for words."""

    type: Literal["intent.answered"] = "intent.answered"
    text: str


class ModelRequested(Event):
    """An attempt of a model call is about to be made: `tokens` is an estimate of what it sends, times are seconds.

    `served` is the model as its provider knows it (`provider:model`); `deadline` is for an answer that has not begun,
    `most` for one that makes progress, `idle` between two pieces.
    """

    type: Literal["model.requested"] = "model.requested"
    model: str
    served: str = ""
    agent: str = ""
    attempt: int = 1
    messages: int
    tools: list[str]
    tokens: int = 0
    deadline: float
    most: float | None = None
    idle: float | None = None
    why: str
    reserved_micros: int = 0
    """Millionths of a US dollar that it may cost, set aside under the limits of money until it has ended."""

    @property
    def is_replay(self) -> bool:
        """Whether the answer comes from a recording: nobody is paid for it."""
        return self.served.startswith(REPLAY)


class ModelReplied(Event):
    """A model answered; `is_estimated` tells that nobody counted, so that `usage` is an estimate."""

    type: Literal["model.replied"] = "model.replied"
    text: str
    thinking: str = ""
    calls: list[Call]
    usage: Usage
    is_estimated: bool = False
    finish: str
    seconds: float
    model: str = ""
    """Which model of runner.yaml answered: a fallback, perhaps."""
    attempt: int = 1
    first: float | None = None
    """Seconds to the first token."""
    kept: Kept | None = None
    cost_micros: int | None = None
    """Millionths of a US dollar; None when nobody knows."""


class ModelRetried(Event):
    """An answer could not be used and the model is asked again, in the words given."""

    type: Literal["model.retried"] = "model.retried"
    error: str
    message: str


class AttemptFailed(Event):
    """An attempt of a model call gave no answer; `then` is the model that is asked after `wait` seconds, if any.

    `usage` is what the attempt took, an estimate where nobody counted; `trouble` is a word of `errors.Trouble`, or
    `interrupted` when a crash or a stop cut it off.
    """

    type: Literal["model.failed"] = "model.failed"
    model: str
    attempt: int
    error: str
    trouble: str
    seconds: float
    usage: Usage = Usage()
    cost_micros: int | None = None
    """Of `usage`, in millionths of a US dollar; None when nobody knows."""
    wait: float = 0.0
    then: str = ""
