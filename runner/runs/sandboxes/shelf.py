"""What sandboxes a store has, whose they are and who works in them; and the locks of those who change that.

Whoever counts them or changes what there is holds the lock of their folder, which nobody holds for long; whoever fills,
archives or removes one holds the lock of that one. Locks end with their process.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from runner.runs.sandboxes import trees
from runner.runs.sandboxes.packing import sync_folder
from runner.runs.sandboxes.places import ARCHIVE, FOLDER, WORK, is_run
from runner.spec.cuts import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.runs.rows import RunRow
    from runner.runs.store import Store

Condition = Literal["active", "idle", "archived"]
_USERS = "runs"
_GONE = ".gone-"
_NAMED = 5
"""Holders that a message names."""


@dataclass(frozen=True, slots=True)
class SandboxRow:
    """One sandbox as lists show it; it is called as the run that it was made for."""

    run: str
    by: str
    state: Condition
    size: int
    """Bytes on the disk."""
    used: float
    """Seconds since the epoch: when its last run ended; now, while one works in it; or when it was archived."""


class Shelf:
    """The folder of a store's sandboxes. One is in its archive only where it has no work folder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.folder = store.folder / FOLDER

    def place(self, sandbox: str) -> Path:
        """The folder of a sandbox: what is on its shelf, and who works in it."""
        return self.folder / sandbox

    def archive(self, sandbox: str) -> Path:
        """The archive of a sandbox."""
        return self.folder / f"{sandbox}{ARCHIVE}"

    def there(self) -> list[str]:
        """Those that count: with a folder, whatever is in it."""
        return sorted(name for name in self._names() if is_run(name) and self.place(name).is_dir())

    def archived(self) -> list[str]:
        """Those that are in their archive only."""
        found = {name.removesuffix(ARCHIVE) for name in self._names() if name.endswith(ARCHIVE)}
        return sorted(name for name in found.difference(self.there()) if is_run(name))

    def leavings(self) -> list[Path]:
        """What is being removed, or was when a crash came."""
        return [self.folder / name for name in self._names() if name.startswith(_GONE)]

    # ---------------------------------------------------------------------------------------------- who uses what

    def note_user(self, sandbox: str, run: str) -> None:
        """From now on the run works there, until it ends."""
        users = self.place(sandbox) / _USERS
        users.mkdir(mode=0o700, exist_ok=True)
        (users / run).touch()

    def holders(self, sandbox: str) -> list[RunRow]:
        """The runs that work in a sandbox: those that have not ended."""
        return [row for row in self._users(sandbox) if row.status != "ended"]

    def why_full(self, most: int) -> str:
        """Who holds the sandboxes, in words."""
        there = self.there()
        holders = [held(row) for name in there for row in self.holders(name)]
        return f"{len(there)} of {most} sandboxes are in use: {some_of(holders, _NAMED)}"

    def row(self, sandbox: str, *, measured: bool = False) -> SandboxRow:
        """A sandbox that has its folder; its size only if asked for, as that takes time."""
        users, place = self._users(sandbox), self.place(sandbox)
        is_used = any(row.status != "ended" for row in users)
        ends = [row.ended_at for row in users if row.ended_at is not None]
        used, size = datetime.now(UTC).timestamp(), 0
        with suppress(FileNotFoundError):  # it is archived just now
            used = used if is_used else max(ends, default=place.stat().st_mtime)
            size = trees.size(place, WORK) if measured else 0
        return SandboxRow(sandbox, self._by(sandbox), "active" if is_used else "idle", size, used)

    def archived_row(self, sandbox: str) -> SandboxRow:
        """A sandbox that is in its archive."""
        size, used = 0, 0.0
        with suppress(FileNotFoundError):
            found = self.archive(sandbox).stat()
            size, used = found.st_size, found.st_mtime
        return SandboxRow(sandbox, self._by(sandbox), "archived", size, used)

    # -------------------------------------------------------------------------------------------------- changes

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Nobody else counts or changes what there is."""
        descriptor = os.open(self.folder, trees.FOLDER)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def put_away(self, sandbox: str) -> Path:
        """Have a sandbox be there no more, at once; what is left of it has its lock, and is to be removed."""
        gone = self.place(sandbox).rename(self.folder / f"{_GONE}{sandbox}-{os.urandom(4).hex()}")
        sync_folder(self.folder)
        return gone

    # ------------------------------------------------------------------------------------------------ internals

    def _users(self, sandbox: str) -> list[RunRow]:
        """The runs that work, or have worked, in a sandbox since it was made or unpacked."""
        try:
            names = sorted(path.name for path in (self.place(sandbox) / _USERS).iterdir())
        except FileNotFoundError:
            return []
        return [row for name in names if (row := self._store.run(name)) is not None]

    def _by(self, sandbox: str) -> str:
        first = self._store.run(sandbox)
        return first.by if first else ""

    def _names(self) -> list[str]:
        try:
            return [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []


def lock(place: Path) -> int | None:
    """A descriptor that holds the lock of a folder until it is closed; None when somebody else does, or it is gone."""
    try:
        descriptor = os.open(place, trees.FOLDER)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), place.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def held(row: RunRow) -> str:
    """A run that works in a sandbox, by whom and since when."""
    since = datetime.fromtimestamp(row.started_at or row.queued_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{row.id}{f' by {row.by}' if row.by else ''} since {since}"
