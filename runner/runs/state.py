"""The state of a run: what its events add up to. The engine decides by it, a resume reads it, the UI shows it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    BranchLeft,
    BranchStarted,
    EdgeTaken,
    Event,
    ItemLeft,
    ItemStarted,
    ModelReplied,
    ModelRequested,
    ModelRetried,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
    PromptRendered,
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    RunWaiting,
    TimerFired,
    TimerSet,
    ToolCalled,
    ToolInterrupted,
    ToolReturned,
)
from runner.runs.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(slots=True)
class PhaseState:
    """What is known of a phase in one scope."""

    visits: int = 0
    open: bool = False
    history: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """Where a workflow's walk stands: at which phase, and whether that one was left and an edge is due."""

    at: str = ""
    left: bool = False
    last: str = ""
    phases: defaultdict[str, PhaseState] = field(default_factory=lambda: defaultdict(PhaseState))
    taken: defaultdict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    edge: EdgeTaken | None = None


@dataclass(slots=True)
class Mark:
    """When something began: on the clock, and on the run's working time."""

    time: float
    work: float


@dataclass(slots=True)
class Spent:
    """Model calls and tokens under a path."""

    turns: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Asked:
    """An approval: the question and, once there is one, the answer."""

    question: ApprovalAsked
    answer: ApprovalDecided | None = None


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
    spent_tokens_in: int = 0
    spent_tokens_out: int = 0
    scopes: defaultdict[str, Scope] = field(default_factory=lambda: defaultdict(Scope))
    marks: dict[str, Mark] = field(default_factory=dict)
    spent: defaultdict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    items: dict[str, list[Any]] = field(default_factory=dict)
    left: dict[str, Record] = field(default_factory=dict)
    """Records of branches and items by path."""
    prompts: dict[str, PromptRendered] = field(default_factory=dict)
    requested: set[str] = field(default_factory=set)
    replies: dict[str, ModelReplied] = field(default_factory=dict)
    retried: dict[str, ModelRetried] = field(default_factory=dict)
    intents: dict[str, ToolCalled] = field(default_factory=dict)
    """Tool calls begun and not yet returned."""
    results: dict[str, Record] = field(default_factory=dict)
    """Records of tool calls by path."""
    asked: dict[str, Asked] = field(default_factory=dict)
    timers: dict[str, float] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)

    def apply(self, event: AnyEvent | Event) -> None:
        """Take one more event in; they come in the order of `seq`."""
        if self.status == "running" and not isinstance(event, RunClaimed):  # else nobody worked since
            self.work += max(0.0, event.time - self.last_time)
        elif self.status == "waiting":
            self.waited += max(0.0, event.time - self.last_time)
        self.last_seq, self.last_time = event.seq, event.time
        handler = _HANDLERS.get(type(event))
        if handler:
            handler(self, event)

    def work_now(self, now: float) -> float:
        """Seconds of work up to now: time in which the run was neither queued nor waiting nor without an owner."""
        return self.work + (max(0.0, now - self.last_time) if self.status == "running" else 0.0)

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


def split(path: str) -> tuple[str, str, int]:
    """(scope, phase, visit) of a phase's path: `sub/1/inner/2` is visit 2 of `inner` in the scope `sub/1`."""
    scope, _, rest = path.rpartition("/")
    head, _, phase = scope.rpartition("/")
    return head, phase, int(rest)


def _queued(state: RunState, event: RunQueued) -> None:
    state.queued = event


def _claimed(state: RunState, event: RunClaimed) -> None:
    state.owner, state.status = event.owner, "running"


def _started(state: RunState, event: RunStarted) -> None:
    state.started_at = event.time
    state.marks[""] = Mark(event.time, state.work)


def _waiting(state: RunState, _event: RunWaiting) -> None:
    state.status = "waiting"


def _cancel(state: RunState, event: RunCancelRequested) -> None:
    state.cancel = state.cancel or event


def _ended(state: RunState, event: RunEnded) -> None:
    state.ended, state.status = event, "ended"


def _entered(state: RunState, event: PhaseEntered) -> None:
    scope_path, name, _ = split(event.path)
    scope = state.scopes[scope_path]
    scope.at, scope.left = name, False
    phase = scope.phases[name]
    phase.visits, phase.open = event.visit, True
    state.marks[event.path] = Mark(event.time, state.work)
    if event.items is not None:
        state.items[event.path] = event.items


def _skipped(state: RunState, event: PhaseSkipped) -> None:
    scope_path, name, _ = split(event.path)
    state.scopes[scope_path].phases[name].visits = event.visit
    _leave(state, event.path, Record.of("skipped", visits=event.visit))


def _left(state: RunState, event: PhaseLeft | PhaseFailed) -> None:
    _leave(state, event.path, event.record)


def _leave(state: RunState, path: str, record: Record) -> None:
    scope_path, name, _ = split(path)
    scope = state.scopes[scope_path]
    phase = scope.phases[name]
    phase.open = False
    phase.history.append(record)
    scope.at, scope.left, scope.last = name, True, name


def _edge(state: RunState, event: EdgeTaken) -> None:
    scope_path, name, _ = split(event.path)
    scope = state.scopes[scope_path]
    if not event.exhausted:
        scope.taken[name, event.via, event.index] = event.count
    scope.at, scope.left, scope.edge = event.to, False, event


def _part_started(state: RunState, event: BranchStarted | ItemStarted) -> None:
    state.marks[event.path] = Mark(event.time, state.work)


def _part_left(state: RunState, event: BranchLeft | ItemLeft) -> None:
    state.left[event.path] = event.record


def _prompt(state: RunState, event: PromptRendered) -> None:
    state.prompts[event.path] = event
    state.marks.setdefault(event.path, Mark(event.time, state.work))  # a further try has its own limits


def _requested(state: RunState, event: ModelRequested) -> None:
    if event.path not in state.requested:
        state.requested.add(event.path)
        for prefix in prefixes(event.path):
            state.spent[prefix].turns += 1


def _replied(state: RunState, event: ModelReplied) -> None:
    state.replies[event.path] = event
    state.spent_tokens_in += event.usage.input
    state.spent_tokens_out += event.usage.output
    for prefix in prefixes(event.path):
        state.spent[prefix].tokens += event.usage.total


def _retried(state: RunState, event: ModelRetried) -> None:
    state.retried[event.path] = event


def _called(state: RunState, event: ToolCalled) -> None:
    state.intents[event.path] = event


def _returned(state: RunState, event: ToolReturned) -> None:
    state.intents.pop(event.path, None)
    state.results[event.path] = event.record


def _interrupted(_state: RunState, _event: ToolInterrupted) -> None:
    """Said for readers; the decision follows from the files and the approvals."""


def _asked(state: RunState, event: ApprovalAsked) -> None:
    state.asked[event.approval] = Asked(event)


def _decided(state: RunState, event: ApprovalDecided) -> None:
    state.asked[event.approval].answer = event


def _timer(state: RunState, event: TimerSet) -> None:
    state.timers[event.path] = event.until


def _fired(state: RunState, event: TimerFired) -> None:
    state.fired.add(event.path)


def prefixes(path: str) -> list[str]:
    """The path's holders from the run itself down to its parent: `a/1/turn-2` -> ["", "a", "a/1"]."""
    parts = path.split("/")
    return ["", *("/".join(parts[:end]) for end in range(1, len(parts)))]


_HANDLERS: dict[type, Callable[[RunState, Any], None]] = {
    RunQueued: _queued,
    RunClaimed: _claimed,
    RunStarted: _started,
    RunWaiting: _waiting,
    RunCancelRequested: _cancel,
    RunEnded: _ended,
    PhaseEntered: _entered,
    PhaseSkipped: _skipped,
    PhaseLeft: _left,
    PhaseFailed: _left,
    BranchStarted: _part_started,
    BranchLeft: _part_left,
    ItemStarted: _part_started,
    ItemLeft: _part_left,
    PromptRendered: _prompt,
    ModelRequested: _requested,
    ModelReplied: _replied,
    ModelRetried: _retried,
    ToolCalled: _called,
    ToolReturned: _returned,
    ToolInterrupted: _interrupted,
    ApprovalAsked: _asked,
    ApprovalDecided: _decided,
    TimerSet: _timer,
    TimerFired: _fired,
    EdgeTaken: _edge,
}
