"""Texts in pictures: nothing hidden in them, their widths in columns, and broken into lines."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""A text on one line, with all that acts on a reader or hides from one written out (`\x1b`, `\u202e`)."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_visible, line))


def columns(text: str) -> int:
    """How many columns of a fixed-width font a text takes: signs of East Asia take two, accents none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def cut(text: str, width: int) -> str:
    """The beginning of a text that fits into so many columns."""
    if columns(text) <= width:
        return text
    kept = text[: width - 1]
    while columns(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    """A text in lines of so many columns, at most `most` of them; a longer one ends in `…`."""
    lines = [""]
    for word in text.split():
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
        while columns(lines[-1]) > width:
            head = cut(lines[-1], width + 1)[:-1]
            lines[-1:] = [head, lines[-1][len(head) :]]
    if len(lines) > most:
        lines[most - 1 :] = [cut(f"{lines[most - 1]} {lines[most]}…", width)]
    return tuple(line for line in lines if line)


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
