"""Read the project's files as one set: not while they are being changed, and not twice different."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.project import std
from runner.project.load import Loaded, load
from runner.project.sources import Disk
from runner.reload.prints import Prints, git_is_busy, is_followed, prints

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

QUIET = 0.1
"""Seconds without a change before files are read: longer than the pauses inside one save."""
SETTLE = 0.25
"""Seconds a bad set must stay as it is before it is called bad: it may be half of a save."""
CAP = 10.0
"""The longest wait for quiet, in seconds: a lock may have been left behind, and some files never rest."""
TRIES = 5
"""Readings of files that changed meanwhile before giving up for now."""


class Unsteady(Exception):
    """No reading is to be trusted; a later one may be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files said, and the prints of exactly those files."""

    loaded: Loaded
    named: frozenset[str]
    prints: Prints


async def read_steadily(root: Path, named: Collection[str]) -> Reading:
    """Load the files once they rest, and again if they changed meanwhile; raises `Unsteady`.

    `named` are the files outside the three folders as far as they are known; the reading says what it found.
    """
    known = frozenset(named)
    for _ in range(TRIES):
        before = await _at_rest(root, known)
        source = _Noting(root)
        loaded = await _load(source)
        if loaded.project is None:
            await asyncio.sleep(SETTLE)
        if source.named == known and await asyncio.to_thread(prints, root, known) == before:
            return Reading(loaded, known, before)
        known = source.named
    raise Unsteady("the files keep changing while they are read")


async def _at_rest(root: Path, named: Collection[str]) -> Prints:
    """The prints once nothing changed for a moment and git is done, or as they are when that never comes."""
    clock = asyncio.get_running_loop().time
    end = clock() + CAP
    last = await asyncio.to_thread(prints, root, named)
    while True:
        await asyncio.sleep(QUIET)
        now = await asyncio.to_thread(prints, root, named)
        if clock() >= end or (now == last and not await asyncio.to_thread(git_is_busy, root)):
            return now
        last = now


async def _load(source: _Noting) -> Loaded:
    try:
        return await asyncio.to_thread(load, source, source.root)
    except OSError as error:
        raise Unsteady(f"the files cannot be read: {error.strerror or error}") from error


class _Noting:
    """A folder that notes which files were asked for, also those that are not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._disk = Disk(root)
        self._asked: set[str] = set()

    def read(self, name: str) -> bytes | None:
        self._asked.add(name)
        return self._disk.read(name)

    def names(self, folder: str) -> list[str]:
        return self._disk.names(folder)

    def folders(self, folder: str) -> list[str]:
        return self._disk.folders(folder)

    @property
    def named(self) -> frozenset[str]:
        """The files asked for that are outside the three folders, by the names that other files gave them."""
        return frozenset(name for name in self._asked if not (name.startswith(std.PREFIX) or is_followed(name)))
