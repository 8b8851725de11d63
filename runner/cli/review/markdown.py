"""A comparison as Markdown for a comment: whatever a file says stands in code, which closes only where we close it."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from runner.cli.display import bounded, cut
from runner.cli.review.lines import mark, unified, value, values
from runner.cli.review.text import EFFECTS, KINDS, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.compare import Change, Comparison, GraphChange, TextChange

MARKER = "<!-- runner diff -->"
"""The first line, by which a later run of the same check finds its comment."""
MOST = 60_000
"""Characters; the comments of the usual hosts hold 65,536."""
CUT = 20
"""Lines of each text that is left when all would be too long."""
MANY, LONG = 100, 300
"""Problems that are shown, and characters of each."""


def markdown(comparison: Comparison, old: str, new: str) -> str:
    """The whole comment; texts are cut, and said to be, before it is too long for one."""
    for most in (None, CUT, 0):
        text = "\n".join(_lines(comparison, old, new, most))
        if len(text) <= MOST:
            return text
    return "\n".join(_counted(comparison, old, new))


def problems(lines: Iterable[str], old: str, new: str) -> str:
    """What stands in the place of a comparison when files are wrong."""
    shown = bounded([cut(line, LONG) for line in lines], MANY)
    return "\n".join([*_head(old, new), "The files have problems; nothing can be compared.", "", *_fence(shown)])


def code(text: str) -> str:
    """A text as code in a line, between more backticks than it holds in a row."""
    ticks = "`" * (1 + _longest(text))
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _head(old: str, new: str) -> list[str]:
    return [MARKER, f"### Behaviour: {code(value(old))} → {code(value(new))}", ""]


def _lines(comparison: Comparison, old: str, new: str, most: int | None) -> Iterator[str]:
    yield from _head(old, new)
    if comparison.is_empty:
        yield "Nothing differs."
    for effect, words in EFFECTS.items():
        found = [change for change in comparison.capabilities if change.effect == effect]
        if found:
            yield from (f"**{effect.capitalize()}: {words}** ({len(found)})", "", *_changes(found), "")
    if comparison.prompts:
        texts = (line for text in comparison.prompts for line in _text(text, most))
        yield from _folded("Prompts", len(comparison.prompts), texts)
    if comparison.graphs:
        yield from _folded("Workflows", len(comparison.graphs), chain.from_iterable(map(_graph, comparison.graphs)))
    if comparison.others:
        yield from _folded("Other words and settings", len(comparison.others), _changes(comparison.others))
    if comparison.files:
        names = (f"- {code(STATUS[file.status])} {code(value(file.name))}" for file in comparison.files)
        yield from _folded("Files", len(comparison.files), names)


def _counted(comparison: Comparison, old: str, new: str) -> Iterator[str]:
    """What is said of a comparison that is too long even without its texts: that there is much to look at."""
    yield from _head(old, new)
    yield "**Too much differs for a comment**: `runner diff` shows it."
    yield ""
    for effect, words in EFFECTS.items():
        count = sum(change.effect == effect for change in comparison.capabilities)
        yield from [f"- {effect.capitalize()}: {words} ({count})"] if count else []
    parts = {"Prompts": comparison.prompts, "Workflows": comparison.graphs, "Files": comparison.files}
    parts["Other words and settings"] = comparison.others
    yield from (f"- {title} ({len(found)})" for title, found in parts.items() if found)


def _folded(title: str, count: int, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"<details><summary>{title} ({count})</summary>", "", *lines, "", "</details>", "")


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        key = f" {code(value(change.key))}" if change.key else ""
        subject = f"- {code(mark(change.old, change.new))} {code(value(change.where))}{key}:"
        first, *more = [code(line) for line in values(change)]
        if more:
            yield subject
            yield from (f"  - {line}" for line in (first, *more))
        else:
            yield f"{subject} {first}"


def _text(text: TextChange, most: int | None) -> Iterator[str]:
    yield f"{KINDS[text.kind]} {', '.join(code(value(user)) for user in text.users)}"
    yield ""
    yield from _fence(bounded(unified(text.old, text.new), most))
    yield ""


def _graph(graph: GraphChange) -> Iterator[str]:
    before, after = (code(value(case)) if case else "none" for case in graph.worst_case)
    yield f"{code(STATUS[graph.status])} {code(value(graph.workflow))}"
    yield ""
    yield from _changes(graph.changes)
    if before != after:
        yield f"- worst case: {before} → {after}"
    yield ""


def _fence(lines: list[str]) -> list[str]:
    ticks = "`" * max(3, 1 + max(map(_longest, lines), default=0))
    return [f"{ticks}diff", *lines, ticks]


def _longest(text: str) -> int:
    """The most backticks that stand in a row."""
    return max(map(len, re.findall("`+", text)), default=0)
