"""The tables behind lists of runs and approvals: written with the events, rebuildable from them; `rows` reads them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from runner.runs import alerts, model_calls, tool_calls
from runner.runs.database import Row
from runner.runs.events import (
    AgentChosen,
    AlertFired,
    AlertHeld,
    AlertResolved,
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    AttemptFailed,
    IntentMatched,
    ModelReplied,
    ModelRequested,
    PhaseEntered,
    PromptRendered,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    RunWaiting,
    ToolCalled,
    ToolReturned,
    parse_event,
)

_CALLS: tuple[str, ...] = (model_calls.REQUESTED, model_calls.REPLIED, model_calls.FAILED, *tool_calls.STATEMENTS)
"""Statements that take a row a call or an attempt, in their order."""


def project(connection: sqlite3.Connection, events: Iterable[AnyEvent]) -> None:
    """Bring the tables up to date with a batch of events, inside the caller's transaction."""
    batch = _Batch()
    for event in events:
        fold = _FOLDS.get(event.type)
        if fold is not None:
            fold(batch, event)
    if batch.queued:
        connection.executemany(_INSERT_RUN, batch.queued)
    if batch.changes:
        connection.executemany(_UPDATE_RUN, [asdict(change) for change in batch.changes.values()])
    for statement, parameters in batch.others:
        connection.execute(statement, parameters)
    for statement, rows in batch.calls.items():  # a call is begun before it ends
        if rows:
            connection.executemany(statement, rows)


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the tables anew from the events alone, inside the caller's transaction."""
    for table in ("runs", "approvals", "model_calls", "visits", "tool_calls", "alerts"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
    marks = ", ".join("?" * len(_FOLDS))
    cursor = connection.execute(
        f"SELECT event FROM events WHERE type IN ({marks}) ORDER BY run, seq",  # noqa: S608 - only question marks
        list(_FOLDS),
    )
    while rows := cursor.fetchmany(1000):
        project(connection, [parse_event(text) for (text,) in rows])


@dataclass(slots=True)
class _Change:
    """What a batch changes in one run; None leaves a column as it is, but `due` follows every change of status."""

    run: str
    agent: str | None = None
    """Who was chosen: from then on the run is that agent's."""
    status: str | None = None
    due: float | None = None
    owner: str | None = None
    phase: str | None = None
    started: float | None = None
    ended: float | None = None
    verdict: str | None = None
    why: str | None = None
    tokens: int = 0
    cost: int = 0


@dataclass(slots=True)
class _Batch:
    """A batch of events folded to few statements: at most one update a run."""

    queued: list[Row] = field(default_factory=list)
    changes: dict[str, _Change] = field(default_factory=dict)
    others: list[tuple[str, Row]] = field(default_factory=list)
    """Statements on approvals, triggers and alerts, in order."""
    calls: dict[str, list[Row]] = field(default_factory=lambda: {statement: [] for statement in _CALLS})

    def of(self, event: AnyEvent) -> _Change:
        change = self.changes.get(event.run)
        if change is None:
            change = self.changes[event.run] = _Change(event.run)
        return change


_INSERT_RUN = """
INSERT INTO runs (id, kind, name, revision, "commit", dirty, workspace, "by", rerun_of, dry, queued_at, status)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued') ON CONFLICT DO NOTHING
"""
_UPDATE_RUN = """
UPDATE runs SET
    kind = iif(:agent IS NULL, kind, 'agent'), name = coalesce(:agent, name),
    due_at = iif(:status IS NULL, due_at, :due), status = coalesce(:status, status), owner = coalesce(:owner, owner),
    phase = coalesce(:phase, phase), started_at = coalesce(started_at, :started), ended_at = coalesce(:ended, ended_at),
    verdict = coalesce(:verdict, verdict), why = coalesce(:why, why), tokens = tokens + :tokens,
    cost_micros = cost_micros + :cost
WHERE id = :run
"""
_ASK = """
INSERT OR REPLACE INTO approvals
    (id, run, path, reason, ask, show, tool, arguments, "by", asked_at, deadline, shown, rule, agent, targets, cwd, env,
     revision)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_DECIDE = "UPDATE approvals SET status = ?, decided_by = ?, note = ?, decided_at = ? WHERE id = ? AND run = ?"
_VOID = "UPDATE approvals SET status = 'void' WHERE run = ? AND status = 'open'"


def _queued(batch: _Batch, event: RunQueued) -> None:
    files = (event.revision, event.commit, event.dirty)
    about = (event.kind, event.name, *files, event.workspace, event.by, event.rerun_of, event.dry)
    batch.queued.append((event.run, *about, event.time))
    if event.trigger:
        batch.others.append((alerts.BEGUN, alerts.begun(event)))


def _claimed(batch: _Batch, event: RunClaimed) -> None:
    change = batch.of(event)
    change.status, change.due, change.owner = "running", None, event.owner


def _started(batch: _Batch, event: RunStarted) -> None:
    change = batch.of(event)
    change.started = event.time if change.started is None else change.started


def _waiting(batch: _Batch, event: RunWaiting) -> None:
    change = batch.of(event)
    change.status = "waiting"
    change.due = min((waiting.until for waiting in event.on if waiting.until is not None), default=None)


def _ended(batch: _Batch, event: RunEnded) -> None:
    change = batch.of(event)
    change.status, change.due, change.ended = "ended", None, event.time
    change.verdict, change.why = event.verdict, event.why
    batch.others.append((_VOID, (event.run,)))


def _entered(batch: _Batch, event: PhaseEntered) -> None:
    batch.of(event).phase = event.path


def _requested(batch: _Batch, event: ModelRequested) -> None:
    batch.calls[model_calls.REQUESTED].append(model_calls.requested(event))


def _replied(batch: _Batch, event: ModelReplied) -> None:
    _spent(batch, event)
    batch.calls[model_calls.REPLIED].append(model_calls.replied(event))


def _attempt_failed(batch: _Batch, event: AttemptFailed) -> None:
    _spent(batch, event)
    batch.calls[model_calls.FAILED].append(model_calls.failed(event))


def _chosen(batch: _Batch, event: AgentChosen) -> None:
    batch.of(event).agent = event.agent or None


def _rendered(batch: _Batch, event: PromptRendered) -> None:
    batch.calls[tool_calls.VISITED].append(tool_calls.visited(event))


def _matched(batch: _Batch, event: IntentMatched) -> None:
    batch.calls[tool_calls.MATCHED].append(tool_calls.matched(event))


def _called(batch: _Batch, event: ToolCalled) -> None:
    batch.calls[tool_calls.CALLED].append(tool_calls.called(event))


def _returned(batch: _Batch, event: ToolReturned) -> None:
    if not event.dry:
        batch.calls[tool_calls.RETURNED].append(tool_calls.returned(event))


def _spent(batch: _Batch, event: ModelReplied | AttemptFailed) -> None:
    change = batch.of(event)
    change.tokens += event.usage.total
    change.cost += event.cost_micros or 0


def _asked(batch: _Batch, event: ApprovalAsked) -> None:
    question = (event.reason, event.ask, event.show, event.tool, json.dumps(event.arguments), json.dumps(event.by))
    places = (json.dumps(event.targets), event.cwd, json.dumps(event.env))
    card = (event.rule, event.agent, *places, event.revision)
    row = (event.approval, event.run, event.path, *question, event.time, event.deadline, event.shown, *card)
    batch.others.append((_ASK, row))


def _decided(batch: _Batch, event: ApprovalDecided) -> None:
    row = (event.decision, event.by, event.note, event.time, event.approval, event.run)
    batch.others.append((_DECIDE, row))


def _held(batch: _Batch, event: AlertHeld | AlertFired) -> None:
    batch.others.append((alerts.HELD, alerts.held(event)))


def _resolved(batch: _Batch, event: AlertResolved) -> None:
    batch.others.append((alerts.RESOLVED, alerts.resolved(event)))


# Types that are not here cost a list nothing.
_FOLDS: dict[str, Callable[[_Batch, Any], None]] = {
    "run.queued": _queued,
    "run.claimed": _claimed,
    "run.started": _started,
    "run.waiting": _waiting,
    "run.ended": _ended,
    "phase.entered": _entered,
    "agent.chosen": _chosen,
    "prompt.rendered": _rendered,
    "intent.matched": _matched,
    "tool.called": _called,
    "tool.returned": _returned,
    "model.requested": _requested,
    "model.replied": _replied,
    "model.failed": _attempt_failed,
    "approval.asked": _asked,
    "approval.decided": _decided,
    "alert.held": _held,
    "alert.fired": _held,
    "alert.resolved": _resolved,
}
