"""Texts that YAML reads otherwise than the file shows: cut short by a comment, their lines joined, keys among them.

All are right as YAML, so that they are warned of only where hardly anyone means them. A comment has a blank behind its
`#` or two before it: `Answer ticket #42` has neither, and `count the #` ends in the middle of a sentence. Lines below
`>` are joined; entries of a list, headings, fences and loops were meant to stay lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from runner.project.findings import Finding
from runner.project.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.project.findings import Loc
    from runner.project.parsing.parse import Parsed

_TEXTS = frozenset({"description", "prompt", "role", "task", "constraints", "rules", "state", "template", "message"})
_BESIDE_KEYS = frozenset({"message", "prompt", "ask", "show", "template"})
"""Texts beside which keys stand that say what is done."""
_KEYS = _TEXTS | {"ask", "show", "hint", "text", "with"}
"""What holds prose, itself or in what is below it."""
_MAY_BE = re.compile(r"[ \t]#|[:-][ \t]+[>|]|\.(?:md|txt|ya?ml|j2|jinja2?|tmpl)\b")
_HIDDEN = re.compile(r"(?P<more> #(?!(?:todo|fixme|xxx|hack|noqa)\b)(?=\w))|[ \t]+#", re.IGNORECASE)
_GOES_ON = re.compile(r"\b(?:the|a|an|each|every|of|in|to|for|by|with|from|and|or)$", re.IGNORECASE)
"""The last word of a text that was to go on."""
_LINE = re.compile(r"[-*+] \S|#{1,6} \S|```|\{%-?\s*(?:for|endfor)\b[^%]*%\}$|(?P<number>\d{1,2}[.)] \S)")
_KEY = re.compile(
    r"^ *(?P<key>next|errors|when|limits|retry|foreach|tools|output|with|permissions|timeout|deadline):"
    r"(?: *(?:\[.*\]|\{.*\})|(?=\s*\n *- [{\w]))\s*$",
    re.MULTILINE,
)
"""A line that is written as a key and its value are: in brackets, or as a list below it."""

_PART = re.compile(r"^(?:role|task|constraints|rules|state):(?=\s)", re.MULTILINE)
_PARTS = 3
"""So many lines of a prompt that read like its parts are meant as these."""
_FILE = re.compile(r"(?:@|file:(?://)?)?[\w./~-]{1,200}\.(?:md|txt|ya?ml|j2|jinja2?|tmpl)")
_NO_FILE = frozenset({"prompt", "role", "task", "template"})
"""Texts that are never the name of a file."""


def check(parsed: Parsed) -> Iterator[Finding]:
    """A warning for each text that hardly anyone means as YAML reads it."""
    if not isinstance(parsed.root, CollectionNode) or not _MAY_BE.search(parsed.text):
        return
    rows = parsed.text.splitlines()
    for loc, node in _texts(parsed.root, (), set()):
        if loc[-1] in _NO_FILE and _FILE.fullmatch(node.value.strip()):
            yield _file(parsed.name, loc, node.value.strip())
        if node.style == ">":
            yield from _joined(parsed.name, loc, node, rows)
        elif node.style == "|":
            yield from _key_among(parsed.name, loc, node.value)
        elif not node.style and node.value:
            yield from _cut(parsed.name, loc, node, rows)


def _texts(node: Node, loc: Loc, seen: set[int], *, is_prose: bool = False) -> list[tuple[Loc, ScalarNode]]:
    """The texts where prose stands, each once, and the ways to them."""
    seen.add(id(node))
    found: list[tuple[Loc, ScalarNode]] = []
    pairs = (
        [(key.value, value) for key, value in node.value] if isinstance(node, MappingNode) else enumerate(node.value)
    )
    for part, value in pairs:
        if id(value) in seen or not isinstance(part, str | int):
            continue
        is_below = is_prose or part in _KEYS
        if not isinstance(value, ScalarNode):
            found += _texts(value, (*loc, part), seen, is_prose=is_below)
            continue
        seen.add(id(value))
        if is_below:
            found.append(((*loc, part), value))
    return found


def _cut(file: str, loc: Loc, node: ScalarNode, rows: Sequence[str]) -> Iterator[Finding]:
    """A plain text behind which more of it stands as a comment."""
    line, column = node.end_mark.line, node.end_mark.column
    rest = rows[line][column:] if line < len(rows) else ""
    sign = _HIDDEN.match(rest)
    if sign is None or not (sign["more"] or _GOES_ON.search(node.value)):
        return
    what = f"a comment begins at this #: the text is only {shown(node.value)}"
    meant = shown(f"{node.value}{rest.rstrip()}")
    whole = "the whole text in quotes" if meant.endswith("…") else f"the text in quotes: {meant}"
    hint = f"put {whole}; a comment has a blank behind #"
    yield Finding("comment-in-text", file, loc, what, hint, "warning", place=(line + 1, column + sign.end()))


def _joined(file: str, loc: Loc, node: ScalarNode, rows: Sequence[str]) -> Iterator[Finding]:
    """A folded text with a line that was to stay one; those that are indented further do."""
    first = node.start_mark.line + 1
    block = rows[first : max(node.end_mark.line, first)]
    indent = min((_indent(row) for row in block if row.strip()), default=0)
    numbered = sum(bool(found and found["number"]) for found in (_LINE.match(row, indent) for row in block))
    for number in range(1, len(block)):
        above, row = block[number - 1], block[number]
        found = _LINE.match(row.rstrip(), indent)
        if not found or (found["number"] and numbered == 1) or not above.strip() or _indent(above) > indent:
            continue
        what, hint = "`>` joins this line with the one above it", "write `|` in place of `>`: it keeps the lines"
        yield Finding("joined-lines", file, loc, what, hint, "warning", place=(first + number + 1, indent + 1))
        return


def _key_among(file: str, loc: Loc, text: str) -> Iterator[Finding]:
    """A line of a text that reads like a key beside the text, and was indented too deep."""
    if loc[-1] in _BESIDE_KEYS and (found := _KEY.search(text)):
        key, line = found["key"], text.count("\n", 0, found.start()) + 1
        what = f"`{key}:` is a line of the text `{loc[-1]}`"
        hint = f"indent it as far as `{loc[-1]}`, and what is below it likewise, if the key `{key}` is meant"
        yield Finding("key-in-text", file, loc, what, hint, "warning", line=line, near=f"{key}:")

    elif loc == ("prompt",) and len(parts := list(dict.fromkeys(_PART.findall(text)))) >= _PARTS:
        what = f"{', '.join(f'`{part}`' for part in parts)} are lines of the text `prompt`"
        hint = "remove the | behind `prompt:`, if its parts are meant"
        yield Finding("key-in-text", file, loc, what, hint, "warning", line=1, near=parts[0])


def _file(file: str, loc: Loc, name: str) -> Finding:
    """A name of a file that was to be read."""
    what = f"`{name}` is the text itself: no file is read here"
    hint = f"write the text below `{loc[-1]}: |`; or into agents.d/prompts/NAME.yaml, and here prompt: {{use: NAME}}"
    return Finding("file-for-text", file, loc, what, hint if loc[-1] == "prompt" else hint.partition(";")[0], "warning")


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
