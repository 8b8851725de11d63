"""The fields of agents.d/NAME.yaml and of agents.d/prompts/NAME.yaml."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from runner.policy import Rule
from runner.spec import Duration, Items, Name, Positive, Selector, Spec, Timeout
from runner.spec.types import Fields


class Limits(Spec):
    """Limits of a phase, a workflow or an agent; null sets none."""

    time: Duration | None = None
    """Working time; waiting for a person or a timer does not count."""
    deadline: Duration | None = None
    """Wall-clock time."""
    turns: Positive | None = None
    """Model calls."""
    tokens: Positive | None = None
    """Tokens in and out, of all model calls together."""


class PhaseLimits(Limits):
    """Limits of a phase."""

    visits: Positive | None = None
    """Times it may be entered in a run."""


class AgentLimits(Limits):
    """Limits of each visit of an agent."""

    turns: Positive = 20
    """Model calls of one visit."""
    same_call: Positive = 3
    """Times the same tool may be called with the same arguments in one visit."""


class NamedPrompt(Spec):
    """A prompt kept in agents.d/prompts/NAME.yaml, with values for its inputs."""

    use: Name
    """The prompt's name."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Values of its inputs; texts are templates."""


class Rtcros(Spec):
    """A prompt in the parts role, task, constraints, rules and state; O, the output, is rendered from `output:`."""

    role: str | None = None
    """Who the agent is."""
    task: str | None = None
    """What it has to do."""
    constraints: str | Items[str] | None = None
    """What it must keep to."""
    rules: Items[str] = ()
    """How it works."""
    state: str | None = None
    """What it keeps from one message to the next."""


def _shape(value: object) -> str:
    if isinstance(value, str):
        return "text"
    uses = "use" in value if isinstance(value, dict) else isinstance(value, NamedPrompt)
    return "named" if uses else "parts"


def _message_shape(value: object) -> str:
    return "text" if isinstance(value, str) else "named"


PromptText = Annotated[
    Annotated[str, Tag("text")] | Annotated[NamedPrompt, Tag("named")] | Annotated[Rtcros, Tag("parts")],
    Discriminator(_shape),
]
Message = Annotated[Annotated[str, Tag("text")] | Annotated[NamedPrompt, Tag("named")], Discriminator(_message_shape)]


class AgentSpec(Spec):
    """An agent: what it is told, what it may use, how it answers."""

    description: str = Field(min_length=1)
    """What it is for, in one sentence."""
    model: Name = "default"
    """A model of runner.yaml."""
    timeout: Timeout = "standard"
    """A timeout class, or a duration for each model call."""
    prompt: PromptText
    """What the model is told: one text, parts, or a named prompt."""
    output: Fields | None = None
    """The fields of its answer; without them its answer is text."""
    tools: Items[Selector] = ()
    """Selectors of the tools it may call: name, pack/*, tag:word, -name to take away."""
    permissions: Items[Rule] = ()
    """Rules for its tool calls, besides those of runner.yaml and the workflow; the strictest answer wins."""
    limits: AgentLimits = AgentLimits()
    """Limits of each visit."""


class PromptSpec(Spec):
    """A named prompt: a template with typed inputs."""

    description: str = Field(min_length=1)
    """What it asks for."""
    inputs: Fields | None = None
    """What it needs besides what its place knows."""
    template: str = Field(min_length=1)
    """The text, in Jinja."""
