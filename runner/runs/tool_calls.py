"""The tables of agents' visits and of tool calls: written with the events, read for what tools do and how well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from runner.runs.fleets import answers_of
from runner.runs.paths import untried

if TYPE_CHECKING:
    from runner.runs.database import Database, Row
    from runner.runs.events import IntentMatched, PromptRendered, ToolCalled, ToolReturned

Subject = Literal["tool", "agent", "host", "intent"]

VISITED = "INSERT INTO visits (run, path, agent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
MATCHED = "UPDATE visits SET intent = ? WHERE run = ? AND path = ?"
CALLED = """
INSERT INTO tool_calls (run, path, time, tool, target, agent, intent)
SELECT ?1, ?2, ?3, ?4, ?5, coalesce(max(agent), ''), iif(?7, coalesce(max(intent), ''), '')
FROM visits WHERE run = ?1 AND path = ?6
ON CONFLICT (run, path) DO UPDATE SET time = excluded.time, target = excluded.target
"""
RETURNED = """
INSERT INTO tool_calls (run, path, time, tool, outcome, error, hosts, agent, intent)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, NULL, coalesce(max(agent), ''), iif(?9, coalesce(max(intent), ''), '')
FROM visits WHERE run = ?1 AND path = ?8
ON CONFLICT (run, path) DO UPDATE SET
    outcome = excluded.outcome, error = excluded.error, seconds = max(0.0, excluded.time - time),
    hosts = iif(target LIKE '%, %', ?7, NULL)
"""
STATEMENTS = (VISITED, MATCHED, CALLED, RETURNED)
"""In the order in which a batch needs them: what a later one looks up, an earlier one has written."""
LONGEST_ERROR = 500
_BY_RULE = "intent"


class ToolFigures(NamedTuple):
    """What the calls of a tool, an agent, a host or an intent came to; seconds are from intent to result."""

    key: str
    calls: int
    ok: int
    no: int
    failed: int
    denied: int
    """By a rule or a person: it was never made."""
    cancelled: int
    open: int
    p50: float | None
    p95: float | None
    error: str
    """Of the last call that failed or was denied."""
    error_at: float | None
    last: float | None
    """When the last call began; None without any."""

    @property
    def rate(self) -> float | None:
        """The share of the calls that were made and ended that did what they are for; `no` is an answer, too."""
        ended = self.ok + self.no + self.failed
        return (self.ok + self.no) / ended if ended else None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**self._asdict(), "rate": self.rate}


def visited(event: PromptRendered) -> Row:
    """The values of `VISITED`."""
    return (event.run, event.path, event.agent)


def matched(event: IntentMatched) -> Row:
    """The values of `MATCHED`."""
    return (event.phrase, event.run, event.path.removesuffix(f"/{_BY_RULE}"))


def called(event: ToolCalled) -> Row:
    """The values of `CALLED`."""
    return (event.run, event.path, event.time, event.tool, event.target, *_caller(event.path))


def returned(event: ToolReturned) -> Row:
    """The values of `RETURNED`."""
    fault = event.record.error
    outcome = "denied" if fault and fault.match == "policy" else event.record.status
    error = fault.message[:LONGEST_ERROR] if fault else ""
    hosts = _hosts(event.record.output)
    return (event.run, event.path, event.time, event.tool, outcome, error, hosts, *_caller(event.path))


def figures(
    database: Database, by: Subject, since: float, agent: str | None = None, tool: str | None = None
) -> list[ToolFigures]:
    """What the calls begun since then came to, those with most calls first; of one agent's or one tool's, if given."""
    values = {"since": since, "agent": agent, "tool": tool}
    rows = database.read(_FIGURES.format(calls=_CALLS[by]), values)
    return [ToolFigures(*row) for row in rows]


def _caller(path: str) -> tuple[str, bool]:
    """The path of the visit whose agent made a call, empty for a phase; whether an intent led to it."""
    parts = untried(path).split("/")
    if len(parts) < 3 or not parts[-1].startswith("call-"):  # noqa: PLR2004 - a visit, its turn, the call
        return "", False
    by_rule = parts[-2] == _BY_RULE
    return ("/".join(parts[:-2]), by_rule) if by_rule or parts[-2].startswith("turn-") else ("", False)


def _hosts(output: Any) -> str | None:
    """{host: [status, error]} of what a call on several hosts gave; None for any other output."""
    answers = answers_of(output)
    if answers is None:
        return None
    found = {}
    for answer in answers:
        is_bad = answer.status in ("failed", "unreachable") and isinstance(answer.output, dict)
        error = str(answer.output.get("error", ""))[:LONGEST_ERROR] if is_bad else ""
        found.update({host: [answer.status, error] for host in answer.hosts})
    return json.dumps(found)


_CALLS: dict[Subject, str] = {
    "tool": "SELECT *, tool AS key FROM tool_calls",
    "agent": "SELECT *, agent AS key FROM tool_calls",
    "intent": "SELECT *, intent AS key FROM tool_calls WHERE intent <> '' AND path NOT LIKE '%/try-%'",
    "host": """
    SELECT time, tool, agent, outcome, seconds, error, target AS key FROM tool_calls
    WHERE target <> '' AND target NOT LIKE '%, %'
    UNION ALL
    SELECT time, tool, agent, replace(host.value ->> 0, 'unreachable', 'failed'), NULL, host.value ->> 1, host.key
    FROM tool_calls, json_each(hosts) AS host WHERE hosts IS NOT NULL AND host.value ->> 0 <> 'skipped'
    """,
}
"""Of calls on several hosts nobody knows how long each host took."""
_FIGURES = """
WITH calls AS ({calls}),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY seconds NULLS LAST) AS rank,
           count(seconds) OVER (PARTITION BY key) AS timed,
           max(iif(outcome IN ('failed', 'denied'), time, NULL)) OVER (PARTITION BY key) AS error_at
    FROM calls
    WHERE time >= :since AND (:agent IS NULL OR agent = :agent) AND (:tool IS NULL OR tool = :tool)
)
SELECT key, count(*), sum(outcome = 'ok'), sum(outcome = 'no'), sum(outcome = 'failed'), sum(outcome = 'denied'),
       sum(outcome = 'cancelled'), sum(outcome = 'open'),
       min(iif(100 * rank >= 50 * timed, seconds, NULL)), min(iif(100 * rank >= 95 * timed, seconds, NULL)),
       coalesce(max(iif(time = error_at AND outcome IN ('failed', 'denied'), error, NULL)), ''), max(error_at),
       max(time)
FROM ranked GROUP BY key ORDER BY 2 DESC, 1
"""
