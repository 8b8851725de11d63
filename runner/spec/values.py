"""Values as the types of files see them: what each plain type takes, and words for what does not fit."""

from __future__ import annotations

import json
import math
from typing import Any

_LONGEST = 80


class Mismatch(ValueError):
    """A value that is not of its type; `at` leads to the part that is wrong."""

    def __init__(self, what: str, at: tuple[str | int, ...] = ()) -> None:
        self.what = what
        self.at = at
        super().__init__(f"{_path(at)}: {what}" if at else what)

    def inside(self, key: str | int) -> Mismatch:
        """The same fault, seen from the holder of `key`."""
        return Mismatch(self.what, (key, *self.at))


def text(value: Any) -> Any:
    """A text."""
    if not isinstance(value, str):
        raise Mismatch(f"expected a text, got {shown(value)}")
    return value


def whole(value: Any) -> Any:
    """A whole number; models also write it as 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Mismatch(f"expected a whole number, got {shown(value)}")
    return value


def number(value: Any) -> Any:
    """A number that JSON can hold: neither infinite nor NaN."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Mismatch(f"expected a number, got {shown(value)}")
    return value


def truth(value: Any) -> Any:
    """True or false."""
    if not isinstance(value, bool):
        raise Mismatch(f"expected true or false, got {shown(value)}")
    return value


def read_words(words: str, *, item: str | None) -> Any:
    """What a command line's words stand for: JSON, or a list written `a, b`; `item` is the JSON type of its items."""
    try:
        return json.loads(words)
    except ValueError:
        if item is None:
            return words
    parts = [part.strip() for part in words.split(",")] if words.strip() else []
    return parts if item == "string" else [read_words(part, item=None) for part in parts]


def shown(value: object) -> str:
    """A value as a message names it."""
    words = json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}…"


def _path(at: tuple[str | int, ...]) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return words.removeprefix(".")
