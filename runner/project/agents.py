"""The fields of agents.d/NAME.yaml and of agents.d/prompts/NAME.yaml."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from runner.models.sampling import Sampling
from runner.policy import Rule
from runner.spec import Count, Duration, Items, Name, Positive, Selector, Spec, TargetSelector, Timeout
from runner.spec.money import Dollars
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
    cost_usd: Dollars | None = None
    """US dollars that its model calls may cost together."""


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


class Memory(Spec):
    """What an agent keeps of a conversation that it goes on with (`continue:`)."""

    window: Count = 30
    """How many messages of it are sent again as they were, the last ones."""
    summarize: bool = True
    """Whether the model sums up those before them; else they are left out."""

    @field_validator("summarize")
    @classmethod
    def _keeps_something(cls, summarize: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - a field's own value
        if not summarize and info.data.get("window") == 0:
            msg = "`window: 0` sends the summary alone, and there is none; send at least 1, or sum them up"
            raise ValueError(msg)
        return summarize


class ExampleCall(Spec):
    """A tool call of an example."""

    tool: str
    """The tool."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Its arguments, written out."""
    result: str | dict[str, Any] | Items[Any] | None = None
    """What the tool answers; a short word stands for it when left out."""


class Example(Spec):
    """An exchange that shows the model how to answer."""

    user: str = Field(min_length=1)
    """What it is asked, written out."""
    calls: Items[ExampleCall] = ()
    """The tools that it then calls, in one turn."""
    answer: str | dict[str, Any] | None = None
    """What it answers; a mapping for an agent with an `output`."""

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if self.answer is None and not self.calls:
            msg = "an example needs `answer` or `calls`; write what is answered, as `answer: …`, or what is called"
            raise ValueError(msg)
        return self


class Intent(Spec):
    """A message that needs no model: the sentences it comes in, the tool that is called, what is replied."""

    say: Items[str] = Field(min_length=1)
    """Whole sentences with slots, such as `how full is {path}` or `[show ]{count: int} lines of {file}[ on {target}]`;
    what stands in `[ ]` may be left out, and `{target}` is where the tool's command runs."""
    tool: str
    """The tool that is called: one of the agent's."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Its arguments, in which texts are templates over the slots; without them each slot goes to its parameter."""
    reply: str | None = Field(default=None, min_length=1)
    """The answer, a template that reads the slots, `result` and `target`, where the tool ran; without it the model puts
    the result into words."""


class SearchedTools(Spec):
    """Many tools, of which the model is told none: it searches them and calls what it found."""

    mode: Literal["search"]
    """How the model comes by them: it is told `search_tools` and `call_tool` alone."""
    from_: Items[Selector] = Field(default=("*",), alias="from", min_length=1)
    """The tools that it may find and call, as selectors; all by default."""


def _tools_shape(value: object) -> str:
    is_search = isinstance(value, dict) and ("mode" in value or "from" in value or "search" in value.values())
    return "search" if is_search or isinstance(value, SearchedTools) else "listed"


Tools = Annotated[
    Annotated[Items[Selector], Tag("listed")] | Annotated[SearchedTools, Tag("search")], Discriminator(_tools_shape)
]


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
    tools: Tools = ()
    """The tools that it may call, as selectors: name, pack/*, tag:word, -name to take away; or a search over many."""
    targets: Items[TargetSelector] = ()
    """Where its commands may run, as selectors: local, sandbox, a host, group:web; the first is the default."""
    permissions: Items[Rule] = ()
    """Rules for its tool calls, besides those of runner.yaml and the workflow; the strictest answer wins."""
    limits: AgentLimits = AgentLimits()
    """What each visit may take."""
    sampling: Sampling = Sampling()
    """How its model chooses words; what is left out is the provider's own."""
    examples: Items[Example] = ()
    """Exchanges that show its model how to answer; it reads them before the first message."""
    memory: Memory | None = None
    """What it keeps of a conversation that it goes on with; without it the whole is sent again."""
    intents: Items[Intent] = ()
    """Messages that are answered by rule, without the model; all others go to it."""
    suggestions: Items[str] = ()
    """What people may ask it: shown where they write to it."""

    @property
    def searches(self) -> bool:
        """Whether its model finds its tools by searching them."""
        return isinstance(self.tools, SearchedTools)

    @property
    def selectors(self) -> tuple[str, ...]:
        """The selectors of its tools, in whichever form they are written."""
        return self.tools.from_ if isinstance(self.tools, SearchedTools) else self.tools


class PromptSpec(Spec):
    """A named prompt: a template with typed inputs."""

    description: str = Field(min_length=1)
    """What it asks for."""
    inputs: Fields | None = None
    """What it is given by `with`, besides what its place knows: a name and a type each."""
    template: str = Field(min_length=1)
    """The text, in Jinja."""
