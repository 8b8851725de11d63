"""The typed events of a journal: all that ever happened in a run, written once, read by everything.

Paths name steps: `verify/2` is the second visit of phase verify, `verify/2/tests` its branch, `many/1/3` the fourth
item of a foreach, `execute/1/turn-3` a model call, `execute/1/turn-3/call-1` a tool call. A called workflow's phases
continue its caller's path (`sub/1/inner/1`). The run itself is the empty path. Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from runner.runs.events.alert import AlertFired, AlertHeld, AlertKey, AlertResolved, AlertUnknown
from runner.runs.events.base import (
    VERSION,
    Event,
)
from runner.runs.events.call import ToolCalled, ToolInterrupted, ToolReturned
from runner.runs.events.choice import AgentChosen, Candidate, NearestKind
from runner.runs.events.foreseen import StepForeseen
from runner.runs.events.held import ModelHeld
from runner.runs.events.person import (
    ApprovalAsked,
    ApprovalDecided,
    TimerFired,
    TimerSet,
)
from runner.runs.events.phase import (
    BranchLeft,
    BranchStarted,
    EdgeTaken,
    ItemLeft,
    ItemStarted,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
)
from runner.runs.events.run import (
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    RunWaiting,
    SandboxTaken,
    Verdict,
    Waiting,
)
from runner.runs.events.turn import (
    AttemptFailed,
    Call,
    ContextShortened,
    IntentAnswered,
    IntentMatched,
    Kept,
    ModelReplied,
    ModelRequested,
    ModelRetried,
    PromptRendered,
    Shortening,
    Shown,
    SummaryMade,
    Usage,
)

__all__ = [
    "VERSION",
    "AgentChosen",
    "AlertFired",
    "AlertHeld",
    "AlertKey",
    "AlertResolved",
    "AlertUnknown",
    "AnyEvent",
    "ApprovalAsked",
    "ApprovalDecided",
    "AttemptFailed",
    "BranchLeft",
    "BranchStarted",
    "Call",
    "Candidate",
    "ContextShortened",
    "EdgeTaken",
    "Event",
    "IntentAnswered",
    "IntentMatched",
    "ItemLeft",
    "ItemStarted",
    "Kept",
    "ModelHeld",
    "ModelReplied",
    "ModelRequested",
    "ModelRetried",
    "NearestKind",
    "PhaseEntered",
    "PhaseFailed",
    "PhaseLeft",
    "PhaseSkipped",
    "PromptRendered",
    "RunCancelRequested",
    "RunClaimed",
    "RunEnded",
    "RunQueued",
    "RunStarted",
    "RunWaiting",
    "SandboxTaken",
    "Shortening",
    "Shown",
    "StepForeseen",
    "SummaryMade",
    "TimerFired",
    "TimerSet",
    "ToolCalled",
    "ToolInterrupted",
    "ToolReturned",
    "Usage",
    "Verdict",
    "Waiting",
    "parse_event",
]

AnyEvent = Annotated[
    RunQueued
    | RunClaimed
    | RunStarted
    | RunWaiting
    | SandboxTaken
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
    | AgentChosen
    | PromptRendered
    | SummaryMade
    | ContextShortened
    | IntentMatched
    | IntentAnswered
    | ModelHeld
    | ModelRequested
    | ModelReplied
    | ModelRetried
    | AttemptFailed
    | ToolCalled
    | ToolReturned
    | ToolInterrupted
    | StepForeseen
    | ApprovalAsked
    | ApprovalDecided
    | TimerSet
    | TimerFired
    | EdgeTaken
    | AlertHeld
    | AlertFired
    | AlertResolved
    | AlertUnknown,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def parse_event(text: str | bytes) -> AnyEvent:
    """The event that a line of JSON stands for; raises `pydantic.ValidationError` for anything else."""
    return _ADAPTER.validate_json(text)
