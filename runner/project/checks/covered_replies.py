"""Scripted replies that are never given, because one above them fits whenever they do."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runner.models.scripted import ReplySpec

    Asked = tuple[str | int | None, ...]

_SHOWN = 5
"""Lines that a message names."""


def check(file: str, entries: Sequence[ReplySpec], line_of: Callable[[int], int]) -> Iterator[Finding]:
    """A warning for each entry that keeps others from answering; `line_of` finds an entry's line."""
    for index, below in _covered(entries).items():
        what = f"this entry answers all that {_those([line_of(one) for one in below])}"
        hint = _hint(entries[index], [entries[one] for one in below])
        yield Finding("covered-reply", file, (index,), what, hint, "warning")


def _covered(entries: Sequence[ReplySpec]) -> Mapping[int, list[int]]:
    """For each entry those that it is the first to cover."""
    above: defaultdict[Asked, list[tuple[int, str]]] = defaultdict(list)
    covered: defaultdict[int, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        wider = product(*({None, value} for value in _asked(entry)))
        text = entry.when.contains or ""
        found = min((one for key in wider for one, part in above.get(key, ()) if part in text), default=None)
        if found is None:
            above[_asked(entry)].append((index, text))
        else:
            covered[found].append(index)
    return dict(sorted(covered.items()))


def _asked(entry: ReplySpec) -> Asked:
    return entry.when.agent, entry.when.phase, entry.when.visit, entry.turn


def _those(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"the one in line {lines[0]} is for"
    more = ", …" if len(lines) > _SHOWN else ""
    return f"the {len(lines)} below are for (lines {', '.join(map(str, lines[:_SHOWN]))}{more})"


def _hint(entry: ReplySpec, below: Sequence[ReplySpec]) -> str:
    them = "them" if len(below) > 1 else "it"
    if any((_asked(one), one.when.contains) == (_asked(entry), entry.when.contains) for one in below):
        return "the first that fits answers every time: " + (
            "give each its own `turn`" if entry.when.turn is None else f"tell them apart in `when`, or remove {them}"
        )
    move = f"move it below {them if len(below) > 1 else 'that one'}"
    if entry.turn is not None:
        return move
    return f"{move}, or {'add `turn` to its `when`' if entry.when.model_fields_set else 'give it a `when`'}"
