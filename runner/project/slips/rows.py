"""Slips of the hand that a row shows, where the parser's words would lead astray."""

from __future__ import annotations

import re

from runner.project.slips import brackets
from runner.project.words import BARE_TEMPLATE, in_quotes

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
_BARE_TEMPLATE = re.compile(_OUTSIDE + r"(?:: +|- +|[\[,] *)(?=\{\{)")
_WITH_LINES = re.compile(r'(?:[^"\\]|\\n)*')
"""A text whose only escapes are meant as ends of lines."""
_GLUED = re.compile(r"\s*(?:- )?[A-Za-z_][\w-]*:(?=[^\s:/])")
_WORD_KEY = re.compile(r"([\w-]+): ")
_ENDS = ('"', "'", "]", "}")
"""How a value ends that is written with signs."""
_LAST_WORD = re.compile(r"\s([\w-]+)$")
_SECOND_KEY = re.compile(r"\s*(?:- )?[\w-]+: +[^\s\"'{\[#]+ +(?P<key>[\w-]+):$")
_BARE = re.compile(r": +([^\s\"'\[{][^\"',]*)$")
"""A text without quotes behind a key, up to the end."""
_HOLDER = re.compile(r"\s*(?:- )?(?P<holder>[\w-]+): +(?P<key>[a-z_]+):(?=\s)")
_PROSE = re.compile(r"\s*(?:- )?(?P<key>[\w-]+): +(?P<text>[^\s\"'\[{|>#&*][^'#\\]*\s[^'#\\]*)$")
"""A key with a text of several words that needs no more than quotes around it."""
_ENTRY = re.compile(r"- |-$")
_SIGN = re.compile(r"\[\]|\?(?=\s*(?:$|[,}\]#]))")
"""How other languages write a list of a type, or one that may be left out, behind it."""


def of_row(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """Column, what and hint of the slip in a row where the parser stumbled, or next to which it did."""
    for pattern, what, hint in _SLIPS:
        slip = pattern.match(row)
        if slip:
            return slip.end(1), what, hint
    tellers = (_template, _behind_brackets, brackets.of_row, _colon, _entry)
    return next((found for teller in tellers if (found := teller(row, column, said))), None)


def _template(row: str, column: int, _said: str) -> tuple[int, str, str] | None:
    """A template without quotes that is more than one `{{ }}`; such a one is a mapping, and told as that."""
    found = _BARE_TEMPLATE.match(row)
    if found is None or column <= found.end():
        return None
    text = value(row, found.end())
    if text.count("{{") != text.count("}}"):
        text = "{{ … }}"
    written = f'"{text}"' if _WITH_LINES.fullmatch(text) else in_quotes(text)
    return found.end(), BARE_TEMPLATE, f"write {written}"


def _behind_brackets(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """A sign behind a type; in braces a comma that is missing, or a bracket in a text."""
    before = row[:column].rstrip()
    if before[-1:] in ("]", "}") and (sign := _SIGN.match(row, column)):
        what = f"{sign[0]} cannot stand behind a type in braces or brackets"
        return column, what, _type_hint(before[max(brackets.opening(before), 0) :], sign[0])
    if "flow mapping" not in said:
        return None
    word = _LAST_WORD.search(row[:column]) if row[column : column + 1] == ":" else None
    word = word or (_WORD_KEY.match(row, column) if before[-1:] in _ENDS else None)
    if word:
        return word.start(1), "a comma is missing before this key", f"write `, {word[1]}: …`"
    if (text := _BARE.search(row[:column])) and row[column : column + 1] in ("[", "{"):
        what = f"a {row[column]} cannot stand in a text without quotes between {{ and }}"
        return text.start(1), what, f"quote the text: {in_quotes(_whole(row[text.start(1) :]))}"
    return None


def _colon(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """A colon without its blank, one that begins a second key, and one in a text."""
    glued = _GLUED.match(row)
    if glued and ("mapping values" in said or "simple key" in said or "block mapping" in said):
        hint = f"write `{row[: glued.end()].strip()} {row[glued.end() :].strip()}`"
        return glued.end() - 1, "a blank is missing behind this colon", hint
    if "mapping values" not in said:
        return None
    if second := _SECOND_KEY.match(row[: column + 1]):
        what = f"a second key, `{second['key']}`, stands on the line of the first"
        return second.start("key"), what, "begin a line of its own with it, below the first key"
    if (holder := _HOLDER.match(row)) and column == holder.end() - 1:
        what = f"a second key, `{holder['key']}`, stands on the line of `{holder['holder']}`"
        return holder.start("key"), what, f"begin a line of its own with it, indented further than `{holder['holder']}`"
    if (prose := _PROSE.match(row)) and column > prose.start("text"):
        what = "a colon with a blank behind it makes a key of what stands before it"
        return column, what, f"quote the text: `{prose['key']}: {in_quotes(prose['text'].rstrip())}`"
    return None


def _entry(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """A dash in brackets, and one in another column than its neighbours."""
    if "flow node" in said and row[column : column + 2] == "- ":
        name = row[column + 2 :].split(",", maxsplit=1)[0].strip(" ]}")
        what = "in brackets an entry begins without a dash"
        return column, what, f"write `{name}`; to take it away, `-{name}` without a blank"
    if "block mapping" in said and _ENTRY.match(row[column:]):
        what = "an entry of a list that is not below the others"
        return column, what, "begin each entry with `- `, all in one column"
    return None


def _type_hint(kind: str, sign: str) -> str:
    """How a list of a type, or one that may be left out, is written."""
    if sign == "[]":
        return f"write [{kind}]: a list is its type in brackets"
    return f"write {{type: {kind}, default: []}}" if kind[0] == "[" else "put ? behind the types inside, such as str?"


def value(row: str, column: int) -> str:
    """The text that begins there; between brackets a comma ends it."""
    before, rest = row[:column], row[column:]
    is_inside = sum(map(before.count, "[{")) > sum(map(before.count, "]}"))
    return _whole(rest) if is_inside else rest.strip()


def _whole(rest: str) -> str:
    """A text with its brackets, up to the comma or the bracket that ends it."""
    depth = 0
    for column, sign in enumerate(rest):
        depth += (sign in "[{(") - (sign in ")}]")
        if depth < 0 or (depth == 0 and sign == ","):
            return rest[:column].strip()
    return rest.strip()
