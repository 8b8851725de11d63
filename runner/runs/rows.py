"""Lists of runs and approvals as others read them; `projections` writes their tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner.runs.database import Database, Row
from runner.runs.paths import title

RunStatus = Literal["queued", "running", "waiting", "ended"]
ApprovalStatus = Literal["open", "approve", "deny", "expired", "void"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as lists show it; times are seconds since the epoch, `owner` is who claimed it last."""

    id: str
    kind: Literal["workflow", "agent", "tool"]
    name: str
    status: RunStatus
    verdict: str
    revision: str
    commit: str
    dirty: bool
    workspace: str
    by: str
    owner: str
    phase: str
    queued_at: float
    started_at: float | None
    ended_at: float | None
    why: str
    tokens: int
    cost_micros: int
    """Millionths of a US dollar, of the model calls whose cost is known."""
    rerun_of: str
    """The run that it repeats; empty for any other."""
    dry: bool
    """Whether it only reads: all else is told and not done."""
    last_seq: int

    @property
    def title(self) -> str:
        """What it is of, in words."""
        return title(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One question to a person; `void` when what asked was cancelled before an answer."""

    id: str
    run: str
    path: str
    reason: str
    ask: str
    show: str
    tool: str
    arguments: dict[str, Any] | None
    by: tuple[str, ...]
    asked_at: float
    deadline: float
    shown: str
    status: ApprovalStatus
    decided_by: str
    note: str
    decided_at: float | None
    rule: str
    """Which rule asks, and why."""
    agent: str
    """Who wants to make the call; empty where a phase does."""
    targets: tuple[str, ...]
    """Where it runs: all hosts of it."""
    cwd: str
    env: tuple[str, ...]
    """Names of the variables that it is given besides those of every command."""
    revision: str
    """The files that it would be done by."""


_RUN = """
SELECT id, kind, name, status, verdict, revision, "commit", dirty, workspace, "by", owner, phase, queued_at, started_at,
       ended_at, why, tokens, cost_micros, rerun_of, dry,
       (SELECT max(seq) FROM events WHERE events.run = runs.id)
FROM runs
"""
_APPROVAL = """
SELECT id, run, path, reason, ask, show, tool, arguments, "by", asked_at, deadline, shown, status, decided_by, note,
       decided_at, rule, agent, targets, cwd, env, revision
FROM approvals
"""
_PASSED = """
SELECT name, sum(verdict = 'pass' AND coalesce((
    SELECT outcome FROM tool_calls WHERE run = id AND intent <> '' ORDER BY time DESC LIMIT 1
), 'ok') NOT IN ('failed', 'denied')), count(*) FROM (
    SELECT id, name, verdict, row_number() OVER (PARTITION BY name ORDER BY id DESC) AS place
    FROM runs WHERE kind = 'agent' AND NOT dry AND verdict IN ('pass', 'fail', 'error')
) WHERE place <= ? GROUP BY name
"""
_FILTERS = {
    "status": "status = ?",
    "verdict": "verdict = ?",
    "name": "name = ?",
    "revision": "revision LIKE ? || '%'",
    "before": "id < ?",
}
"""What each filter of a list asks for; a revision may be shortened."""


def run_of(database: Database, run: str) -> RunRow | None:
    """The run of this id."""
    return next(iter(_run_rows(database.read(_RUN + "WHERE id = ?", (run,)))), None)


def runs_beginning(database: Database, prefix: str, limit: int) -> list[RunRow]:
    """The newest runs whose ids begin so."""
    where = "WHERE substr(id, 1, length(?)) = ? ORDER BY id DESC LIMIT ?"
    return _run_rows(database.read(_RUN + where, (prefix, prefix, limit)))


def list_runs(database: Database, filters: Mapping[str, str | None], limit: int) -> list[RunRow]:
    """The newest runs that pass every filter that is not None."""
    given = {name: value for name, value in filters.items() if value is not None}
    where = " AND ".join(["TRUE", *(_FILTERS[name] for name in given)])
    return _run_rows(database.read(f"{_RUN} WHERE {where} ORDER BY id DESC LIMIT ?", (*given.values(), limit)))


def unfinished_runs(database: Database) -> list[RunRow]:
    """The runs that are queued, running or waiting, oldest first."""
    return _run_rows(database.read(_RUN + "WHERE status <> 'ended' ORDER BY id"))


def due_runs(database: Database, now: float) -> list[str]:
    """The waiting runs whose earliest timer or deadline has come, earliest first."""
    return [run for (run,) in database.read("SELECT id FROM runs WHERE due_at <= ? ORDER BY due_at", (now,))]


def list_approvals(database: Database, run: str | None, *, open_only: bool) -> list[ApprovalRow]:
    """The approvals of one run or of all, oldest first."""
    where = "WHERE (? IS NULL OR run = ?) AND (status = 'open' OR NOT ?) ORDER BY asked_at, id"
    return [_approval_row(row) for row in database.read(_APPROVAL + where, (run, run, open_only))]


def approval_of(database: Database, approval: str) -> ApprovalRow | None:
    """The approval of this id."""
    rows = database.read(_APPROVAL + "WHERE id = ?", (approval,))
    return next((_approval_row(row) for row in rows), None)


def count_runs(database: Database, status: str) -> int:
    """How many runs have a status."""
    return int(next(iter(database.read("SELECT count(*) FROM runs WHERE status = ?", (status,))))[0])


def passed_runs(database: Database, latest: int) -> dict[str, tuple[int, int]]:
    """Of each agent: how many of its latest runs passed, of how many that ended and were not cancelled.

    One whose call by rule failed or was denied did not do what it was asked for, whatever its model said of it.
    """
    return {name: (passed, ended) for name, passed, ended in database.read(_PASSED, (latest,))}


def _run_rows(rows: Iterable[Row]) -> list[RunRow]:
    runs = []
    for row in rows:
        values = list(row)
        values[7] = bool(values[7])  # dirty
        values[19] = bool(values[19])  # dry
        runs.append(RunRow(*values))
    return runs


def _approval_row(row: Row) -> ApprovalRow:
    values = list(row)
    values[7] = json.loads(values[7])  # arguments
    for lists in (8, 18, 20):  # by, targets, env
        values[lists] = tuple(json.loads(values[lists]))
    return ApprovalRow(*values)
