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
    """How long it may work; waiting for a person or a timer does not count."""
    deadline: Duration | None = None
    """How long it may take by the clock on the wall."""
    turns: Positive | None = None
    """How many model calls it may make."""
    tokens: Positive | None = None
    """How many tokens its model calls may take together, in and out."""


class PhaseLimits(Limits):
    """Limits of a phase."""

    visits: Positive | None = None
    """How often it may be entered in a run."""


class AgentLimits(Limits):
    """Limits of each visit of an agent."""

    turns: Positive = 20
    """How many model calls one visit may make."""
    same_call: Positive = 3
    """How often one visit may call the same tool with the same arguments."""


class NamedPrompt(Spec):
    """A prompt kept in agents.d/prompts/NAME.yaml, with values for its inputs."""

    use: Name
    """The name of the prompt."""
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
    """The model that it runs on, by its name in runner.yaml."""
    timeout: Timeout = "standard"
    """How long each model call may take: a timeout class or a duration."""
    prompt: PromptText
    """What the model is told: one text, parts, or a named prompt."""
    output: Fields | None = None
    """The fields of its answer; without them its answer is text."""
    tools: Items[Selector] = ()
    """The tools that it may call, as selectors: name, pack/*, tag:word, -name to take away."""
    permissions: Items[Rule] = ()
    """Rules for its tool calls, besides those of runner.yaml and the workflow; the strictest answer wins."""
    limits: AgentLimits = AgentLimits()
    """What each visit may take."""


class PromptSpec(Spec):
    """A named prompt: a template with typed inputs."""

    description: str = Field(min_length=1)
    """What it asks for."""
    inputs: Fields | None = None
    """What it is given by `with`, besides what its place knows: a name and a type each."""
    template: str = Field(min_length=1)
    """The text, in Jinja."""
