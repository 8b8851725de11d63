"""A line that is indented deeper than the line above it allows: what is missing between them, or how far it goes."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import NamedTuple

_ROW = re.compile(r"(?P<indent> *)(?P<key>[\w.-]+):(?:\s+(?P<value>[^\s#].*)|\s*(?:#.*)?)$")
_ENTRY = re.compile(r"(?P<indent> *)-\s+(?P<entry>.*)$")
_SAYS_NOTHING = re.compile(r"\s*(#|$)")
_TYPE = re.compile(r"\{|\[|\"?(?:str|int|float|bool|path|any)\b|\"?[\w-]+\|")
"""How the value of a parameter begins."""
_INLINE = re.compile(r"[\[{\"']|\S+$")
"""A value that is no sentence."""
_PROMPT = ("role", "task", "constraints", "rules", "state")


class _Row(NamedTuple):
    """A line with a key."""

    indent: int
    key: str
    value: str | None


def of_row(file: str, rows: list[str], number: int) -> tuple[int, str, str] | None:
    """Column, what and hint of a row (from 0) that stands too deep for the row above it; nothing of other rows."""
    above = next((row for row in reversed(rows[:number]) if not _SAYS_NOTHING.match(row)), "")
    holder, here = _read(above), _read(rows[number]) if number < len(rows) else None
    if entry := _ENTRY.match(rows[number]) if number < len(rows) else None:
        return _entry(holder, entry)
    if here is None:
        return None
    if _ENTRY.match(above):
        return _among_entries(here, above, rows[:number])
    if between := _between(here, rows[:number]):
        what = f"`{here.key}` stands in no column of the keys above it"
        return here.indent, what, f"indent it as far as {between}"
    if holder is None or not holder.value or holder.value[0] in "|>" or holder.indent >= here.indent:
        return None
    if missing := _missing(file, rows, number, holder.indent, here):
        return here.indent, f"a line `{missing}:` is missing above `{here.key}`", _put(missing, holder.indent)
    if here.value and not _INLINE.match(here.value):
        return None
    what = f"`{here.key}` is indented deeper than `{holder.key}` above it, which has its value"
    more = "" if here.value else ", or write above it the key that holds it"
    more = more or ("; if it is more of that text, quote the whole" if not _INLINE.match(holder.value) else "")
    return here.indent, what, f"indent it as far as `{holder.key}`{more}"


def _between(here: _Row, rows: list[str]) -> str:
    """The keys above between whose columns a row stands; nothing where one has its column, or none is deeper."""
    deeper = ""
    for row in filter(None, map(_read, reversed(rows))):
        if row.indent == here.indent:
            return ""
        if row.indent < here.indent:
            return deeper and f"{deeper}, or as far as `{row.key}`"
        deeper = f"`{row.key}`"
    return ""


def _read(row: str) -> _Row | None:
    found = _ROW.match(row)
    return _Row(len(found["indent"]), found["key"], found["value"]) if found else None


def _put(key: str, indent: int) -> str:
    place = "in the first column" if not indent else f"indented by {indent} blanks"
    return f"write `{key}:` as a line of its own, {place}"


def _missing(file: str, rows: list[str], number: int, indent: int, here: _Row) -> str:
    """The key whose line is gone, where a file can have only that one above such a row."""
    wanted = _top(file, rows, number, here) if not indent else ""
    if indent and "tools.d/" in file and here.value and _TYPE.match(here.value):
        wanted = "params"
    return "" if not wanted or wanted in (here.key, *_beside(rows, number, indent)) else wanted


def _top(file: str, rows: list[str], number: int, here: _Row) -> str:
    opens = not here.value or here.value.startswith("{")
    if "tools.d/" in file and opens:
        return "tools"
    if file.startswith("workflows/") and opens:
        return "phases"
    if file == "runner.yaml" and "provider:" in " ".join([here.value or "", *rows[number + 1 : number + 2]]):
        return "models"
    return "prompt" if "agents.d/" in file and here.key in _PROMPT else ""


def _beside(rows: list[str], number: int, indent: int) -> list[str]:
    """The keys of that indent in the mapping that goes on around a row."""

    def is_inside(row: str) -> bool:
        return bool(_SAYS_NOTHING.match(row)) or len(row) - len(row.lstrip()) >= indent

    around = [*takewhile(is_inside, reversed(rows[:number])), *takewhile(is_inside, rows[number:])]
    return [row.key for row in map(_read, around) if row and row.indent == indent]


def _entry(holder: _Row | None, entry: re.Match[str]) -> tuple[int, str, str] | None:
    """A list below a key that has a value already."""
    column = len(entry["indent"])
    if holder is None or not holder.value or holder.value[0] in "|>" or holder.indent > column:
        return None
    holds = "errors" if "match:" in entry["entry"] else "next" if "to:" in entry["entry"] else ""
    what = f"a list stands below `{holder.key}`, which has its value"
    return column, what, f"write above it the key that holds it{f': `{holds}:`' if holds else ''}"


def _among_entries(here: _Row, above: str, rows: list[str]) -> tuple[int, str, str] | None:
    """A key in the column of a list's entries."""
    if len(above) - len(above.lstrip()) != here.indent:
        return None
    holder = next((row for row in map(_read, reversed(rows)) if row and row.indent < here.indent), None)
    if holder is None or holder.value:
        return None
    what = f"`{here.key}` stands among the entries of `{holder.key}`"
    entry = _read(above.replace("-", " ", 1))
    more = f"; for a key of the entry above, as far as `{entry.key}`" if entry else ""
    return here.indent, what, f"indent it as far as `{holder.key}`{more}"
