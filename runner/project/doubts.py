"""What YAML reads without a word and hardly anyone means: a key without a value, an entry taken for more of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml.nodes import ScalarNode

    from runner.project.findings import Loc


def swallowed(text: str, plain: ScalarNode) -> tuple[int, int] | None:
    """Line and column, from 0, where a plain text goes on with what begins like an entry of a list."""
    first, last = plain.start_mark.line + 1, plain.end_mark.line + 1
    for number, row in enumerate(text.split("\n")[first:last], first):
        if row.lstrip().startswith("- "):
            return number, len(row) - len(row.lstrip())
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
