"""What YAML reads without a word and hardly anyone means.

A key without a value, an entry taken for more of a text, words in brackets without commas between them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from runner.project.findings import Finding
from runner.project.words import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.project.findings import Loc
    from runner.project.parsing.parse import Parsed

_JOINED = re.compile(r"\S[ \t]{2,}(?=- )")
_NAME = re.compile(r"[a-z0-9][\w.@/-]*")
_NO_WORD = re.compile(r"[\d._/-]")
"""What words of a language do not have, and names of files and machines do."""
_SENTENCE = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "not", "of", "on", "or", "the", "to")
)


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


def several_in_one(parsed: Parsed) -> Iterator[Finding]:
    """A warning for each default of a list of texts that is one entry with what looks like several names in it."""
    if parsed.root is None or "default: [" not in parsed.text:
        return
    for loc, node in _defaults(parsed.root, (), set()):
        words = node.value.split(" ")
        if not node.style and _are_names(words):
            hint = f'write {flow(words)}; a text with blanks stands in quotes: ["{node.value}"]'
            what = f"this is a list of one text: a comma is missing behind `{words[0]}`"
            yield Finding("entry-of-words", parsed.name, (*loc, 0), what, hint, "warning")


def _are_names(words: Sequence[str]) -> bool:
    """Whether these are surely several names: three words that make no sentence, or two that are no words."""
    if not words[1:] or not all(map(_NAME.fullmatch, words)) or not _SENTENCE.isdisjoint(words):
        return False
    return len(words) > 2 or all(map(_NO_WORD.search, words))  # noqa: PLR2004 a label often has two


def _defaults(node: Node, loc: Loc, seen: set[int]) -> Iterator[tuple[Loc, ScalarNode]]:
    """The only entries of the defaults of lists of texts."""
    if not isinstance(node, MappingNode) or id(node) in seen:
        return
    seen.add(id(node))
    pairs = {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}
    if _only(pairs.get("type"), "str", "path") and (entry := _only(pairs.get("default"))):
        yield (*loc, "default"), entry
    for key, value in pairs.items():
        yield from _defaults(value, (*loc, key), seen)


def _only(node: Node | None, *words: str) -> ScalarNode | None:
    """The only entry of a list in brackets, where it is a text, one of these if any are given."""
    entries = node.value if isinstance(node, SequenceNode) and node.flow_style else []
    is_text = len(entries) == 1 and isinstance(entries[0], ScalarNode)
    return entries[0] if is_text and (not words or entries[0].value in words) else None
