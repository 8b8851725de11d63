"""Read the project's files as one set: not while they are being changed, and not twice different."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.project import std
from runner.project.load import Loaded, load
from runner.project.sources import Disk, is_project
from runner.reload.prints import Survey, digests, is_followed, survey
from runner.reload.quiet import at_rest
from runner.secrets.env_file import ENV_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SETTLE = 0.25
"""Seconds a bad set must stay as it is before it is called bad: it may be half of a save."""
TRIES = 5
"""Readings of files that changed meanwhile before giving up for now."""
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.EINTR, errno.ETIMEDOUT)


class Unsteady(Exception):
    """No reading is to be trusted; a later one may be."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the files were when they were read last."""

    named: frozenset[str] = frozenset()
    """Files of the project outside the three folders, from the root."""
    survey: Survey = field(default_factory=Survey)
    digests: dict[str, bytes] = field(default_factory=dict)
    """What was in each file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files said, what exactly those files were, and what was odd about the moment."""

    loaded: Loaded
    seen: Seen
    notes: tuple[str, ...] = ()


async def read_steadily(root: Path, seen: Seen, tell: Callable[[str], None]) -> Reading:
    """Load the files once they rest, and again if they changed meanwhile; raises `Unsteady`."""
    known = seen.named
    for _ in range(TRIES):
        before = await at_rest(root, known, seen.survey.prints, tell)
        source = _Noting(root)
        loaded, digest = await _load(source)
        if loaded.project is None:
            await asyncio.sleep(min(SETTLE, max(0.0, SETTLE - before.age)))
        if source.named == known and (await asyncio.to_thread(survey, root, known)).prints == before.survey.prints:
            return Reading(loaded, Seen(known, before.survey, digest), before.notes)
        known = source.named
    raise Unsteady("the files keep changing while they are read")


async def _load(source: _Noting) -> tuple[Loaded, dict[str, bytes]]:
    try:
        return await asyncio.to_thread(_read, source)
    except OSError as error:
        raise Unsteady(f"the files cannot be read: {error.strerror or error}") from error


def _read(source: _Noting) -> tuple[Loaded, dict[str, bytes]]:
    """What the files say, and the digest of each that is on disk."""
    if not is_project(source.root):
        raise Unsteady(f"no runner.yaml, agents.d, tools.d or workflows is in {source.root} any more")
    loaded = load(source, source.root)
    own = {name: content for name, content in loaded.files.items() if not name.startswith(std.PREFIX)}
    digest = {name: hashlib.sha256(content).digest() for name, content in own.items()}
    return loaded, {**digest, **digests(source.root, [ENV_FILE])}


@contextmanager
def _passing_faults() -> Iterator[None]:
    """Tell faults of the moment apart from files that cannot be read."""
    try:
        yield
    except Unreadable as why:
        if isinstance(why.__cause__, OSError) and why.__cause__.errno in _PASSING:
            raise why.__cause__ from why
        raise


class _Noting:
    """A folder that notes which files were asked for, also those that are not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._disk = Disk(root)
        self._asked: set[str] = set()

    def read(self, name: str) -> bytes | None:
        self._asked.add(name)
        with _passing_faults():
            return self._disk.read(name)

    def names(self, folder: str) -> list[str]:
        with _passing_faults():
            return self._disk.names(folder)

    def folders(self, folder: str) -> list[str]:
        return self._disk.folders(folder)

    @property
    def named(self) -> frozenset[str]:
        """The files asked for that are outside the three folders, by the names that other files gave them."""
        return frozenset(name for name in self._asked if not (name.startswith(std.PREFIX) or is_followed(name)))
