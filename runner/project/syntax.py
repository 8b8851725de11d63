"""What the YAML parser stumbles over, in words that say what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.nodes import TooDeep
from runner.project.problems import Problem

if TYPE_CHECKING:
    import yaml

_QUOTE = "quote the text"
_TEMPLATE = 'a text that begins with {{ needs quotes: "{{ … }}"'
_WORDS = (
    ("unexpected end of stream", "the quote that opens here is never closed", "close it, or double a quote inside it"),
    ("undefined alias", "the alias names no anchor of this file", 'a text that begins with * needs quotes: "*"'),
    ("expected alphabetic", "an alias or an anchor has no name", 'a text that begins with * or & needs quotes: "*"'),
    ("second occurrence", "the anchor is set a second time", "give each anchor its own name"),
    ("another document", "a second document begins here; a file is one document", "remove the line ---"),
    ("mapping values", "a `: ` stands where no key can be", "check the indentation, or quote a text that holds `: `"),
    ("escape", "no such escape in double quotes", "double the backslash, or use single quotes"),
    ("flow sequence", "the list that opens here is not closed, or a comma is missing", "close it with ]"),
    ("flow mapping", "the mapping that opens here is not closed, or a comma is missing", "close it with }"),
    ("flow node", "a value is missing before this", ""),
    (
        "block collection",
        "the list goes on with something else than an entry",
        "begin each entry with `- `, all in one column",
    ),
    ("could not find expected ':'", "a key without a `:`", "write `key: value`"),
    ("simple key", "a key without a `:`", "write `key: value`"),
    (
        "sequence entries are not",
        "a list begins on the line of its key",
        "begin it on the next line, or write it in brackets",
    ),
    ("document start", "this is neither a key nor an entry of a list", "write `key: value` from the first line on"),
    ("block mapping", "neither a key nor the end of the mapping", "check the indentation; quote the whole value"),
    ("directive", "a line that begins with % is a directive", _QUOTE),
)
"""Part of the parser's words (which of its two makes say alike), what, hint; the first that fits counts."""
_OPENS = ("unexpected end of stream", "flow sequence", "flow mapping", "simple key")
"""Faults that are better pointed at where they begin than at where they are noticed."""


def problem_of(name: str, text: str, error: yaml.YAMLError) -> Problem:
    """The fault that stopped the parser."""
    said = " ".join(str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    mark = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    if opened is not None and any(words in said for words in _OPENS):
        mark = opened
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if isinstance(error, TooDeep):
        return Problem("too-deep", name, line + 1, column + 1, "", str(error.problem))
    what, hint = _explained(said, _row(text, line), column)
    return Problem("yaml-syntax", name, line + 1, column + 1, "", what, hint)


def _explained(said: str, row: str, column: int) -> tuple[str, str]:
    sign = row[column : column + 1]
    if "cannot start any token" in said:
        if sign == "\t":
            return "a tab stands where the indentation is", "indent with spaces"
        return f"a text cannot begin with {sign}", f"quote it: '{row[column:].strip()}'"
    what, hint = next(((what, hint) for words, what, hint in _WORDS if words in said), (said, ""))
    opening = row[:column].find("{{")
    if opening >= 0 and '"' not in row[:opening] and "'" not in row[:opening]:
        return what, _TEMPLATE
    return what, hint


def _row(text: str, line: int) -> str:
    rows = text.splitlines()
    return rows[line] if line < len(rows) else ""
