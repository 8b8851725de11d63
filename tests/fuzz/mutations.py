"""Small accidents in a text: one character or one line, each with words by which it can be repeated."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

SIGNS = "abz019 :-{}[]()\"'|>&*!%@#?,.\n\t\\~=/$_`<^+;\0\x07é日\u00a0\u200b\u202e\u2028\ufeff🙂"


@dataclass(frozen=True)
class Mutant:
    """A text after an accident; `line` counts from 1."""

    words: str
    line: int
    text: str


def mutate(text: str, chance: random.Random) -> Mutant:
    """One accident: half of them touch a character, half a line."""
    return (_character if chance.random() < 0.5 else _line)(text, chance)


def _character(text: str, chance: random.Random) -> Mutant:
    at, sign = chance.randrange(len(text)), chance.choice(SIGNS)
    old = text[at]
    ways = {
        f"delete {old!r}": text[:at] + text[at + 1 :],
        f"insert {sign!r} before {old!r}": text[:at] + sign + text[at:],
        f"{old!r} becomes {sign!r}": text[:at] + sign + text[at + 1 :],
        f"swap {text[at : at + 2]!r}": text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
    }
    words = chance.choice(list(ways))
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Mutant(f"{words} in column {column}", line, ways[words])


def _line(text: str, chance: random.Random) -> Mutant:
    lines = text.splitlines(keepends=True)
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    ways: dict[str, Callable[[], list[str]]] = {
        "delete the line": lambda: lines[:at] + lines[at + 1 :],
        "write the line twice": lambda: [*lines[: at + 1], *lines[at:]],
        "swap with the next line": lambda: [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]],
        f"move to line {other + 1}": lambda: _moved(lines, at, other),
        "indent by one more": lambda: [*lines[:at], f" {lines[at]}", *lines[at + 1 :]],
        "indent by two more": lambda: [*lines[:at], f"  {lines[at]}", *lines[at + 1 :]],
        "indent by one less": lambda: [*lines[:at], lines[at].removeprefix(" "), *lines[at + 1 :]],
        "indent by two less": lambda: [*lines[:at], lines[at].removeprefix("  "), *lines[at + 1 :]],
        "the file ends before the line": lambda: lines[:at],
        "join with the next line": lambda: [*lines[:at], lines[at].rstrip("\n"), *lines[at + 1 :]],
    }
    words = chance.choice(list(ways))
    return Mutant(words, at + 1, "".join(ways[words]()))


def _moved(lines: list[str], at: int, other: int) -> list[str]:
    rest = lines[:at] + lines[at + 1 :]
    return [*rest[:other], lines[at], *rest[other:]]
