"""Places inside a text: of one row, or one that YAML writes as a block, with `|` or `>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml.nodes import ScalarNode

_OPENS = re.compile(r"\{[{%]")


def place_in_block(rows: Sequence[str], node: ScalarNode, line: int, near: str) -> tuple[int, int]:
    """Where in the file's rows a line (from 0) of a block text stands, and on it the template that holds `near`."""
    first = node.start_mark.line + 1
    number = first + line if node.style == "|" else _unfolded(rows, first, line)
    number = min(number, len(rows) - 1)
    return number + 1, _column(rows[number], near) + 1


def column_of(near: str, text: str, node: ScalarNode) -> int | None:
    """Where, from 1, `near` stands in a text of one row; None when it is written otherwise there."""
    first, last = node.start_mark, node.end_mark
    found = _whole(near).search(text.splitlines()[first.line], first.column) if first.line == last.line else None
    return found.start() + 1 if found and found.end() <= last.column else None


def _column(row: str, near: str) -> int:
    """The template that holds `near`, else the first one, else the row's first sign."""
    opened = [found.start() for found in _OPENS.finditer(row)]
    if near.startswith("{{") and near in row:  # one that stays open is the last of its kind
        return row.rfind(near)
    here = _whole(near).search(row) if near else None
    before = [at for at in opened if here is not None and at <= here.start()]
    return before[-1] if before else next(iter(opened), len(row) - len(row.lstrip()))


def _whole(near: str) -> re.Pattern[str]:
    """`near`, not as a part of a longer name."""
    before, after = (r"(?<![\w.])" if near[0].isalnum() else "", r"(?!\w)" if near[-1].isalnum() else "")
    return re.compile(before + re.escape(near) + after)


def _unfolded(rows: Sequence[str], first: int, wanted: int) -> int:
    """The file's line (from 0) that a line of a folded text is on; lines of equal indent were joined by blanks."""
    width = min((len(row) - len(row.lstrip()) for row in rows[first:] if row.strip()), default=0)
    count = blank = 0
    kept = True
    for number in range(first, len(rows)):
        row = rows[number]
        if not row.strip():
            blank += 1
            continue
        was_kept, kept = kept, row[width : width + 1].isspace()
        joins = number - blank == first or not (was_kept or kept)
        count, blank = count + blank + (0 if joins else 1), 0
        if count >= wanted:
            return number
    return len(rows) - 1
