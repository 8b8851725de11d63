"""What each event changes in the state of a run: one small function an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.runs.events import (
    AgentChosen,
    ApprovalAsked,
    ApprovalDecided,
    AttemptFailed,
    BranchLeft,
    BranchStarted,
    ContextShortened,
    EdgeTaken,
    IntentAnswered,
    IntentMatched,
    ItemLeft,
    ItemStarted,
    ModelHeld,
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
    SandboxTaken,
    StepForeseen,
    SummaryMade,
    TimerFired,
    TimerSet,
    ToolCalled,
    ToolInterrupted,
    ToolReturned,
)
from runner.runs.events.alert import ALERTS
from runner.runs.failed_calls import after
from runner.runs.parts import Asked, Charge, Mark
from runner.runs.paths import FINALLY, prefixes, split
from runner.runs.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.state import RunState


def _queued(state: RunState, event: RunQueued) -> None:
    state.queued, state.tainted = event, event.tainted


def _claimed(state: RunState, event: RunClaimed) -> None:
    state.owner, state.status = event.owner, "running"


def _started(state: RunState, event: RunStarted) -> None:
    state.started_at = event.time
    state.marks[""] = Mark(event.time, state.work)


def _waiting(state: RunState, event: RunWaiting) -> None:
    state.status, state.waiting = "waiting", event.on


def _cancel(state: RunState, event: RunCancelRequested) -> None:
    state.cancel = state.cancel or event


def _ended(state: RunState, event: RunEnded) -> None:
    state.ended, state.status = event, "ended"


def _entered(state: RunState, event: PhaseEntered) -> None:
    scope_path, name, _ = split(event.path)
    scope = state.scopes[scope_path]
    if name != FINALLY:  # the walk is over, and stays where it ended
        scope.at, scope.left = name, False
    phase = scope.phases[name]
    phase.visits, phase.open = event.visit, True
    state.open[event.path] = event
    state.marks[event.path] = Mark(event.time, state.work)
    state.marks.setdefault(scope_path, Mark(event.time, state.work))  # a workflow called by a tool begins here
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
    state.open.pop(path, None)
    if name != FINALLY:
        scope.at, scope.left, scope.last = name, True, name


def _edge(state: RunState, event: EdgeTaken) -> None:
    scope_path, name, _ = split(event.path)
    scope = state.scopes[scope_path]
    if not event.exhausted:
        scope.taken[name, event.via, event.index] = event.count
    scope.at, scope.left, scope.edge = event.to, False, event
    if event.expression or event.exhausted:
        scope.judged = event


def _part_started(state: RunState, event: BranchStarted | ItemStarted) -> None:
    state.open[event.path] = event
    state.marks[event.path] = Mark(event.time, state.work)


def _part_left(state: RunState, event: BranchLeft | ItemLeft) -> None:
    state.open.pop(event.path, None)
    state.left[event.path] = event.record


def _prompt(state: RunState, event: PromptRendered) -> None:
    state.prompts[event.path] = event
    state.marks.setdefault(event.path, Mark(event.time, state.work))  # a further try has its own limits


def _requested(state: RunState, event: ModelRequested) -> None:
    attempts = state.attempts.setdefault(event.path, [])
    attempts.append(event)
    if len(attempts) == 1:
        for prefix in prefixes(event.path):
            state.spent[prefix].turns += 1
    state.charges[event.path, event.attempt] = Charge(event.time, event.reserved_micros, not event.is_replay)
    for prefix in prefixes(event.path):
        state.spent[prefix].held += event.reserved_micros


def _replied(state: RunState, event: ModelReplied) -> None:
    state.replies[event.path] = event
    _spend(state, event)


def _attempt_failed(state: RunState, event: AttemptFailed) -> None:
    state.failed_attempts.add((event.path, event.attempt))
    state.turned.setdefault(event.path, []).append(event)
    _spend(state, event)


def _spend(state: RunState, event: ModelReplied | AttemptFailed) -> None:
    state.spent_tokens_in += event.usage.input
    state.spent_tokens_out += event.usage.output
    held, cost = _settle(state, event), event.cost_micros or 0
    state.unpriced += event.cost_micros is None and event.usage.total > 0
    for prefix in prefixes(event.path):
        spent = state.spent[prefix]
        spent.tokens += event.usage.total
        spent.cost += cost
        spent.held -= held


def _settle(state: RunState, event: ModelReplied | AttemptFailed) -> int:
    """What was set aside for an attempt, which now costs what it costs."""
    charge = state.charges.get((event.path, event.attempt))
    if charge is None or not charge.is_open:
        return 0
    held, charge.amount, charge.is_open = charge.amount, event.cost_micros or 0, False
    return held


def _kept(table: Callable[[RunState], dict[str, Any]]) -> Callable[[RunState, Any], None]:
    """For an event that stands in a table by its path."""

    def keep(state: RunState, event: Any) -> None:
        table(state)[event.path] = event

    return keep


def _shortened(state: RunState, event: ContextShortened) -> None:
    state.shortened.setdefault(event.path.rpartition("/")[0], []).append(event)


def _returned(state: RunState, event: ToolReturned) -> None:
    state.intents.pop(event.path, None)
    state.results[event.path] = event.record
    state.failed_calls = after(state.failed_calls, event)
    state.tainted = state.tainted or (event.path if event.untrusted else "")


def _interrupted(_state: RunState, _event: ToolInterrupted) -> None:
    """Said for readers; the decision follows from the files and the approvals."""


def _decided(state: RunState, event: ApprovalDecided) -> None:
    state.asked[event.approval].answer = event


HANDLERS: dict[type, Callable[[RunState, Any], None]] = {
    RunQueued: _queued,
    RunClaimed: _claimed,
    RunStarted: _started,
    RunWaiting: _waiting,
    SandboxTaken: _kept(lambda state: state.sandboxes),
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
    AgentChosen: _kept(lambda state: state.chosen),
    PromptRendered: _prompt,
    ModelRequested: _requested,
    ModelReplied: _replied,
    AttemptFailed: _attempt_failed,
    ModelHeld: lambda state, event: state.turned.setdefault(event.path, []).append(event),
    ModelRetried: _kept(lambda state: state.retried),
    SummaryMade: _kept(lambda state: state.summaries),
    ContextShortened: _shortened,
    IntentMatched: _kept(lambda state: state.matched),
    IntentAnswered: _kept(lambda state: state.answered),
    ToolCalled: _kept(lambda state: state.intents),
    ToolReturned: _returned,
    ToolInterrupted: _interrupted,
    StepForeseen: _kept(lambda state: state.foreseen),
    ApprovalAsked: lambda state, event: state.asked.update({event.approval: Asked(event)}),
    ApprovalDecided: _decided,
    TimerSet: lambda state, event: state.timers.update({event.path: event.until}),
    TimerFired: lambda state, event: state.fired.add(event.path),
    EdgeTaken: _edge,
    **dict.fromkeys(ALERTS, lambda state, event: state.alerts.add(event.key)),
}
