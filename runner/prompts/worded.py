"""Comparisons with texts and numbers by words and signs that take none here: `x is "high"`, `x in "a", "b"`."""

from __future__ import annotations

import re
from typing import NamedTuple

from jinja2 import nodes

QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_VALUE = r"(?:\1+|(?<![\w.])-?\d[\d.]*(?!\w))".replace("\\1", "\x01")
_COMPARED = re.compile(
    r"(?:(?!(?:and|or|not|if|elif|else)\s)(?P<name>[\w.\[\]\x01]+(?:\s*\|\s*\w+)*)\s*)?"
    r"(?P<word><>|(?<=\s)(?:is\s+equal\s+to|is(?:\s+not)?(?:\s+in)?|(?:not\s+)?in|equals|eq|ne)(?=\s))\s*"
    rf"(?P<values>{_VALUE}(?:\s*(?:,|\bor\b)\s*{_VALUE}(?!\s*(?:[=<>!]|is\b|in\b)))*)"
)
"""Each character of a quoted text is \\x01 in what it is looked for in."""
_EACH = re.compile(_VALUE)


class Compared(NamedTuple):
    """Where it begins, as it is written, and what is wrong with it and how it is mended."""

    start: int
    near: str
    what: str
    hint: str


def first(source: str) -> Compared | None:
    """The first such comparison of an expression that cannot be read."""
    bare = QUOTED.sub(lambda text: "\x01" * len(text[0]), source)
    for found in _COMPARED.finditer(bare):
        word = " ".join(found["word"].split())
        begin, end = found.span("values")
        values = [source[slice(*one.span())] for one in _EACH.finditer(bare, begin, end)]
        is_loop = word == "in" and re.search(r"\bfor\s+$", source[: found.start()])
        if not is_loop and (values[1:] or not word.endswith("in")):
            name = source[slice(*found.span("name"))] if found["name"] else ""
            hint = f"write {f'{name} {_mended(word, values)}'.strip()}"
            return Compared(found.start(), source[slice(*found.span())].partition("\n")[0], _what(word), hint)
    return None


def of_commas(conditions: nodes.Tuple) -> str:
    """What is wrong with a condition with commas: a list of several values, it would always hold."""
    asked, *others = conditions.items
    values = [*(operand.expr for operand in asked.ops), *others] if isinstance(asked, nodes.Compare) else others
    listed = [f'"{one.value}"' for one in values if isinstance(one, nodes.Const) and isinstance(one.value, str)]
    name = _spelled(asked.expr) if isinstance(asked, nodes.Compare) else ""
    if not name or len(listed) < len(values):
        return "a comma joins no conditions; write `and` or `or`"
    return f"a comma joins no conditions; write {name} in [{', '.join(listed)}]"


def _spelled(node: nodes.Expr) -> str:
    """A plain path as it is written; empty for anything else."""
    if isinstance(node, nodes.Getattr):
        owner = _spelled(node.node)
        return owner and f"{owner}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""


def _mended(word: str, values: list[str]) -> str:
    is_not = word in ("<>", "ne") or "not" in word
    if values[1:]:
        return f"{'not in' if is_not else 'in'} [{', '.join(values)}]"
    return f"{'!=' if is_not else '=='} {values[0]}"


def _what(word: str) -> str:
    if word.endswith("in"):
        return f"`{word}` asks for one list"
    if word.startswith("is"):
        return f"`{word}` compares with no value"
    return f"`{word}` is not known here"
