"""Selectors: one small language that names tools, agents and targets in the files.

`name` · `pack/*` (also `pack/name`) · `tag:word` · `group:word` · `*` for all · `-x` takes what x selects away.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Selectable:
    """Something a selector can find: its name, the pack that holds it (or none), its tags and its groups."""

    name: str
    pack: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def matches(selector: str, name: str, *, pack: str = "", tags: Sequence[str] = (), groups: Sequence[str] = ()) -> bool:
    """Whether one selector (without a leading `-`) finds a thing."""
    return _test(selector)(name, pack, tags, groups)


@lru_cache(maxsize=4096)
def _test(selector: str) -> Callable[[str, str, Sequence[str], Sequence[str]], bool]:
    """The test that one selector stands for; it is asked for every agent and tool, so it is read once."""
    if selector == "*":
        return lambda _name, _pack, _tags, _groups: True
    if selector.startswith("tag:"):
        word = selector.removeprefix("tag:")
        return lambda _name, _pack, tags, _groups: word in tags
    if selector.startswith("group:"):
        word = selector.removeprefix("group:")
        return lambda _name, _pack, _tags, groups: word in groups
    holder, slash, inner = selector.rpartition("/")
    if slash:
        return lambda name, pack, _tags, _groups: holder == pack and inner in ("*", name)
    return lambda name, _pack, _tags, _groups: selector == name


class Selectables:
    """Things by whatever selectors find them by, so that finding costs what is found and not what there is."""

    def __init__(self, things: Iterable[Selectable]) -> None:
        self.things = tuple(things)
        self._place = {thing.name: place for place, thing in enumerate(self.things)}
        self._packs: defaultdict[str, set[str]] = defaultdict(set)
        self._tags: defaultdict[str, set[str]] = defaultdict(set)
        self._groups: defaultdict[str, set[str]] = defaultdict(set)
        for thing in self.things:
            self._packs[thing.pack].add(thing.name)
            for tag in thing.tags:
                self._tags[tag].add(thing.name)
            for group in thing.groups:
                self._groups[group].add(thing.name)

    def find(self, selector: str) -> Collection[str]:
        """The names of all that one selector (without a leading `-`) finds."""
        if selector == "*":
            return self._place
        if selector.startswith("tag:"):
            return self._tags.get(selector.removeprefix("tag:"), ())
        if selector.startswith("group:"):
            return self._groups.get(selector.removeprefix("group:"), ())
        holder, slash, inner = selector.rpartition("/")
        names = self._packs.get(holder, ()) if slash else self._place
        return names if slash and inner == "*" else (inner,) if inner in names else ()

    def in_vain(self, selectors: Sequence[str]) -> list[str]:
        """The `-x` that take nothing away, as no selector before them finds what they do."""
        chosen: set[str] = set()
        vain = []
        for selector in selectors:
            hits = set(self.find(selector.removeprefix("-")))
            if not selector.startswith("-"):
                chosen |= hits
            elif hits and not hits & chosen:
                vain.append(selector)
        return vain

    def select(self, selectors: Iterable[str]) -> tuple[list[str], list[str]]:
        """(names found, in the order of the things; selectors that found nothing); `-x` takes away what x finds."""
        found: set[str] = set()
        idle: list[str] = []
        for selector in selectors:
            hits = self.find(selector.removeprefix("-"))
            if not hits:
                idle.append(selector)
            elif selector.startswith("-"):
                found.difference_update(hits)
            else:
                found.update(hits)
        return sorted(found, key=self._place.__getitem__), idle
