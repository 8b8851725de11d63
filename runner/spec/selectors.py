"""Selectors: one small language that names tools, agents and targets in the files.

`name` · `pack/*` (also `pack/name`) · `tag:word` · `*` for all · `-x` takes what x selects away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Selectable:
    """Something a selector can find: its name, the pack that holds it (or none), and its tags."""

    name: str
    pack: str = ""
    tags: tuple[str, ...] = ()


def matches(selector: str, name: str, *, pack: str = "", tags: Sequence[str] = ()) -> bool:
    """Whether one selector (without a leading `-`) finds a thing."""
    return _test(selector)(name, pack, tags)


@lru_cache(maxsize=4096)
def _test(selector: str) -> Callable[[str, str, Sequence[str]], bool]:
    """The test that one selector stands for; it is asked for every agent and tool, so it is read once."""
    if selector == "*":
        return lambda _name, _pack, _tags: True
    if selector.startswith("tag:"):
        word = selector.removeprefix("tag:")
        return lambda _name, _pack, tags: word in tags
    holder, slash, inner = selector.rpartition("/")
    if slash:
        return lambda name, pack, _tags: holder == pack and inner in ("*", name)
    return lambda name, _pack, _tags: selector == name


def select(selectors: Iterable[str], things: Sequence[Selectable]) -> tuple[list[str], list[str]]:
    """(names found, in the order of `things`; selectors that found nothing), taking away what `-x` selects."""
    found: set[str] = set()
    idle: list[str] = []
    for selector in selectors:
        finds = _test(selector.removeprefix("-"))
        hits = {thing.name for thing in things if finds(thing.name, thing.pack, thing.tags)}
        if not hits:
            idle.append(selector)
        found = found - hits if selector.startswith("-") else found | hits
    return [thing.name for thing in things if thing.name in found], idle
