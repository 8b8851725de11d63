"""Secrets that are written out where they should not be, by their looks: kept out of all that is shown of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "***"
KEYS = re.compile(
    r"\b(sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}"
    r"|AIza[\w-]{30,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{30,})\b|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""What the keys of well-known services look like, and the first line of a private key."""
_REST_OF_KEY = re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)")
_FIELD = re.compile(
    r"(?m)(?P<before>^[ \t-]*|[{,:][ \t]*)[\"']?"
    r"(?:(?:[\w-]*(?:passwor[dt]|pasword|passwd|passphrase|secret|token|api_?key))|(?P<key>key))[\"']?[ \t]*:[ \t]*",
    re.IGNORECASE,
)
_IN_BRACES = re.compile(r""""(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\[[^\]\n]*\]?|(?:\$\{[^}\n]*\}|[^,}\]\n])*""")
_NONE = re.compile(
    r"""["']?(?:(?:Bearer |sk-)?(?:\$\{\w+\})+ ?|\$?[{(]*\s*(?:secrets\.|env\.)?[A-Z][A-Z0-9_]*\s*[})]+"""
    r"""|\$[A-Z][A-Z0-9_]*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|none|null|~|text|string|number|integer|\{[^\n]*|)["']?\s*,?\s*(?:#.*)?"""
)
"""No secret: its name, nothing, the type of a parameter, or a mapping."""
_PATH = re.compile(r"""["']?(?:[~./]|keys/|os\.environ/)""")
"""What the value of `key` begins with when it says where a key is."""
_MAPPING = re.compile(r"\s*(?:-\s+)?[\w-]+:(?:\s|\Z)")
_LINE_END = re.compile("\r\n|\r|\n")
_TELLING = 6
"""Characters from which a value is looked for in words of ours: a shorter one may be a word of them."""


def veiled(text: str, number: int, column: int) -> tuple[str, int]:
    """A line of a file and a column of it, both from 1, with `***` in place of each secret; the column moves along."""
    ends = [found.span() for found in _LINE_END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    if number > len(starts):
        return "", 1
    start, end = starts[number - 1], ends[number - 1][0] if number <= len(ends) else len(text)
    at, done, shown, before = start + column - 1, start, "", ""
    for first, last in [*_within(text, start, end), (end, end)]:
        if done <= at:
            before = shown + text[done : min(at, first)]
        shown += text[done:first] + HIDDEN * (first < last)
        done = last
    return shown, len(before) + 1


def without(words: str, text: str) -> str:
    """Words about a file, with `***` in place of each secret that it holds."""
    for first, last in spans(text):
        value = text[first:last].strip(" \t\"'")
        if len(value) >= _TELLING:
            words = words.replace(value, HIDDEN)
    return words


def spans(text: str) -> list[tuple[int, int]]:
    """Where the secrets of a YAML file stand, whether it can be read or not; in order, none inside another."""
    found = [match.span() for pattern in (KEYS, _REST_OF_KEY) for match in pattern.finditer(text)]
    apart: list[tuple[int, int]] = []
    for first, last in sorted([*found, *_fields(text)]):
        if apart and first <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(last, apart[-1][1])
        else:
            apart.append((first, last))
    return apart


def _fields(text: str) -> Iterator[tuple[int, int]]:
    """The values of keys such as `password`."""
    for field in _FIELD.finditer(text):
        start, before = field.end(), field["before"]
        in_braces = _IN_BRACES.match(text, start) if before[:1] in ("{", ",") else None
        end = in_braces.end() if in_braces else _end_of_block(text, start, len(before))
        is_path = field["key"] is not None and _PATH.match(text, start)
        if not is_path and not _NONE.fullmatch(text[start:end]):
            yield start, end


def _end_of_block(text: str, start: int, indent: int) -> int:
    """Where a value ends that goes on in all lines indented further than its key; at once, before keys of its own."""
    end = _end_of_line(text, start)
    says = text[start:end].strip()
    while end < len(text):
        following = text[end + 1 : _end_of_line(text, end + 1)]
        if following.strip() and len(following) - len(following.lstrip()) <= indent:
            break
        if not says and _MAPPING.match(following):
            return start
        says, end = says or following.strip(), end + 1 + len(following)
    return end


def _end_of_line(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found


def _within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of secrets that stand in one line."""
    for first, last in spans(text):
        inside = text[max(first, start) : min(last, end)]
        if inside.strip():
            begin = max(first, start) + len(inside) - len(inside.lstrip())
            yield begin, min(last, end)
