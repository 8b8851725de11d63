"""Durable commands from any process to whoever owns a run: cancel, decide; each is answered once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
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


class Answered(StrEnum):
    """How a command was answered."""

    DONE = "done"
    REFUSED = "refused"
    """It cannot be done, or not by who asked; somebody else may ask again."""
    LATE = "late"
    """Somebody was faster."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command, and a line about it for who left it."""

    how: Answered
    text: str


class Inbox:
    """Commands in the order they came; each is answered once, and its sender can ask for the answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: CommandKind, run: str, payload: Mapping[str, Any]) -> int:
        """Leave a command; the answer is its number.

        A `decide` has `approval`, `decision` and `by` in its payload, and only the first one for an approval, by one
        who may, reaches the owner: any other is answered here and now, with the words of who decided.
        """
        with self._database.transaction() as connection:
            approval = payload.get("approval") if kind == "decide" else None
            answer = None if approval is None else _refusal(connection, run, approval, payload.get("by"))
            said = (answer.how, answer.text) if answer else (_PENDING, None)
            row = (kind, run, json.dumps(dict(payload)), None if answer else approval, *said)
            (number,) = connection.execute(_PUT, row).fetchone()
        return int(number)

    def pending(self, runs: Iterable[str] | None = None) -> list[Command]:
        """The commands without an answer, for these runs or for all, in the order they came."""
        wanted = None if runs is None else set(runs)
        rows = self._database.read("SELECT id, kind, run, payload FROM commands WHERE status = 'pending' ORDER BY id")
        return [
            Command(number, kind, run, json.loads(payload))
            for number, kind, run, payload in rows
            if wanted is None or run in wanted
        ]

    def kept(self, runs: Iterable[str] | None = None) -> dict[str, Mapping[str, Any]]:
        """By approval: what was decided and nobody has acted on yet, with `decision` and `by`."""
        return {one.payload["approval"]: one.payload for one in self.pending(runs) if one.kind == "decide"}

    def answer(self, command: int, answer: Answer) -> None:
        """Answer a command; a decision that is refused leaves its approval free for another one."""
        with self._database.transaction() as connection:
            is_refused = answer.how is Answered.REFUSED
            connection.execute(_ANSWER, (answer.how, answer.text, is_refused, command))

    def answer_of(self, command: int) -> Answer | None:
        """The answer of a command, None while it has none."""
        sql = "SELECT status, result FROM commands WHERE id = ? AND status <> 'pending'"
        return next((Answer(Answered(how), text) for how, text in self._database.read(sql, (command,))), None)


_PENDING = "pending"
_PUT = "INSERT INTO commands (kind, run, payload, approval, status, result) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
_ANSWER = """
UPDATE commands SET status = ?, result = ?, approval = iif(?, NULL, approval) WHERE id = ? AND status = 'pending'
"""
_APPROVAL = 'SELECT status, decided_by, "by" FROM approvals WHERE id = ? AND run = ?'


def _refusal(connection: sqlite3.Connection, run: str, approval: str, who: str | None) -> Answer | None:
    """Why a decision does not count; None when it is the first one for an open approval, by one who may."""
    row = connection.execute(_APPROVAL, (approval, run)).fetchone()
    if row is None:
        return Answer(Answered.REFUSED, f"refused: run {run} has no approval {approval}")
    status, by, allowed = row
    if status != "open":
        return Answer(Answered.LATE, f"too late: {_SAID[status]}{by and f' by {by}'}")
    for (earlier,) in connection.execute("SELECT payload FROM commands WHERE approval = ?", (approval,)):
        decision = json.loads(earlier)
        by = decision.get("by")
        said = f"already {_SAID.get(decision.get('decision'), 'decided')}{f' by {by}' if by else ''}"
        return Answer(Answered.LATE, f"too late: {said}")
    names = json.loads(allowed)
    if not names or who in names:
        return None
    return Answer(Answered.REFUSED, f"refused: only {', '.join(names)} may decide this")


_SAID = {
    "approve": "approved",
    "deny": "denied",
    "expired": "expired",
    "void": "void, as what asked is over",
}
