"""What YAML reads without a word and hardly anyone means: keys without a value, keys and entries taken for text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding
from runner.project.literals import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yaml.nodes import ScalarNode

    from runner.project.findings import Loc

_JOINED = re.compile(r"\S[ \t]{2,}(?=- )")
_PROSE = frozenset({"message", "prompt", "ask", "show", "template"})
_KEY = re.compile(
    r"^ *(?P<key>next|errors|when|limits|retry|foreach|tools|output|with|permissions|timeout|deadline):"
    r"(?: *(?:\[.*\]|\{.*\})|(?=\s*\n *- [{\w]))\s*$",
    re.MULTILINE,
)
"""A line that is written as a key and its value are: in brackets, or as a list below it."""


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


def keys_in_texts(name: str, data: Any) -> Iterator[Finding]:
    """The lines of texts that read like a key beside the text, and were indented too deep."""
    for loc, text in texts(data):
        if loc and loc[-1] in _PROSE and "\n" in text and (found := _KEY.search(text)):
            key, line = found["key"], text.count("\n", 0, found.start()) + 1
            what = f"`{key}:` is a line of the text `{loc[-1]}`"
            hint = f"indent it as far as `{loc[-1]}`, and what is below it likewise, if the key `{key}` is meant"
            yield Finding("key-in-text", name, loc, what, hint, "warning", line=line, near=f"{key}:")
