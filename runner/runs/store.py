"""What happened, kept: one folder with one SQLite file for the journals of all runs, and blobs beside it."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from runner.errors import FenceLost, KeyTaken, StoreError, UsageError
from runner.runs import alerts, model_calls, projections, rows, tool_calls
from runner.runs.alerts import AlertRow, TriggerRow
from runner.runs.blobs import Blobs
from runner.runs.database import Database
from runner.runs.events import AnyEvent, parse_event
from runner.runs.inbox import Inbox
from runner.runs.model_calls import CallRow, Grouping, UsageRow
from runner.runs.revisions import Revisions
from runner.runs.rows import ApprovalRow, RunRow, RunStatus
from runner.runs.tool_calls import Subject, ToolFigures

FILE = "runner.db"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: in order, and no letters that look like digits


class Store:
    """Everything that happened, narrow and synchronous; several threads and processes may use one folder."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.blobs = Blobs(folder / "blobs")
        self.inbox = Inbox(database)
        self.revisions = Revisions(database, folder / "revisions")
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in a folder, made private where there is none; raises `StoreError` and `StoreTooNew`."""
        _prepare(folder)
        return cls(folder, Database.open(folder / FILE))

    # ------------------------------------------------------------------------------------------------ journals

    def events(self, run: str, after: int = -1, limit: int | None = None) -> list[AnyEvent]:
        """A run's events in order, those behind `after`."""
        sql = "SELECT seq, event FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [_parsed(run, *row) for row in self._database.read(sql, (run, after, -1 if limit is None else limit))]

    def append(self, events: Sequence[AnyEvent], keys: Mapping[str, str] | None = None) -> None:
        """Write numbered events and their projections in one transaction; `keys` maps runs to idempotency keys.

        Raises `FenceLost` if any (run, seq) is already there and `KeyTaken` if a key is: then nothing was written.
        """
        self.append_lines([(event, event.model_dump_json()) for event in events], keys or {})

    def append_lines(self, lines: Sequence[tuple[AnyEvent, str]], keys: Mapping[str, str]) -> None:
        """`append` for events whose JSON is already made."""
        with self._database.transaction() as connection:
            for run, key in keys.items():
                _take_key(connection, run, key)
            _insert(connection, lines)
            projections.project(connection, [event for event, _ in lines])

    def run_of_key(self, key: str) -> str | None:
        """The run that was begun under an idempotency key."""
        return next((run for (run,) in self._database.read("SELECT run FROM keys WHERE key = ?", (key,))), None)

    # --------------------------------------------------------------------------------------------------- lists

    def run(self, run: str) -> RunRow | None:
        """The run of this id."""
        return rows.run_of(self._database, run)

    def find(self, prefix: str) -> RunRow:
        """The run whose id begins so; raises `UsageError` when none or several do."""
        exact = self.run(prefix)
        if exact is not None:
            return exact
        found = rows.runs_beginning(self._database, prefix.lower(), limit=6) if prefix else []
        if not found:
            raise UsageError(f"no run's id begins with `{prefix}`", hint="`runner runs ls` lists them")
        if len(found) > 1:
            names = ", ".join(row.id for row in found[:5]) + (", …" if found[5:] else "")
            raise UsageError(f"several runs begin with `{prefix}`: {names}", hint="give more letters of the id")
        return found[0]

    def runs(
        self,
        *,
        status: RunStatus | None = None,
        verdict: str | None = None,
        name: str | None = None,
        revision: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[RunRow]:
        """The runs that pass every filter given, newest first; `before` is the last id of the page already seen."""
        filters = {"status": status, "verdict": verdict, "name": name, "revision": revision, "before": before}
        return rows.list_runs(self._database, filters, limit)

    def unfinished(self) -> list[RunRow]:
        """The runs that are queued, running or waiting, oldest first."""
        return rows.unfinished_runs(self._database)

    def due(self, now: float) -> list[str]:
        """The waiting runs whose earliest timer or deadline has come, earliest first."""
        return rows.due_runs(self._database, now)

    def approvals(self, *, run: str | None = None, open_only: bool = True) -> list[ApprovalRow]:
        """The approvals of one run or of all, oldest first."""
        return rows.list_approvals(self._database, run, open_only=open_only)

    def approval(self, approval: str) -> ApprovalRow | None:
        """The approval of this id."""
        return rows.approval_of(self._database, approval)

    def model_calls(self, served: str, limit: int) -> list[CallRow]:
        """The last answered calls of a model, oldest first."""
        return model_calls.latest(self._database, served, limit)

    def spent_since(self, time: float, by: str | None, apart: Iterable[str]) -> int:
        """Millionths of a US dollar that calls since then cost or may yet cost, of one user's runs or of all."""
        return model_calls.spent_since(self._database, time, by, apart)

    def dearest(self, served: str) -> float:
        """The most that a token of a model cost lately, in millionths of a US dollar."""
        return model_calls.dearest(self._database, served)

    def usage(self, by: Grouping, since: float) -> list[UsageRow]:
        """What the model calls since then took, in groups."""
        return model_calls.usage(self._database, by, since)

    def runs_with_calls(self, since: float) -> int:
        """How many runs made the model calls since then."""
        return model_calls.runs_since(self._database, since)

    def outcomes(self) -> list[tuple[str, str, int]]:
        """(model, outcome, how many) of all attempts of model calls."""
        return model_calls.outcomes(self._database)

    def tool_figures(
        self, by: Subject, since: float = 0.0, *, agent: str | None = None, tool: str | None = None
    ) -> list[ToolFigures]:
        """What the tool calls since then came to, in groups; of one agent or one tool, if given."""
        return tool_calls.figures(self._database, by, since, agent, tool)

    def passed(self, latest: int) -> dict[str, tuple[int, int]]:
        """Of each agent how many of its latest runs passed, and how many ended by themselves."""
        return rows.passed_runs(self._database, latest)

    def count(self, status: RunStatus) -> int:
        """How many runs have a status."""
        return rows.count_runs(self._database, status)

    # ---------------------------------------------------------------------------------------- triggers and alerts

    def alerts(self, trigger: str | None = None) -> list[AlertRow]:
        """The alerts whose condition holds, of one trigger or of all, those that fire first."""
        return alerts.alerts(self._database, trigger)

    def triggers(self) -> dict[str, TriggerRow]:
        """What each trigger has begun last."""
        return alerts.triggers(self._database)

    def keep_triggers(self, ticks: Mapping[str, float]) -> list[AlertRow]:
        """Have these triggers and no others, a new one with its tick; the alerts that nothing judges any more."""
        return alerts.keep_triggers(self._database, ticks)

    def skip_tick(self, trigger: str, tick: float, note: str) -> None:
        """Note that a trigger began no run at a tick, and why."""
        alerts.skip_tick(self._database, trigger, tick, note)

    # -------------------------------------------------------------------------------------------------- upkeep

    def rebuild(self) -> None:
        """Make all lists anew from the events."""
        with self._database.transaction() as connection:
            projections.rebuild(connection)

    def check(self) -> list[str]:
        """What SQLite's own integrity check complains of: nothing when all is well."""
        return self._database.check()

    def close(self) -> None:
        """Close the file; whatever comes after raises `StoreError`."""
        self._database.close()


def new_run_id() -> str:
    """A new id of 20 letters and digits; later ones sort behind earlier ones, to the microsecond."""
    number = time.time_ns() // 1000 << 45 | secrets.randbits(45)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))


def _prepare(folder: Path) -> None:
    """Make the folder; one that already holds something keeps its own permissions and ignore file."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            folder.chmod(0o700)
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        hint = "check its owner and permissions, or set storage.path in runner.yaml"
        raise StoreError(f"{folder} cannot be used as the store: {error.strerror or error}", hint=hint) from error


def _take_key(connection: sqlite3.Connection, run: str, key: str) -> None:
    for (holder,) in connection.execute("SELECT run FROM keys WHERE key = ?", (key,)):
        raise KeyTaken(key, holder)
    connection.execute("INSERT INTO keys (key, run) VALUES (?, ?)", (key, run))


def _insert(connection: sqlite3.Connection, lines: Sequence[tuple[AnyEvent, str]]) -> None:
    values = [(event.run, event.seq, event.type, line) for event, line in lines]
    try:
        connection.executemany("INSERT INTO events (run, seq, type, event) VALUES (?, ?, ?, ?)", values)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            raise
        raise FenceLost(f"another owner has taken over {_runs(lines)}") from error


def _runs(lines: Sequence[tuple[AnyEvent, str]]) -> str:
    names = sorted({event.run for event, _ in lines})
    return f"run {names[0]}" if len(names) == 1 else f"one of the runs {', '.join(names)}"


def _parsed(run: str, seq: int, line: str) -> AnyEvent:
    try:
        return parse_event(line)
    except ValidationError as error:
        raise StoreError(f"event {seq} of run {run} cannot be read: {error.errors()[0]['msg']}") from error
