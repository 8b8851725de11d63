"""One call on many hosts: some at once, in batches, and one table of what they answered, the same answers together."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import StepFailed
from runner.project.phases import Fleet
from runner.runs.fleets import STATUSES, joined
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.tools.port import Call, Hands, Tool

UNREACHABLE = "unreachable"


@dataclass
class _Answers:
    """What the hosts have answered so far, in the order of the hosts."""

    statuses: dict[str, str] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    def take(self, host: str, status: str, what: Any) -> None:
        self.statuses[host] = status
        self.said[host] = what

    def of(self, *statuses: str) -> list[str]:
        return [host for host, status in self.statuses.items() if status in statuses]

    def bad(self) -> list[str]:
        return self.of("failed", UNREACHABLE)


async def on_all(tool: Tool, calls: Sequence[Call], hands: Hands, rules: Fleet | None) -> Record:
    """Make a call on each host; the output has `ok`, `no`, `failed`, `unreachable`, `skipped`: hosts; and `answers`."""
    rules = rules or Fleet()
    answers = _Answers(dict.fromkeys((call.target for call in calls), "skipped"))
    gate = asyncio.Semaphore(rules.concurrency)

    async def one(call: Call) -> None:
        async with gate:
            if not (rules.stop and len(answers.bad()) > rules.max_failures):
                answers.take(call.target, *await _on_one(tool, call, hands))

    for batch in _batches(calls, rules.batch):
        async with asyncio.TaskGroup() as group:
            for call in batch:
                group.create_task(one(call))
    return _record(answers, rules.max_failures)


async def _on_one(tool: Tool, call: Call, hands: Hands) -> tuple[str, Any]:
    try:
        outcome = await tool.run(call, hands)
    except StepFailed as failure:
        status = UNREACHABLE if failure.match == "unavailable" else "failed"
        return status, {"error": failure.message, **({"hint": failure.hint} if failure.hint else {})}
    return outcome.status, outcome.output


def _batches(calls: Sequence[Call], size: int | None) -> list[Sequence[Call]]:
    step = size or len(calls)
    return [calls[start : start + step] for start in range(0, len(calls), step)]


def _record(answers: _Answers, max_failures: int) -> Record:
    bad, no = answers.bad(), answers.of("no")
    output = {status: answers.of(status) for status in STATUSES}
    table = {**output, "answers": _rows(answers)}
    if len(bad) > max_failures:
        return Record.of("failed", table, _fault(answers, bad))
    return Record.of("no" if no else "ok", table)


def _rows(answers: _Answers) -> list[dict[str, Any]]:
    """One row for each different answer with the hosts that gave it, the most common first: what differs stands out."""
    rows: dict[str, dict[str, Any]] = {}
    for host, status in answers.statuses.items():
        said = answers.said.get(host)
        key = json.dumps([status, said], sort_keys=True, default=str)
        rows.setdefault(key, {"status": status, "hosts": [], "output": said})["hosts"].append(host)
    return sorted(rows.values(), key=lambda row: -len(row["hosts"]))


def _fault(answers: _Answers, bad: list[str]) -> Fault:
    first = answers.said[bad[0]]
    count = f"{len(bad)} of {len(answers.statuses)} hosts failed or are out of reach"
    message = f"{count}: {joined(bad)}; {bad[0]}: {first['error']}"
    nobody = all(answers.statuses[host] == UNREACHABLE for host in bad)
    return Fault(match="unavailable" if nobody else "tool", message=message, hint=first.get("hint", ""))
