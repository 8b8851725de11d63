"""Find a thing of the project by its name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from runner.errors import UsageError

T = TypeVar("T")


def pick(kind: str, things: Mapping[str, T], name: str) -> T:
    """The thing of that name; raises `UsageError` naming the nearest one."""
    if name in things:
        return things[name]
    close = get_close_matches(name, things, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(things) or 'none'}"
    raise UsageError(f"there is no {kind} `{name}`", hint=hint)
