"""What one load leaves to the next: results, each beside all that it came from, and rows of those of one sort."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from runner.project.noted import Question

Asked = tuple[tuple[Question, str, tuple[Any, ...], tuple[Any, ...]], ...]
"""What a result asked for, by question and mapping: keys, and what they were answered."""


class Result(NamedTuple):
    """A value, what it was made of, and what it asked for by the way."""

    sources: tuple[Any, ...]
    asked: Asked
    value: Any


class Row(NamedTuple):
    """Results of one sort, by the name of the thing that each is of."""

    things: Mapping[str, object] = MappingProxyType({})
    others: object = None
    results: Mapping[str, Result] = MappingProxyType({})
    is_plain: bool = False
    """Whether there is one for each thing, and none that asked for anything."""

    def changed(self, things: Mapping[str, object], others: object) -> list[str] | None:
        """The names of the things that are others now, all else being as it was; None when it is not."""
        if not self.is_plain or self.others is not others or [*self.things] != [*things]:
            return None
        pairs = zip(things, self.things.values(), things.values(), strict=True)
        return [name for name, before, now in pairs if before is not now]


class Memory:
    """The results that the last load used: it does not grow from load to load."""

    def __init__(self) -> None:
        self.results: dict[Hashable, Result] = {}
        self.rows: dict[Hashable, Row] = {}
        self.spare: dict[Hashable, Result] = {}
        """Results that loads before it used, kept while files are faulty: what they are about is not looked at then."""
        self.answers: dict[str, Mapping[Any, Any]] = {}
        """What the last load's results rest on, so that only what changed of a mapping need be looked into."""

    def last(self, key: Hashable) -> Result | None:
        """The result of that key, whether it still stands or not."""
        what, name = key if isinstance(key, tuple) and len(key) == 2 else (key, "")  # noqa: PLR2004 - as `each` has them
        return self.results.get(key) or self.rows.get(what, Row()).results.get(name) or self.spare.get(key)


def by_key(rows: Mapping[Hashable, Row]) -> dict[Hashable, Result]:
    """The results of rows as single ones."""
    return {(what, name): kept for what, row in rows.items() for name, kept in row.results.items()}
