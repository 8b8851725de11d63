"""The fields of the seven kinds of phase; what each does is in the file of the same name in engine/phases/."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from runner.project.agents import Message, PhaseLimits
from runner.project.flow import Flow
from runner.spec import Count, Duration, Expression, FieldName, Items, Positive, Spec, Timeout, one_of
from runner.spec.types import Fields
from runner.tools.base import Retry

KINDS = ("agent", "tool", "workflow", "approval", "wait", "parallel")
"""The keys that say what a phase is; `foreach` stands beside one of them."""
RESERVED = frozenset({"status", "ok", "output", "error", "visits", "history", "items"})
"""The parts of a record: no branch may be called so."""


class Body(Spec):
    """What phases, branches and items share."""

    when: Expression | None = None
    """The condition, an expression; when it is false the step is skipped."""
    workspace: str | None = None
    """The folder that it works in, as a template, inside one of `workspaces`; `sandbox` is the run's own."""
    timeout: Timeout | None = None
    """How long each of its calls may take: a timeout class or a duration."""
    limits: PhaseLimits = PhaseLimits()
    """What the step may take in all."""
    retry: Retry | None = None
    """Trying again after a failure; only where all it does is `risk: read` or `interrupted: again`."""


class AgentBody(Body):
    """An agent answers a message."""

    agent: str
    """The agent that answers."""
    message: Message
    """What it is asked: a template, or a named prompt."""
    output: Fields | None = None
    """The fields of its answer, in place of the agent's own."""
    target: str | None = None
    """Where its commands run unless it says another place, as a template: local, sandbox, a host, group:web."""


class Fleet(Spec):
    """How a call on many hosts goes on."""

    concurrency: Positive = 20
    """How many hosts it runs on at once."""
    batch: Positive | None = None
    """How many hosts make a batch; the next one begins when all of the last are done."""
    max_failures: Count = 0
    """How many hosts may fail or be out of reach while the call is still ok."""
    stop: bool = False
    """Whether no further host is begun once more have failed; else it goes on to the last."""


class ToolBody(Body):
    """A tool is called."""

    tool: str
    """The tool that is called."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """The tool's arguments; texts are templates."""
    target: str | None = None
    """Where the command runs, as a template: local, sandbox, a host, or group:web for all hosts of it at once."""
    fleet: Fleet | None = None
    """How a call on many hosts goes on."""


class WorkflowBody(Body):
    """A workflow is run as part of this run."""

    workflow: str
    """The workflow that is run."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """The workflow's inputs; texts are templates."""


class Question(Spec):
    """A question to a person."""

    ask: str
    """The question, as a template."""
    show: str | None = None
    """What the person sees beside it, as a template."""
    by: Items[str] = ()
    """Who may decide; by default anyone who may use the daemon."""
    deadline: Duration = 86400.0
    """How long an answer is waited for; without one the step has failed."""


class ApprovalBody(Body):
    """A person is asked: yes is ok, no is no, no answer in time is failed."""

    approval: Question
    """What a person is asked."""


class Pause(Spec):
    """How long to wait: one of `for` and `until`."""

    model_config = one_of("for", "until")

    for_: Duration | None = Field(default=None, alias="for")
    """How long to wait."""
    until: Expression | None = None
    """The time to wait for: an expression that gives one in ISO 8601."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Pause:
        if (self.for_ is None) == (self.until is None):
            raise PydanticCustomError("wait_one", "wait takes exactly one of `for` and `until`")
        return self


class WaitBody(Body):
    """Time passes."""

    wait: Pause
    """What is waited for."""


def _kind(value: object) -> str | None:
    """The kind key that a mapping holds, for the discriminator; None when there is none or more than one."""
    keys = [key for key in KINDS if key in value] if isinstance(value, dict) else []
    if not isinstance(value, dict):
        return next((key for key in KINDS if hasattr(value, key)), None)
    return keys[0] if len(keys) == 1 else None


def _one_of(kinds: str) -> dict[str, str]:
    return {"custom_error_type": "kind", "custom_error_message": f"exactly one of {kinds} says what it is"}


AnyBody = Annotated[
    Annotated[AgentBody, Tag("agent")]
    | Annotated[ToolBody, Tag("tool")]
    | Annotated[WorkflowBody, Tag("workflow")]
    | Annotated[ApprovalBody, Tag("approval")]
    | Annotated[WaitBody, Tag("wait")],
    Discriminator(_kind, **_one_of("agent, tool, workflow, approval, wait")),
]


class AgentPhase(AgentBody, Flow):
    """An agent answers a message."""

    continue_: FieldName | None = Field(default=None, alias="continue")
    """The phase whose conversation this one goes on with; by default it begins a new one."""


class ToolPhase(ToolBody, Flow):
    """A tool is called."""


class WorkflowPhase(WorkflowBody, Flow):
    """A workflow is run as part of this run."""


class ApprovalPhase(ApprovalBody, Flow):
    """A person is asked: yes is ok, no is no, no answer in time is failed."""


class WaitPhase(WaitBody, Flow):
    """Time passes."""


def _no_record_words(branches: dict[str, Any]) -> dict[str, Any]:
    for name in branches:
        if name in RESERVED:
            what = "`{name}` is a part of every record and cannot name a branch"
            raise PydanticCustomError("reserved", what, {"name": name, "at": [name]})
    return branches


class ParallelPhase(Body, Flow):
    """Branches run at the same time."""

    parallel: Annotated[dict[FieldName, AnyBody], Field(min_length=1), AfterValidator(_no_record_words)]
    """The branches by name, without `next` and `errors`."""
    join: Literal["all", "any"] | Positive = "all"
    """What it waits for: all branches, any one that is ok, or this many."""


class Each(Spec):
    """What a foreach goes over."""

    in_: Expression = Field(alias="in")
    """The list, as an expression."""
    as_: FieldName = Field(default="item", alias="as")
    """The name of the item in templates."""
    concurrency: Positive = 1
    """How many items are worked on at once."""
    max_failures: Count = 0
    """How many items may be no or failed while the phase is still ok."""


class ForeachPhase(Flow):
    """The same body for each item of a list; `foreach` stands beside the body's own keys."""

    foreach: Each
    """What it goes over."""
    body: AnyBody
    """What is done for each item; in the files its keys stand beside `foreach`."""

    @model_validator(mode="before")
    @classmethod
    def _gather_body(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "body" in data:
            return data
        own = {"foreach", *Flow.model_fields}
        body = {key: value for key, value in data.items() if key not in own and not str(key).startswith("x-")}
        return {**{key: value for key, value in data.items() if key in own}, "body": body}

    @property
    def limits(self) -> PhaseLimits:
        """The limits stand with the body: each item has them."""
        return PhaseLimits()


def _phase_kind(value: object) -> str | None:
    has_foreach = "foreach" in value if isinstance(value, dict) else hasattr(value, "foreach")
    return "foreach" if has_foreach else _kind(value)


PhaseSpec = Annotated[
    Annotated[AgentPhase, Tag("agent")]
    | Annotated[ToolPhase, Tag("tool")]
    | Annotated[WorkflowPhase, Tag("workflow")]
    | Annotated[ApprovalPhase, Tag("approval")]
    | Annotated[WaitPhase, Tag("wait")]
    | Annotated[ParallelPhase, Tag("parallel")]
    | Annotated[ForeachPhase, Tag("foreach")],
    Discriminator(_phase_kind, **_one_of("agent, tool, workflow, approval, wait, parallel")),
]


def kind_of(spec: Body | ForeachPhase) -> str:
    """The kind of a phase or body: the key that says what it does."""
    if isinstance(spec, ForeachPhase):
        return "foreach"
    return next(key for key in KINDS if key in type(spec).model_fields)
