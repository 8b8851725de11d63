"""JSON that servers and models write, read as far as a journal can hold it: neither too deep nor of too many parts."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 64
"""Objects and lists inside one another; an event around them may add some, and has to be read again."""
MOST = 500_000
"""Objects and lists in one text: each of them takes many times the two bytes that it is written with."""


def parse(text: str, *, strict: bool = True) -> Any:
    """What JSON says; raises ValueError for what is none, or is more than anybody means."""
    begun = text.count("{") + text.count("[")
    if begun > MOST:
        raise ValueError(f"it holds more than {MOST:,} objects and lists")
    try:
        value = json.loads(text, strict=strict)
    except RecursionError as error:
        raise _too_deep() from error
    if begun > DEEPEST and is_deep(value):
        raise _too_deep()
    return value


def is_deep(value: Any, left: int = DEEPEST) -> bool:
    """Whether there are too many objects and lists inside one another."""
    if isinstance(value, dict):
        return not left or any(is_deep(part, left - 1) for part in value.values())
    if isinstance(value, list):
        return not left or any(is_deep(part, left - 1) for part in value)
    return False


def _too_deep() -> ValueError:
    return ValueError(f"it holds more than {DEEPEST} objects and lists inside one another")
