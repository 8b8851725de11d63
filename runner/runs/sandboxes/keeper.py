"""The sandboxes of a store: taken by runs, archived when idle, removed when old. What a crash cut off is done again."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from runner.errors import UsageError
from runner.runs.sandboxes import trees
from runner.runs.sandboxes.packing import pack
from runner.runs.sandboxes.places import WORK, work_of
from runner.runs.sandboxes.shelf import SandboxRow, Shelf, held, lock
from runner.runs.sandboxes.unpacking import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.runs.events.run import Housed
    from runner.runs.sandboxes.spec import SandboxesSpec
    from runner.runs.store import Store


class Tidied(NamedTuple):
    """What was done to a sandbox, or why not."""

    run: str
    done: Literal["archived", "removed", "kept"]
    why: str = ""


class Taken(NamedTuple):
    """A sandbox that a run may work in."""

    work: Path
    how: Housed


class Full(NamedTuple):
    """There is no place for one more now, and why."""

    why: str


class Sandboxes:
    """The sandboxes of one store, which several processes may use. All methods wait for the disk: use a thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shelf = Shelf(store)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Give up what is being archived."""
        self._stopping.set()

    def work(self, sandbox: str) -> Path:
        """The work folder of a sandbox, whether it is there or not."""
        return work_of(self._store.folder, sandbox)

    # ------------------------------------------------------------------------------------------------- for runs

    def take(self, sandbox: str, run: str, most: int) -> Taken | Full:
        """Have a sandbox for a run, made or unpacked; while `most` are there, the longest idle one is archived."""
        self._shelf.folder.mkdir(mode=0o700, exist_ok=True)
        while (seat := self._seat(sandbox, run, most)) is None:
            if self._shelf.place(sandbox).is_dir():
                return Full(f"the sandbox {sandbox} is just being archived or unpacked")
            if not self._archive_longest_idle():
                return Full(self._shelf.why_full(most))
        if isinstance(seat, str):
            return Taken(self.work(sandbox), seat)
        try:
            unpack(self._shelf.archive(sandbox), self._shelf.place(sandbox))
            self._shelf.archive(sandbox).unlink()
        finally:
            os.close(seat)
        return Taken(self.work(sandbox), "unpacked")

    def _seat(self, sandbox: str, run: str, most: int) -> Housed | int | None:
        """Have a sandbox count, with the run among its users; its lock if it is to be unpacked, None if it cannot."""
        place = self._shelf.place(sandbox)
        with self._shelf.counting():
            if not place.is_dir():
                if len(self._shelf.there()) >= most:
                    return None
                place.mkdir(mode=0o700)
            holding = lock(place)
            if holding is None:
                return None
            self._shelf.note_user(sandbox, run)
            is_there = (place / WORK).is_dir()
            if not is_there and self._shelf.archive(sandbox).exists():
                return holding
            (place / WORK).mkdir(mode=0o700, exist_ok=True)
            os.close(holding)
            return "found" if is_there else "made"

    def _archive_longest_idle(self) -> bool:
        idle = [row for row in map(self._shelf.row, self._shelf.there()) if row.state == "idle"]
        return any(self._archive(row.run) for row in sorted(idle, key=lambda row: row.used))

    # ----------------------------------------------------------------------------------------------- for people

    def rows(self) -> list[SandboxRow]:
        """All of them, in the order of their runs."""
        there = [self._shelf.row(name, measured=True) for name in self._shelf.there()]
        return sorted([*there, *map(self._shelf.archived_row, self._shelf.archived())], key=lambda row: row.run)

    def tidy(self, spec: SandboxesSpec, now: float) -> list[Tidied]:
        """Archive what is idle for long, remove archives that are old, and what was being removed in a crash."""
        rows = [self._shelf.row(name) for name in self._shelf.there()]
        done = [self._tidied(row.run) for row in rows if row.state == "idle" and now - row.used >= spec.idle]
        for name in self._shelf.archived():
            with suppress(UsageError):  # somebody else was first
                if now - self._shelf.archived_row(name).used >= spec.keep:
                    self.remove(name)
                    done.append(Tidied(name, "removed", "its archive was old"))
        for gone in self._shelf.leavings():
            with _locked(gone) as is_ours:
                if is_ours:
                    trees.remove(gone)
        return done

    def remove(self, sandbox: str) -> None:
        """Remove a sandbox and its archive; raises `UsageError` for one that is in use or not there."""
        place, archive = self._shelf.place(sandbox), self._shelf.archive(sandbox)
        if not (place.is_dir() or archive.exists()):
            raise UsageError(f"there is no sandbox {sandbox}", hint="`runner sandboxes ls` lists them")
        with self._shelf.counting():
            if holders := self._shelf.holders(sandbox):
                hint = f"`runner runs cancel {holders[0].id}` ends the run"
                raise UsageError(f"the sandbox {sandbox} is in use: {held(holders[0])}", hint=hint)
            holding = lock(place)
            if holding is None and place.is_dir():
                raise UsageError(f"the sandbox {sandbox} is just being archived", hint="try it again")
            archive.unlink(missing_ok=True)
            gone = None if holding is None else self._shelf.put_away(sandbox)
        if holding is not None and gone is not None:
            try:
                trees.remove(gone)
            finally:
                os.close(holding)

    # ------------------------------------------------------------------------------------------------ internals

    def _tidied(self, sandbox: str) -> Tidied:
        try:
            return Tidied(sandbox, "archived") if self._archive(sandbox) else Tidied(sandbox, "kept", "it is in use")
        except OSError as error:
            return Tidied(sandbox, "kept", f"it cannot be archived: {error}")

    def _archive(self, sandbox: str) -> bool:
        """Write a sandbox into its archive, then remove it; False when it is in use or somebody else is at it."""
        place = self._shelf.place(sandbox)
        with self._shelf.counting():
            holding = None if self._shelf.holders(sandbox) else lock(place)
        if holding is None:
            return False
        try:
            if (place / WORK).is_dir():
                pack(place, self._shelf.archive(sandbox), self._go_on)
            with self._shelf.counting():
                gone = self._shelf.put_away(sandbox)
            trees.remove(gone)
        finally:
            os.close(holding)
        return True

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise InterruptedError("runner is stopping")


@contextmanager
def _locked(place: Path) -> Iterator[bool]:
    """Whether the lock of a folder was to be had; it is held meanwhile."""
    holding = lock(place)
    try:
        yield holding is not None
    finally:
        if holding is not None:
            os.close(holding)
