"""The record of a call on many hosts, read back: who answered alike, and who could not be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.spec.cuts import some_of

STATUSES = ("ok", "no", "failed", "unreachable", "skipped")
"""What can be said of a host; the output of a call on many has the hosts of each."""
SHOWN_HOSTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the different answers, and the hosts that gave it."""

    status: str
    hosts: tuple[str, ...]
    output: Any


def answers_of(output: Any) -> list[Answer] | None:
    """The different answers, the most common first; None for an output that is not of a call on many hosts."""
    if not isinstance(output, Mapping) or set(output) != {*STATUSES, "answers"}:
        return None
    rows = output["answers"]
    if not isinstance(rows, list) or not all(map(_is_answer, rows)):
        return None
    return [Answer(row["status"], tuple(row["hosts"]), row["output"]) for row in rows]


def counted(answers: Sequence[Answer]) -> str:
    """How many hosts there are, and how many of each status: `50 hosts: 48 ok, 2 unreachable`."""
    counts = {status: sum(len(one.hosts) for one in answers if one.status == status) for status in STATUSES}
    parts = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{sum(counts.values())} hosts: {parts}"


def joined(hosts: Sequence[str]) -> str:
    """The first hosts, and how many there are more."""
    return some_of(hosts, SHOWN_HOSTS)


def _is_answer(row: Any) -> bool:
    if not isinstance(row, Mapping) or set(row) != {"status", "hosts", "output"}:
        return False
    hosts = row["hosts"]
    return row["status"] in STATUSES and isinstance(hosts, list) and all(isinstance(host, str) for host in hosts)
