"""What YAML reads without a word and hardly anyone means: a key without a value, an entry taken for more of a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml.nodes import ScalarNode

    from runner.project.findings import Loc

_JOINED = re.compile(r"\S[ \t]{2,}(?=- )")


def swallowed(text: str, plain: ScalarNode) -> tuple[int, int, str] | None:
    """Where, from 0, a plain text goes on with what looks like an entry of a list: line, column, and words for it."""
    first, last = plain.start_mark.line, plain.end_mark.line + 1
    for number, row in enumerate(text.split("\n")[first:last], first):
        if number > first and row.lstrip().startswith("- "):
            return number, len(row) - len(row.lstrip()), f"it goes on with the text of line {first + 1}"
        joined = _JOINED.search(row, plain.start_mark.column if number == first else 0)
        if joined:
            return number, joined.end(), "it stands behind another one, and is more of its text"
    return None


def without_value(name: str, locs: Sequence[Loc]) -> list[Finding]:
    """The keys and entries behind which nothing stands: whoever means that writes null."""
    hint = "write its value, or null for none; or remove it"
    return [
        Finding(
            "no-value", name, loc, f"{'the entry' if isinstance(loc[-1], int) else f'`{loc[-1]}`'} has no value", hint
        )
        for loc in locs
        if not any(isinstance(part, str) and part.startswith("x-") for part in loc)
    ]
