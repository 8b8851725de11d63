"""What a request that is on no cassette differs in from the one that is nearest to it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from runner.models.cassettes.plain import loose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.models.cassettes.entries import Entry, Where
    from runner.models.cassettes.plain import Plain

AROUND = 40
"""Characters that are shown on each side of a difference."""


def difference(entries: Sequence[Entry], messages: Mapping[str, Mapping[str, Any]], asked: Plain, at: Where) -> str:
    """The first thing that differs from the nearest request of the cassette, in words."""
    if not entries:
        return "the cassette is empty"
    recorded = {id(entry): [loose(dict(messages.get(one, {}))) for one in entry.asked] for entry in entries}
    now = loose(asked.messages)

    def nearness(entry: Entry) -> tuple[bool, int, bool, bool]:
        same = _same(recorded[id(entry)], now)
        return entry.at.agent == at.agent, same, entry.at == at, entry.served == asked.served

    near = max(entries, key=nearness)
    told = _in_messages(recorded[id(near)], now) or _beside(near, asked) or "the tools, the schema or `sampling` differ"
    return f"nearest is turn {near.at.turn} of phase {near.at.phase}, visit {near.at.visit}; {told}"


def _same(recorded: Sequence[Any], now: Sequence[Any]) -> int:
    """How many messages from the first on are the same."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(recorded, now, strict=False))))


def _in_messages(recorded: Sequence[Any], now: Sequence[Any]) -> str:
    number = _same(recorded, now)
    if number == len(recorded) == len(now):
        return ""
    if number == min(len(recorded), len(now)):
        return f"it has {len(recorded)} messages, this one {len(now)}"
    old, new = recorded[number], now[number]
    place = f"message {number + 1} ({new.get('role')}) differs"
    if old.get("role") != new.get("role"):
        return f"{place}: it was of {old.get('role')}"
    if old.get("text") == new.get("text"):
        return f"{place} in its calls"
    first, second = _around(str(old.get("text", "")), str(new.get("text", "")))
    return f"{place}: recorded {first!r}, now {second!r}"


def _around(old: str, new: str) -> tuple[str, str]:
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
    start = max(0, same - AROUND)
    dots = "…" if start else ""
    return dots + old[start : same + AROUND], dots + new[start : same + AROUND]


def _beside(near: Entry, asked: Plain) -> str:
    if near.served != asked.served:
        return f"it was asked of {near.served}, this one is asked of {asked.served}"
    gone, new = sorted({*near.tools} - {*asked.tools}), sorted({*asked.tools} - {*near.tools})
    words = [f"{sign} {', '.join(names)}" for sign, names in (("without", gone), ("with", new)) if names]
    return f"the tools differ: now {' and '.join(words)}" if words else ""
