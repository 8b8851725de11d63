"""The table of model calls, one row an attempt: written with the events, read for speed, outcomes and usage."""

from __future__ import annotations

from typing import NamedTuple

from runner.runs.database import Database, Row
from runner.runs.events import AttemptFailed, ModelReplied, ModelRequested

REQUESTED = """
INSERT INTO model_calls (run, path, attempt, time, model, served, agent) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
REPLIED = """
UPDATE model_calls SET outcome = 'answered', first = ?, seconds = ?, input = ?, output = ?, cached = ?, reasoning = ?,
cost = ? WHERE run = ? AND path = ? AND attempt = ?
"""
FAILED = """
UPDATE model_calls SET outcome = ?, seconds = ?, input = ?, output = ? WHERE run = ? AND path = ? AND attempt = ?
"""


class CallRow(NamedTuple):
    """An answered call: tokens sent and got, seconds to the first token and in all."""

    prompt: int
    output: int
    first: float
    seconds: float


def requested(event: ModelRequested) -> Row:
    """The values of `REQUESTED`."""
    return (event.run, event.path, event.attempt, event.time, event.model, event.served, event.agent)


def replied(event: ModelReplied) -> Row:
    """The values of `REPLIED`."""
    usage = event.usage
    first = event.seconds if event.first is None else event.first
    counts = (usage.input, usage.output, usage.cached, usage.reasoning, usage.cost)
    return (first, event.seconds, *counts, event.run, event.path, event.attempt)


def failed(event: AttemptFailed) -> Row:
    """The values of `FAILED`."""
    usage = event.usage
    return (event.trouble, event.seconds, usage.input, usage.output, event.run, event.path, event.attempt)


def latest(database: Database, served: str, limit: int) -> list[CallRow]:
    """The last answered calls of a model, oldest first."""
    rows = database.read(_LATEST, (served, limit))
    return [CallRow(*row) for row in reversed(rows)]


def outcomes(database: Database) -> list[tuple[str, str, int]]:
    """(model, outcome, how many) of all attempts: `answered`, a word of `errors.Trouble`, `interrupted` or `open`."""
    return [(model, outcome, count) for model, outcome, count in database.read(_OUTCOMES)]


_LATEST = """
SELECT input, output, first, seconds FROM model_calls WHERE served = ? AND outcome = 'answered'
ORDER BY time DESC LIMIT ?
"""
_OUTCOMES = "SELECT model, outcome, count(*) FROM model_calls GROUP BY model, outcome ORDER BY model, outcome"
