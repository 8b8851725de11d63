"""What the YAML parser stumbles over, in words that say what to write instead."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml

from runner.project.parsing.nodes import TooDeep
from runner.project.problems import Problem
from runner.project.slips import indents, unbarred
from runner.project.slips import rows as slips
from runner.project.words import BARE_TEMPLATE, in_quotes

_QUOTE = "quote the text"
_TEMPLATE = 'write "{{ … }}"'
_KEY_OR_TEXT = "write `key: value`; a text of several lines stands indented below `key: |`"
_CANNOT_BEGIN = "cannot start any token"
_CURLED = "“”„‟«‘’"
_WORDS = (
    ("unexpected end of stream", "the quote that opens here is never closed", "close it, or double a quote inside it"),
    ("undefined alias", "the alias names no anchor of this file", 'a text that begins with * needs quotes: "*"'),
    ("expected alphabetic", "an alias or an anchor has no name", 'a text that begins with * or & needs quotes: "*"'),
    ("second occurrence", "the anchor is set a second time", "give each anchor its own name"),
    (
        "another document",
        "a second document begins here; a file is one document",
        "remove the line ---, or put what follows into a file of its own",
    ),
    ("mapping values", "a `: ` stands where no key can be", "check the indentation, or quote a text that holds `: `"),
    ("hexdecimal", "no such escape in double quotes", "double the backslash, or use single quotes"),
    ("escape", "no such escape in double quotes", "double the backslash, or use single quotes"),
    ("flow sequence", "the list that opens here is not closed, or a comma is missing", "close it with ]"),
    ("flow mapping", "the mapping that opens here is not closed, or a comma is missing", "close it with }"),
    ("flow node", "a value is missing before this", "write one, or remove a comma"),
    ("block scalar", "the text of | and > begins on the next line", "move it there, indented; or remove the sign"),
    (
        "block collection",
        "the list goes on with something else than an entry",
        "begin each entry with `- `, all in one column",
    ),
    ("could not find expected ':'", "a key without a `:`", _KEY_OR_TEXT),
    ("simple key", "a key without a `:`", _KEY_OR_TEXT),
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
_SAYS_NOTHING = re.compile(r"\s*(#|$)")
_KEY = re.compile(r":(\s|$)")
_HIDDEN = re.compile(r"\s(?=#\w)")
_PLAIN_VALUE = re.compile(r"\s*(?:- )?[\w-]+: +[^\s'\"|>#\[{&*]")
_COMMENT = "a comment begins at this #, and what is behind it is no part of the text", "put the whole text in quotes"
_PLAIN_WORDS = re.compile(r"[A-Za-z_][\w-]*(?!.*:(\s|$))(\s.*)?")
"""A line that could have been a key and its value."""


def problem_of(name: str, text: str, error: yaml.YAMLError) -> Problem:
    """The fault that stopped the parser."""
    said = " ".join(str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    mark = getattr(error, "problem_mark", None)
    if without_bar := _without_bar(name, text, error):
        return without_bar
    if mark is not None and (deep := _indented(name, text, mark, said)):
        return deep
    if slip := _slip(name, text, error, said):
        return slip
    if mark is not None and (cut := _cut_by_comment(name, text, mark, said)):
        return cut
    if mark is not None and (better := _unclosed(name, text, mark, said) or _without_colon(name, text, mark, said)):
        return better
    opened = getattr(error, "context_mark", None)
    if opened is not None and any(words in said for words in _OPENS):
        mark = opened
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if isinstance(error, TooDeep):
        return Problem("too-deep", name, line + 1, column + 1, "", str(error.problem))
    what, hint = _explained(said, _row(text, line), column)
    return Problem("yaml-syntax", name, line + 1, column + 1, "", what, hint)


def _without_bar(name: str, text: str, error: yaml.YAMLError) -> Problem | None:
    """A text of several lines whose key has no `|`."""
    marks = [mark for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)) if mark]
    for mark in () if isinstance(error, TooDeep) else marks:
        if found := unbarred.of_row(text.splitlines(), mark.line):
            line, column, what, hint = found
            return Problem("yaml-syntax", name, line + 1, column + 1, "", what, hint)
    return None


def _slip(name: str, text: str, error: yaml.YAMLError, said: str) -> Problem | None:
    """A slip that a row shows: where the parser stumbled, right above, or where it began to."""
    marks = [mark for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)) if mark]
    places = [(mark.line, mark.column) for mark in marks]
    for line, column in [*places[:1], *((line - 1, 0) for line, _ in places[:1] if line), *places[1:]]:
        found = slips.of_row(_row(text, line), column, said)
        if found:
            at, what, hint = found
            return Problem("yaml-syntax", name, line + 1, at + 1, "", what, hint)
    return None


def _indented(name: str, text: str, mark: Any, said: str) -> Problem | None:
    """A line that is indented deeper than what stands above it allows."""
    if not any(words in said for words in ("mapping values", "block mapping", "block collection")):
        return None
    found = indents.of_row(name, text.splitlines(), mark.line)
    if found is None or ("mapping values" not in said and mark.column != found[0]):
        return None
    column, what, hint = found
    return Problem("yaml-syntax", name, mark.line + 1, column + 1, "", what, hint)


def _unclosed(name: str, text: str, mark: Any, said: str) -> Problem | None:
    """A bracket that is open where the file ends: the innermost one."""
    rows = text.splitlines()[mark.line :]
    if "flow" not in said or (rows and (rows[0][mark.column :].strip() or any(map(str.strip, rows[1:])))):
        return None
    opened: list[Any] = []
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                opened.append(token.start_mark)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken) and opened:
                opened.pop()
    if not opened:
        return None
    at = opened[-1]
    row = _row(text, at.line)
    hidden = _HIDDEN.search(row, at.column)
    if hidden and re.search(r"[]}]", row[hidden.end() :]):
        return Problem("yaml-syntax", name, at.line + 1, hidden.end() + 1, "", *_COMMENT)
    bracket = row[at.column]
    what, hint = f"this {bracket} is never closed", f"close it with {']' if bracket == '[' else '}'}"
    return Problem("yaml-syntax", name, at.line + 1, at.column + 1, "", what, hint)


def _cut_by_comment(name: str, text: str, mark: Any, said: str) -> Problem | None:
    """A comment right above, behind a plain text that was to go on in the line that the parser stumbles over."""
    above = _row(text, mark.line - 1) if mark.line else ""
    hidden = _HIDDEN.search(above) if _PLAIN_VALUE.match(above) else None
    goes_on = mark.column > _indent(above) and not _KEY.search(_row(text, mark.line))
    if "block mapping" not in said or not hidden or not goes_on:
        return None
    return Problem("yaml-syntax", name, mark.line, hidden.end() + 1, "", *_COMMENT)


def _without_colon(name: str, text: str, mark: Any, said: str) -> Problem | None:
    """A line without `: ` right above the key that the parser stumbles over, which it takes for one text with it."""
    above = [(number, row) for number, row in enumerate(text.splitlines()[: mark.line]) if not _SAYS_NOTHING.match(row)]
    if not above or not ("mapping values" in said or "block mapping" in said):
        return None
    number, row = above.pop()
    indent = _indent(row)
    if not _PLAIN_WORDS.fullmatch(row.strip()) or _indent(_row(text, mark.line)) < indent:
        return None
    if above and not _can_precede(above[-1][1], indent):
        return None
    what, hint = "a key without a `:`", f"is a colon missing here? {row.split()[0]}: …"
    return Problem("yaml-syntax", name, number + 1, indent + 1, "", what, hint)


def _can_precede(row: str, indent: int) -> bool:
    """Whether a key of that indent may follow; below a text it is the text's next line instead."""
    if _indent(row) > indent:
        return True
    return row.rstrip().endswith(":") if _indent(row) < indent else bool(_KEY.search(row))


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


def _explained(said: str, row: str, column: int) -> tuple[str, str]:
    sign = row[column : column + 1]
    if "found a tab character that violates indentation" in said or (_CANNOT_BEGIN in said and sign == "\t"):
        return "a tab stands where the indentation is", "indent with spaces"
    if _CANNOT_BEGIN in said:
        return f"a text cannot begin with {sign}", f"quote it: {in_quotes(slips.value(row, column))}"
    what, hint = next(((what, hint) for words, what, hint in _WORDS if words in said), (said, ""))
    if hint == _KEY_OR_TEXT and re.fullmatch(r"\s*[a-z_][\w-]*\s*", row):
        return what, f"is it a key? write `{row.strip()}:`, with its value behind the colon or below it"
    curled = next((sign for sign in _CURLED if sign in row), "")
    if curled:
        return what, f"{curled} is no quote that YAML knows: write \" or '"
    opening = row[:column].find("{{")
    if opening >= 0 and '"' not in row[:opening] and "'" not in row[:opening]:
        return BARE_TEMPLATE, _TEMPLATE
    return what, hint


def _row(text: str, line: int) -> str:
    rows = text.splitlines()
    return rows[line] if line < len(rows) else ""
