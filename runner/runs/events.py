"""The typed events of a journal: all that ever happened in a run, written once, read by everything.

Paths name steps: `verify/2` is the second visit of phase verify, `verify/2/tests` its branch, `many/1/3` the fourth item
of a foreach, `execute/1/turn-3` a model call, `execute/1/turn-3/call-1` a tool call. A called workflow's phases continue
its caller's path (`sub/1/inner/1`). The run itself is the empty path. Times are seconds since the epoch (UTC).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from runner.runs.record import Record  # noqa: TC001 - pydantic reads it at run time

VERSION = 1


class Event(BaseModel):
    """What all events share; `run`, `seq` and `time` are given by the journal as it is appended."""

    model_config = ConfigDict(frozen=True)

    v: int = VERSION
    run: str = ""
    seq: int = -1
    time: float = 0.0
    path: str = ""


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


class RunQueued(Event):
    """Accepted: from here on the run is never lost."""

    type: Literal["run.queued"] = "run.queued"
    kind: Literal["workflow", "agent"]
    name: str
    inputs: dict[str, Any]
    revision: str
    commit: str = ""
    dirty: bool = False
    workspace: str = ""
    by: str = ""


class RunClaimed(Event):
    """An owner has taken the run; the former owner's next append collides."""

    type: Literal["run.claimed"] = "run.claimed"
    owner: str
    why: Literal["start", "resume", "wake"]


class RunStarted(Event):
    """The first phase is about to be entered."""

    type: Literal["run.started"] = "run.started"


class Waiting(BaseModel):
    """One thing that a waiting run waits for; `until` is seconds since the epoch."""

    kind: Literal["approval", "timer"]
    path: str
    until: float | None = None


class RunWaiting(Event):
    """Nothing can go on before a person or a timer: the run is only rows now."""

    type: Literal["run.waiting"] = "run.waiting"
    on: list[Waiting]


class RunCancelRequested(Event):
    """Somebody asked for the run to stop."""

    type: Literal["run.cancel_requested"] = "run.cancel_requested"
    by: str = ""
    note: str = ""


Verdict = Literal["pass", "fail", "error", "cancelled"]


class RunEnded(Event):
    """The verdict and its evidence: the edge that led to the end, or the fault."""

    type: Literal["run.ended"] = "run.ended"
    verdict: Verdict
    why: str
    evidence: dict[str, Any] = Field(default_factory=dict)
    red: list[str] = Field(default_factory=list)
    """Paths of checks whose last record was not ok although the verdict is pass."""
    output: Any = None
    work: float = 0.0
    waited: float = 0.0
    usage: Usage = Usage()
    limit: Literal["", "time", "deadline"] = ""
    """Which clock ended the run, when one did."""


class PhaseEntered(Event):
    """A visit begins; a foreach's list is kept here, once."""

    type: Literal["phase.entered"] = "phase.entered"
    visit: int
    kind: str
    items: list[Any] | None = None


class PhaseSkipped(Event):
    """The phase's `when` was false."""

    type: Literal["phase.skipped"] = "phase.skipped"
    visit: int
    expression: str
    values: dict[str, Any]


class PhaseLeft(Event):
    """A visit is over and its record stands (ok, no or cancelled)."""

    type: Literal["phase.left"] = "phase.left"
    record: Record


class PhaseFailed(Event):
    """A visit could not be done."""

    type: Literal["phase.failed"] = "phase.failed"
    record: Record


class BranchStarted(Event):
    """A branch of a parallel block begins."""

    type: Literal["branch.started"] = "branch.started"


class BranchLeft(Event):
    """A branch of a parallel block is over and its record stands."""

    type: Literal["branch.left"] = "branch.left"
    record: Record


class ItemStarted(Event):
    """An item of a foreach begins."""

    type: Literal["item.started"] = "item.started"
    index: int


class ItemLeft(Event):
    """An item of a foreach is over and its record stands."""

    type: Literal["item.left"] = "item.left"
    index: int
    record: Record


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


class ApprovalAsked(Event):
    """A question to a person; `shown` is the sha256 of exactly what the person sees."""

    type: Literal["approval.asked"] = "approval.asked"
    approval: str
    reason: Literal["phase", "policy", "interrupted", "revision"]
    ask: str
    show: str = ""
    tool: str = ""
    arguments: dict[str, Any] | None = None
    by: list[str] = Field(default_factory=list)
    deadline: float
    shown: str
    rule: str = ""


class ApprovalDecided(Event):
    """The answer of a person, or the deadline's."""

    type: Literal["approval.decided"] = "approval.decided"
    approval: str
    decision: Literal["approve", "deny", "expired"]
    by: str = ""
    note: str = ""


class TimerSet(Event):
    """The step goes on at `until`, seconds since the epoch."""

    type: Literal["timer.set"] = "timer.set"
    until: float


class TimerFired(Event):
    """The time has come."""

    type: Literal["timer.fired"] = "timer.fired"


class EdgeTaken(Event):
    """The way out of a phase: which entry of which list, why, and how often it was taken so far."""

    type: Literal["edge.taken"] = "edge.taken"
    via: Literal["next", "errors"]
    index: int
    to: str
    expression: str = ""
    values: dict[str, Any] = Field(default_factory=dict)
    count: int = 1
    max: int | None = None
    exhausted: bool = False


AnyEvent = Annotated[
    RunQueued
    | RunClaimed
    | RunStarted
    | RunWaiting
    | RunCancelRequested
    | RunEnded
    | PhaseEntered
    | PhaseSkipped
    | PhaseLeft
    | PhaseFailed
    | BranchStarted
    | BranchLeft
    | ItemStarted
    | ItemLeft
    | PromptRendered
    | ModelRequested
    | ModelReplied
    | ModelRetried
    | ToolCalled
    | ToolReturned
    | ToolInterrupted
    | ApprovalAsked
    | ApprovalDecided
    | TimerSet
    | TimerFired
    | EdgeTaken,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def parse_event(text: str | bytes) -> AnyEvent:
    """The event that a line of JSON stands for; raises `pydantic.ValidationError` for anything else."""
    return _ADAPTER.validate_json(text)
