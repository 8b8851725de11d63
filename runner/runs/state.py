"""The state of a run: what its events add up to. The engine decides by it, `cli` and `server` show it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.runs.events import RunClaimed
from runner.runs.folding import HANDLERS
from runner.runs.parts import Asked, Charge, Mark, Scope, Spent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.runs.events import (
        AgentChosen,
        AlertKey,
        AnyEvent,
        AttemptFailed,
        BranchStarted,
        ContextShortened,
        Event,
        IntentAnswered,
        IntentMatched,
        ItemStarted,
        ModelHeld,
        ModelReplied,
        ModelRequested,
        ModelRetried,
        PhaseEntered,
        PromptRendered,
        RunCancelRequested,
        RunEnded,
        RunQueued,
        SandboxTaken,
        StepForeseen,
        SummaryMade,
        ToolCalled,
        Waiting,
    )
    from runner.runs.failed_calls import FailedCall
    from runner.runs.record import Record


@dataclass(slots=True)
class RunState:
    """The fold of a run's events; `apply` is the only thing that changes it."""

    queued: RunQueued | None = None
    status: str = "queued"
    owner: str = ""
    started_at: float = 0.0
    ended: RunEnded | None = None
    cancel: RunCancelRequested | None = None
    last_seq: int = -1
    last_time: float = 0.0
    work: float = 0.0
    waited: float = 0.0
    waiting: list[Waiting] = field(default_factory=list)
    """What it waited for when it waited last."""
    sandboxes: dict[str, SandboxTaken] = field(default_factory=dict)
    """By the path that took it; they are one."""
    spent_tokens_in: int = 0
    spent_tokens_out: int = 0
    scopes: defaultdict[str, Scope] = field(default_factory=lambda: defaultdict(Scope))
    marks: dict[str, Mark] = field(default_factory=dict)
    spent: defaultdict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    open: dict[str, PhaseEntered | BranchStarted | ItemStarted] = field(default_factory=dict)
    """Phases, branches and items begun and not yet left, the innermost last."""
    items: dict[str, list[Any]] = field(default_factory=dict)
    left: dict[str, Record] = field(default_factory=dict)
    """Records of branches and items by path."""
    chosen: dict[str, AgentChosen] = field(default_factory=dict)
    """Who answers a message that named no agent, by the step that needs one."""
    prompts: dict[str, PromptRendered] = field(default_factory=dict)
    attempts: dict[str, list[ModelRequested]] = field(default_factory=dict)
    """Of each model call, in order."""
    charges: dict[tuple[str, int], Charge] = field(default_factory=dict)
    unpriced: int = 0
    """Attempts that took tokens and whose cost nobody knows."""
    failed_attempts: set[tuple[str, int]] = field(default_factory=set)
    turned: dict[str, list[AttemptFailed | ModelHeld]] = field(default_factory=dict)
    """Of each model call, in order: why a model was waited for, asked again or passed over."""
    replies: dict[str, ModelReplied] = field(default_factory=dict)
    retried: dict[str, ModelRetried] = field(default_factory=dict)
    summaries: dict[str, SummaryMade] = field(default_factory=dict)
    """Of earlier conversations, by the visit that goes on with them."""
    shortened: dict[str, list[ContextShortened]] = field(default_factory=dict)
    """By visit, in order; the last one holds."""
    matched: dict[str, IntentMatched] = field(default_factory=dict)
    answered: dict[str, IntentAnswered] = field(default_factory=dict)
    intents: dict[str, ToolCalled] = field(default_factory=dict)
    """Tool calls begun and not yet returned."""
    tainted: str = ""
    """The first call that brought in what strangers may have written; empty while none has."""
    results: dict[str, Record] = field(default_factory=dict)
    """Records of tool calls by path."""
    failed_calls: dict[str, FailedCall] = field(default_factory=dict)
    """By path without the last try, in the order in which they failed."""
    foreseen: dict[str, StepForeseen] = field(default_factory=dict)
    """In a dry run: what would have happened, in order."""
    asked: dict[str, Asked] = field(default_factory=dict)
    timers: dict[str, float] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    alerts: set[AlertKey] = field(default_factory=set)
    """Those that something was said of."""

    def apply(self, event: AnyEvent | Event) -> None:
        """Take one more event in; they come in the order of `seq`."""
        if self.status == "running" and not isinstance(event, RunClaimed):  # else nobody worked since
            self.work += max(0.0, event.time - self.last_time)
        elif self.status == "waiting":
            self.waited += max(0.0, event.time - self.last_time)
        self.last_seq, self.last_time = event.seq, event.time
        handler = HANDLERS.get(type(event))
        if handler:
            handler(self, event)

    def work_now(self, now: float) -> float:
        """Seconds of work up to now: time in which the run was neither queued nor waiting nor without an owner."""
        return self.work + (max(0.0, now - self.last_time) if self.status == "running" else 0.0)

    def cost_since(self, time: float) -> int:
        """Millionths of a US dollar that the calls begun since then cost, or may yet cost."""
        return sum(charge.amount for charge in self.charges.values() if charge.is_paid and charge.time >= time)

    def open_attempts(self, path: str) -> list[ModelRequested]:
        """Attempts of a model call that were begun and neither answered nor failed."""
        if path in self.replies:
            return []
        return [one for one in self.attempts.get(path, ()) if (path, one.attempt) not in self.failed_attempts]

    def cut_short(self) -> list[str]:
        """The model calls whose answer stands although it reached the most tokens that it may have."""
        return [
            path
            for path, reply in self.replies.items()
            if reply.finish == "length" and not reply.calls and path not in self.retried
        ]

    def approval(self, path: str, reason: str, after: int = -1) -> Asked | None:
        """The last question of that reason asked at a path after the event `after`."""
        for asked in reversed(self.asked.values()):
            question = asked.question
            if question.path == path and question.reason == reason and question.seq > after:
                return asked
        return None


def fold(events: Iterable[AnyEvent]) -> RunState:
    """The state that events add up to."""
    state = RunState()
    for event in events:
        state.apply(event)
    return state
