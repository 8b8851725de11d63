"""Paths into JSON: `web?.results[*].title`.

A name, `["any name"]`, `[0]` or `[-1]` leads one step on, `[*]` to each item, which makes a list of all that is found
behind it. What is not there is a fault, unless a `?` stands behind the step: then the path ends in null, or in no
items.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_STEP = re.compile(r'(?:(?:^|\.)([A-Za-z_][\w-]*)|\[("(?:[^"\\]|\\.)*"|-?\d{1,9}|\*)\])(\?)?')


class NotFound(ValueError):
    """What a path leads to is not there."""


class Step(NamedTuple):
    """One step of a path: a name, the number of an item, or None for each item."""

    key: str | int | None
    optional: bool


def parse(path: str) -> tuple[Step, ...]:
    """Read a path; raises ValueError."""
    steps: list[Step] = []
    end = 0
    while end < len(path):
        found = _STEP.match(path, end)
        if found is None:
            msg = f"{path!r} is no path at {path[end:]!r}; write one such as web.results[*].title, without $ in front"
            raise ValueError(msg)
        name, inside, mark = found.groups()
        key = name if name is not None else None if inside == "*" else json.loads(inside)
        steps.append(Step(key, mark is not None))
        end = found.end()
    return tuple(steps)


def find(data: Any, steps: tuple[Step, ...]) -> Any:
    """What a path leads to; raises NotFound."""
    for index, (key, optional) in enumerate(steps):
        if key is None and isinstance(data, list):
            return _each(data, steps[index + 1 :])
        held = None if key is None else _item(data, key)
        if held is None:
            if optional:
                return [] if any(step.key is None for step in steps[index:]) else None
            raise NotFound(_without(data, key))
        (data,) = held
    return data


def _each(items: list[Any], rest: tuple[Step, ...]) -> list[Any]:
    found = [find(item, rest) for item in items]
    if any(step.key is None for step in rest):
        return [one for several in found for one in several]
    return found


def _item(data: Any, key: str | int) -> tuple[Any] | None:
    """What is held under a key, in a tuple, as it may itself be null."""
    if isinstance(key, str):
        return (data[key],) if isinstance(data, dict) and key in data else None
    return (data[key],) if isinstance(data, list) and -len(data) <= key < len(data) else None


def _without(data: Any, key: str | int | None) -> str:
    if key is None:
        return f"there is no list for [*], but {type(data).__name__}"
    if isinstance(data, dict):
        return f"there is no {key!r} among {', '.join(map(repr, list(data)[:10])) or 'no keys'}"
    size = f" of {len(data)}" if isinstance(data, list) else ""
    return f"there is no {key!r} in {type(data).__name__}{size}"
