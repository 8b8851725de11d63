"""A text of several lines below a key without the `|` that makes it one: YAML reads it as its own."""

from __future__ import annotations

import re

_SAYS_NOTHING = re.compile(r"\s*(#|$)")
_HOLDER = re.compile(r"\s*(?:- )?(?P<key>[\w-]+):\s*(?:#.*)?$")
_TEXTS = frozenset({"ask", "description", "message", "show"})
"""Keys below which nothing but a text stands."""
_LISTS = frozenset({"constraints", "rules"})
"""Keys below which sentences stand as entries."""
_YAML = re.compile(r"(?:[\w./-]+|\"[^\"]*\"|'[^']*'):(?:\s|$)|- |-$|[\[|>&*!?]|\{(?![{%])")
"""How a line begins that may well be meant as YAML."""
_PROSE = re.compile(r"\{[{%]|[A-Z][\w']*,? \S|(?:\S+\s+){3,}\S|.*\{\{|.*\w [\w ]*[.!?]$")
_MARKS = re.compile(r"[\[{&*!>]")


def of_row(rows: list[str], number: int) -> tuple[int, int, str, str] | None:
    """Row, column, what and hint of the key, of those that hold a row (all from 0), below which a text stands."""
    if number >= len(rows) or _SAYS_NOTHING.match(rows[number]):
        return None
    indent = _indent(rows[number])
    for above in range(number - 1, -1, -1):
        if _SAYS_NOTHING.match(rows[above]) or _indent(rows[above]) >= indent:
            continue
        indent = _indent(rows[above])
        holder = _HOLDER.match(rows[above])
        if holder and _is_text(holder["key"], _first(rows, above)):
            what = f"a text of several lines stands below `{holder['key']}:` without a |"
            return (
                above,
                holder.start("key"),
                what,
                f"write `{holder['key']}: |`, and the text's lines below it as they are",
            )
    return None


def _first(rows: list[str], above: int) -> str:
    return next(row.strip() for row in rows[above + 1 :] if not _SAYS_NOTHING.match(row))


def _is_text(key: str, first: str) -> bool:
    if key in _TEXTS:
        return not _MARKS.match(first) or first.startswith(("{{", "{%"))
    return key not in _LISTS and not _YAML.match(first) and bool(_PROSE.match(first))


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
