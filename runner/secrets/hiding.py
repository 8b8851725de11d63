"""Secrets taken out of texts: every form in which programs that mean no harm show a value.

What is hidden is told by docs/security.md; who wants to give a value away, letter by letter, is not stopped here.
"""

from __future__ import annotations

import html
import json
import re
import shlex
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from runner.spec.cuts import CUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HIDDEN = "***"
SHORTEST = 6
"""Values below this length are not hidden: they would blot out ordinary words."""
_LONG_LINE = 16
"""Letters of a line that is hidden by itself, in a value of several."""
_ESCAPED = re.compile(r"%[0-9A-F]{2}")
_BETWEEN = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\r?\n[ \t]*")
"""Colours and line ends, which programs put into the middle of a value."""


def forms(values: Iterable[str]) -> list[str]:
    """The values in all their forms; the longest first, as it may contain another."""
    bare = {bare for value in values for bare in (value, value.strip(), *_lines(value))}  # as a header holds it
    found = {form for value in bare if len(value) >= SHORTEST for form in _forms(value)}
    return sorted(found, key=lambda form: (-len(form), form))


def redacted(data: Any, hidden: Sequence[str], *, numbers: bool) -> Any:
    """Plain data without any of these forms."""
    if isinstance(data, str):
        return without(data, hidden)
    if isinstance(data, dict):
        return {
            redacted(key, hidden, numbers=numbers): redacted(value, hidden, numbers=numbers)
            for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [redacted(item, hidden, numbers=numbers) for item in data]
    is_hidden = numbers and isinstance(data, int) and not isinstance(data, bool) and str(data) in hidden
    return HIDDEN if is_hidden else data


def without(text: str, hidden: Sequence[str]) -> str:
    """The text with stars in the place of each form, of one with colours or line ends in it, and of one that is cut."""
    if len(text) < SHORTEST:
        return text
    for form in hidden:
        text = text.replace(form, HIDDEN)
    if "\n" in text or "\x1b" in text:
        text = _without_parted(text, hidden)
    return _without_cut(text, hidden) if CUT.search(text) else text


def settled(text: str, hidden: Sequence[str]) -> int:
    """How many characters of a text that goes on can be redacted now: no form begins in them and ends behind."""
    cut = min((_begun(text, form) for form in hidden), default=len(text))
    while hidden and (whole := min(_across(text, form, cut) for form in hidden)) < cut:
        cut = whole
    return cut


def _lines(value: str) -> list[str]:
    """The lines of a value that has several, such as a private key."""
    lines = [line.strip() for line in value.splitlines()]
    return [line for line in lines if len(line) >= _LONG_LINE and not line.startswith("-----")] if lines[1:] else []


def _forms(value: str) -> Iterator[str]:
    """A value as it is, as JSON, HTML, Python, shells and addresses write it, in base64 and in hexadecimal digits."""
    in_json = json.dumps(value)[1:-1]
    yield from (value, value.lower(), value.upper(), in_json, json.dumps(in_json)[1:-1])
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (html.escape(value), html.escape(value, quote=False), repr(value)[1:-1], ascii(value)[1:-1])
    yield shlex.quote(value).strip("'")
    content = value.encode(errors="surrogateescape")
    for quoted in (quote(content), quote(content, safe=""), quote_plus(content)):
        yield quoted
        yield _ESCAPED.sub(lambda found: found[0].lower(), quoted)
    yield from (content.hex(), content.hex().upper())
    # What stands around the value changes the letters at its ends, so these are left out: as in `Bearer VALUE`.
    for before in range(3):
        inside = content[-before % 3 :]
        inside = inside[: len(inside) // 3 * 3]
        if len(inside) >= SHORTEST:
            yield b64encode(inside).decode()
            yield urlsafe_b64encode(inside).decode()


def _without_parted(text: str, hidden: Sequence[str]) -> str:
    """The text without forms that have colours or line ends inside."""
    joined = _BETWEEN.sub("", text)
    found = [span for form in hidden for span in _spans(joined, _BETWEEN.sub("", form))]
    if not found:
        return text
    places = _places(text)
    made, last = [], 0
    for start, end in sorted(found):
        first, behind = places[start], places[end - 1] + 1
        if behind > last:
            made.append(text[last : max(first, last)] + (HIDDEN if first >= last else ""))
            last = behind
    return "".join(made) + text[last:]


def _spans(text: str, form: str) -> Iterator[tuple[int, int]]:
    start = text.find(form) if len(form) >= SHORTEST else -1
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + len(form))


def _places(text: str) -> list[int]:
    """Where each character that is left of a text stands in it."""
    places: list[int] = []
    last = 0
    for found in _BETWEEN.finditer(text):
        places += range(last, found.start())
        last = found.end()
    return [*places, *range(last, len(text))]


def _without_cut(text: str, hidden: Sequence[str]) -> str:
    """The text without what a cut has left of a form, in front of it and behind."""
    made, last = "", 0
    for cut in CUT.finditer(text):
        before, last = text[last : cut.start()], cut.end()
        start = min(_begun(before, form) for form in hidden)
        made += (before if len(before) - start < SHORTEST else before[:start] + HIDDEN) + cut[0]
        left = max(_left(text[last:], form) for form in hidden)
        if left >= SHORTEST:
            made, last = made + HIDDEN, last + left
    return made + text[last:]


def _left(text: str, form: str) -> int:
    """How many characters at the beginning of a text may be the end of a form."""
    most = min(len(text), len(form) - 1)
    return next((count for count in range(most, 0, -1) if text.startswith(form[-count:])), 0)


def _begun(text: str, form: str) -> int:
    """Where the end of a text begins that may be the beginning of a form."""
    first = max(0, len(text) - len(form) + 1)
    return next((start for start in range(first, len(text)) if form.startswith(text[start:])), len(text))


def _across(text: str, form: str, cut: int) -> int:
    """Where a form begins that stands on both sides of a cut; the cut itself where none does."""
    found = text.find(form, max(0, cut - len(form) + 1), cut + len(form) - 1)
    return cut if found < 0 else found
