"""The table of model calls, one row an attempt: written with the events, read for speed, outcomes and usage."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal, NamedTuple

from runner.runs.database import Database, Row
from runner.runs.events import AttemptFailed, ModelReplied, ModelRequested
from runner.runs.events.turn import REPLAY

Grouping = Literal["agent", "model", "day", "revision"]

REQUESTED = """
INSERT INTO model_calls (run, path, attempt, time, model, served, agent, reserved_micros)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
REPLIED = """
UPDATE model_calls SET outcome = 'answered', first = ?, seconds = ?, input = ?, output = ?, cached = ?, reasoning = ?,
cost_micros = ? WHERE run = ? AND path = ? AND attempt = ?
"""
FAILED = """
UPDATE model_calls SET outcome = ?, seconds = ?, input = ?, output = ?, cost_micros = ?
WHERE run = ? AND path = ? AND attempt = ?
"""


class CallRow(NamedTuple):
    """An answered call: tokens sent and got, seconds to the first token and in all."""

    prompt: int
    output: int
    first: float
    seconds: float


class UsageRow(NamedTuple):
    """What a group of calls took: its runs, attempts, those that failed, tokens, millionths of a US dollar."""

    key: str
    runs: int
    calls: int
    failed: int
    input: int
    cached: int
    output: int
    cost_micros: int
    unpriced: int
    """Attempts that took tokens and whose cost nobody knows."""


def requested(event: ModelRequested) -> Row:
    """The values of `REQUESTED`."""
    about = (event.model, event.served, event.agent, event.reserved_micros)
    return (event.run, event.path, event.attempt, event.time, *about)


def replied(event: ModelReplied) -> Row:
    """The values of `REPLIED`."""
    usage = event.usage
    first = event.seconds if event.first is None else event.first
    counts = (usage.input, usage.output, usage.cached, usage.reasoning, event.cost_micros)
    return (first, event.seconds, *counts, event.run, event.path, event.attempt)


def failed(event: AttemptFailed) -> Row:
    """The values of `FAILED`."""
    usage = event.usage
    took = (event.seconds, usage.input, usage.output, event.cost_micros)
    return (event.trouble, *took, event.run, event.path, event.attempt)


def latest(database: Database, served: str, limit: int) -> list[CallRow]:
    """The last answered calls of a model, oldest first."""
    rows = database.read(_LATEST, (served, limit))
    return [CallRow(*row) for row in reversed(rows)]


def spent_since(database: Database, time: float, by: str | None, apart: Iterable[str]) -> int:
    """Millionths of a US dollar that calls begun since then cost or may yet cost, without those of the runs `apart`.

    `by` is whose runs are meant; None: all.
    """
    values = (time, _PLAYED, json.dumps(list(apart)), by, by)
    return next(int(amount) for (amount,) in database.read(_SPENT, values))


def dearest(database: Database, served: str) -> float:
    """The most that a token of a model cost lately, sent or got, in millionths of a US dollar; 0 when nobody knows."""
    return next(float(rate or 0) for (rate,) in database.read(_DEAREST, (served,)))


def usage(database: Database, by: Grouping, since: float) -> list[UsageRow]:
    """What the calls begun since then took, the dearest group first, days in their order."""
    order = "1" if by == "day" else "cost_micros DESC, input + output DESC, 1"
    sql = _USAGE.format(key=_KEYS[by], order=order)
    return [UsageRow(*row) for row in database.read(sql, (since, _PLAYED))]


def runs_since(database: Database, since: float) -> int:
    """How many runs made the calls begun since then."""
    return next(int(count) for (count,) in database.read(_RUNS, (since, _PLAYED)))


def outcomes(database: Database) -> list[tuple[str, str, int]]:
    """(model, outcome, how many) of all attempts: `answered`, a word of `errors.Trouble`, `interrupted` or `open`."""
    return [(model, outcome, count) for model, outcome, count in database.read(_OUTCOMES)]


_KEYS: dict[Grouping, str] = {
    "agent": "calls.agent",
    "model": "calls.served",
    "day": "date(calls.time, 'unixepoch', 'localtime')",
    "revision": "runs.revision",
}
_PLAYED = f"{REPLAY}%"
_SPENT = """
SELECT coalesce(sum(coalesce(calls.cost_micros, iif(calls.outcome = 'open', calls.reserved_micros, 0))), 0)
FROM model_calls AS calls JOIN runs ON runs.id = calls.run
WHERE calls.time >= ? AND calls.served NOT LIKE ? AND calls.run NOT IN (SELECT value FROM json_each(?))
      AND (? IS NULL OR runs."by" = ?)
"""
_DEAREST = """
SELECT max(1.0 * cost_micros / (input + output)) FROM (
    SELECT * FROM model_calls WHERE served = ? AND cost_micros > 0 AND input + output > 0
    AND cost_micros <> reserved_micros ORDER BY time DESC LIMIT 50
)
"""
"""What was set aside and stands for a cost that nobody told is no price: the next call would be dearer for it."""
_USAGE = """
SELECT {key}, count(DISTINCT calls.run), count(*), sum(calls.outcome NOT IN ('answered', 'open')), sum(calls.input),
       sum(calls.cached), sum(calls.output), coalesce(sum(calls.cost_micros), 0) AS cost_micros,
       sum(calls.cost_micros IS NULL AND calls.input + calls.output > 0)
FROM model_calls AS calls JOIN runs ON runs.id = calls.run
WHERE calls.time >= ? AND calls.served NOT LIKE ? GROUP BY 1 ORDER BY {order}
"""
_RUNS = "SELECT count(DISTINCT run) FROM model_calls WHERE time >= ? AND served NOT LIKE ?"
_LATEST = """
SELECT input, output, first, seconds FROM model_calls WHERE served = ? AND outcome = 'answered'
ORDER BY time DESC LIMIT ?
"""
_OUTCOMES = "SELECT model, outcome, count(*) FROM model_calls GROUP BY model, outcome ORDER BY model, outcome"
