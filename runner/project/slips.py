"""Slips of the hand that a row shows, where the parser's words would lead astray."""

from __future__ import annotations

import re

_OUTSIDE = r"^(?:[^'\"]|\"[^\"]*\"|'[^']*')*?"
"""What stands before, with whole texts in quotes."""
_NAMED = r"(?:- )?(?:[\w-]+|\"[^\"]*\"): +"
"""A key."""
_SLIPS = (
    (
        re.compile(r"^()\s*(?:```|~~~)"),
        "a line that fences code in a document is no YAML",
        "remove the line, and its partner at the end",
    ),
    (
        re.compile(r"^()\+(?: |$)"),
        "a line of a diff: it begins with +",
        "remove the + of each such line, and the lines that begin with -",
    ),
    (
        re.compile(r"^()(?:<{7}|={7}|>{7})(?: |$)"),
        "a conflict that git left is not resolved",
        "choose one side, and remove the lines <<<<<<<, ======= and >>>>>>>",
    ),
    (
        re.compile("^([^'\"#]*?)[\u00a0\u2000-\u200a\u202f\u205f\u3000]"),
        "this blank is none that YAML knows",
        "type it anew: it was pasted from elsewhere",
    ),
    (
        re.compile(_OUTSIDE.replace("^", "^(") + r"(?<![\w:/]))//"),
        "a comment begins with #, not with //",
        "write # in its place",
    ),
    (
        re.compile(r"^([^'\"]*?)\{[#%]"),
        "a brace opens a mapping in YAML, also the one of a template",
        "put the whole text in quotes; a comment of the file begins with #",
    ),
    (
        re.compile(r"^(\s*(?:- )?[\w-]+: +'[^']*)'\w"),
        "the text ends here, at the second quote",
        "double a quote inside quotes (''), or write \" around the text",
    ),
    (
        re.compile(rf"^(\s*{_NAMED}(?:\"[^\"]*\"|'[^']*')),\s*$"),
        "a comma ends a line in JSON, and none here",
        "remove it, and those of the other lines",
    ),
    (
        re.compile(rf"^(\s*{_NAMED}\"[^\"]*\")\s*[^\s#,:\]}}]"),
        "the text ends at its second quote, and more stands behind it",
        "write ' around the whole text",
    ),
)
"""The row up to the slip, what it is, hint."""
_GLUED = re.compile(r"\s*(?:- )?[A-Za-z_][\w-]*:(?=[^\s:/])")
_LAST_WORD = re.compile(r"\s([\w-]+)$")
_SECOND_KEY = re.compile(r"\s*(?:- )?[\w-]+: +[^\s\"'{\[#]+ +(?P<key>[\w-]+):$")
_BARE = re.compile(r": +([^\s\"'\[{][^\"',]*)$")
"""A text without quotes behind a key, up to the end."""
_ENTRY = re.compile(r"- |-$")
_SIGN = re.compile(r"\[\]|\?(?=\s*(?:$|[,}\]#]))")
"""How other languages write a list of a type, or one that may be left out, behind it."""


def of_row(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """Column, what and hint of the slip in a row where the parser stumbled, or next to which it did."""
    for pattern, what, hint in _SLIPS:
        found = pattern.match(row)
        if found:
            return found.end(1), what, hint
    if (kind := row[:column].rstrip())[-1:] in ("]", "}") and (sign := _SIGN.match(row, column)):
        what = f"{sign[0]} cannot stand behind a type in braces or brackets"
        return column, what, _type_hint(kind[_opening(kind) :], sign[0])
    if "flow mapping" in said and row[column : column + 1] == ":" and (word := _LAST_WORD.search(row[:column])):
        return word.start(1), "a comma is missing before this key", f"write `, {word[1]}: …`"
    if "flow mapping" in said and (text := _BARE.search(row[:column])) and row[column : column + 1] in ("[", "{"):
        what = f"a {row[column]} cannot stand in a text without quotes between {{ and }}"
        return text.start(1), what, f"quote the text: '{_whole(row[text.start(1) :])}'"
    glued = _GLUED.match(row)
    if glued and ("mapping values" in said or "simple key" in said or "block mapping" in said):
        return (
            glued.end() - 1,
            "a blank is missing behind this colon",
            f"write `{row[: glued.end()].strip()} {row[glued.end() :].strip()}`",
        )
    if "mapping values" in said and (second := _SECOND_KEY.match(row[: column + 1])):
        what = f"a second key, `{second['key']}`, stands on the line of the first"
        return (
            second.start("key"),
            what,
            "begin a line of its own with it, below the first key",
        )
    if "flow node" in said and row[column : column + 2] == "- ":
        name = row[column + 2 :].split(",", maxsplit=1)[0].strip(" ]}")
        what = "in brackets an entry begins without a dash"
        return column, what, f"write `{name}`; to take it away, `-{name}` without a blank"
    if "block mapping" in said and _ENTRY.match(row[column:]):
        return (
            column,
            "an entry of a list that is not below the others",
            "begin each entry with `- `, all in one column",
        )
    return None


def _type_hint(kind: str, sign: str) -> str:
    """How a list of a type, or one that may be left out, is written."""
    if sign == "[]":
        return f"write [{kind}]: a list is its type in brackets"
    return f"write {{type: {kind}, default: []}}" if kind[0] == "[" else "put ? behind the types inside, such as str?"


def _opening(row: str) -> int:
    """Where the bracket opens that the row's last sign closes."""
    depth = 0
    for column in range(len(row) - 1, -1, -1):
        depth += (row[column] in "]}") - (row[column] in "[{")
        if not depth:
            return column
    return 0


def _whole(rest: str) -> str:
    """A text with its brackets, up to the comma or the bracket that ends it."""
    depth = 0
    for column, sign in enumerate(rest):
        depth += (sign in "[{(") - (sign in ")}]")
        if depth < 0 or (depth == 0 and sign == ","):
            return rest[:column].strip()
    return rest.strip()
