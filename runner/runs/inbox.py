"""Durable commands from any process to whoever owns a run: cancel, decide."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner.runs.database import Database

CommandKind = Literal["cancel", "decide"]


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants of a run; `payload` is plain JSON data."""

    id: int
    kind: CommandKind
    run: str
    payload: dict[str, Any]


class Inbox:
    """Commands in the order they came; each is answered once with a line that its sender can ask for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: CommandKind, run: str, payload: Mapping[str, Any]) -> int:
        """Leave a command; the answer is its number.

        A `decide` has `approval`, `decision` and `by` in its payload, and only the first one for an approval, by one
        who may, reaches the owner: any other is answered here and now, with the words of who decided.
        """
        with self._database.transaction() as connection:
            approval = payload.get("approval") if kind == "decide" else None
            result = None if approval is None else _refusal(connection, run, approval, payload.get("by"))
            held = None if result else approval
            row = (kind, run, json.dumps(dict(payload)), held, result)
            (number,) = connection.execute(_PUT, row).fetchone()
        return int(number)

    def pending(self, runs: Iterable[str] | None = None) -> list[Command]:
        """The commands without an answer, for these runs or for all, in the order they came."""
        wanted = None if runs is None else set(runs)
        rows = self._database.read("SELECT id, kind, run, payload FROM commands WHERE result IS NULL ORDER BY id")
        return [
            Command(number, kind, run, json.loads(payload))
            for number, kind, run, payload in rows
            if wanted is None or run in wanted
        ]

    def done(self, command: int, result: str, *, refused: bool = False) -> None:
        """Answer a command; a decision that was `refused` leaves its approval free for another one."""
        with self._database.transaction() as connection:
            connection.execute(_DONE, (result, refused, command))

    def result(self, command: int) -> str | None:
        """The answer of a command, None while it has none."""
        rows: list[tuple[str | None]] = self._database.read("SELECT result FROM commands WHERE id = ?", (command,))
        return rows[0][0] if rows else None


_PUT = "INSERT INTO commands (kind, run, payload, approval, result) VALUES (?, ?, ?, ?, ?) RETURNING id"
_DONE = "UPDATE commands SET result = ?, approval = iif(?, NULL, approval) WHERE id = ? AND result IS NULL"
_APPROVAL = 'SELECT status, decided_by, "by" FROM approvals WHERE id = ? AND run = ?'


def _refusal(connection: sqlite3.Connection, run: str, approval: str, who: str | None) -> str | None:
    """Why a decision does not count; None when it is the first one for an open approval, by one who may."""
    row = connection.execute(_APPROVAL, (approval, run)).fetchone()
    if row is None:
        return f"refused: run {run} has no approval {approval}"
    status, by, allowed = row
    if status != "open":
        return f"too late: {_SAID[status]}{by and f' by {by}'}"
    for (earlier,) in connection.execute("SELECT payload FROM commands WHERE approval = ?", (approval,)):
        decision = json.loads(earlier)
        by = decision.get("by")
        return f"too late: already {_SAID.get(decision.get('decision'), 'decided')}{f' by {by}' if by else ''}"
    names = json.loads(allowed)
    return f"refused: only {', '.join(names)} may decide this" if names and who not in names else None


_SAID = {
    "approve": "approved",
    "deny": "denied",
    "expired": "expired",
    "void": "void, as what asked is over",
}
