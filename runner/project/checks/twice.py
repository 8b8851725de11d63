"""Names that stand twice in one list, where the second says nothing: mostly it was meant to be another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc

_PLACES: tuple[Loc, ...] = (
    ("tools",),
    ("defaults", "tags"),
    ("defaults", "agents"),
    ("tools", "*", "tags"),
    ("tools", "*", "agents"),
    ("phases", "*", "approval", "by"),
    ("phases", "*", "parallel", "*", "approval", "by"),
)
"""Lists of names that are sets; `*` is any name."""


def check(file: str, data: Any) -> Iterator[Finding]:
    """A warning for each."""
    for place in _PLACES if isinstance(data, dict) else ():
        for loc, names in _lists(data, place, ()) if place[0] in data else ():
            if any(str(name).startswith("-") for name in names):  # what is taken away may be given back
                continue
            for index, name in enumerate(names):
                if isinstance(name, str) and name in names[:index]:
                    what = f"`{name}` stands here twice"
                    yield Finding("duplicate-use", file, (*loc, index), what, "remove one", "warning")


def _lists(value: Any, place: Loc, loc: Loc) -> Iterator[tuple[Loc, list[Any]]]:
    """The lists at a place, each with the way to it."""
    if not place:
        if isinstance(value, list):
            yield loc, value
    elif isinstance(value, dict):
        for key in value if place[0] == "*" else value.keys() & {place[0]}:
            yield from _lists(value[key], place[1:], (*loc, key))
