"""When files may be read: nothing changes them just now, and nobody is in the middle of writing one."""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.git import folder_of
from runner.reload.prints import Prints, Survey, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

QUIET = 0.075
"""Seconds that must have passed since the newest change: longer than the pauses inside one save."""
LOOK = 0.03
"""Seconds at least between two looks that must agree, whatever the times of the files say."""
CAP = 10.0
"""The longest wait, in seconds, also for a lock of git: it may have been left behind, and some files never rest."""
PATIENCE = 1.0
"""Seconds of waiting after which it is told what for."""


@dataclass(frozen=True, slots=True)
class Look:
    """The files at one moment; they may be read when `waits_for` is empty and the newest change is old enough."""

    survey: Survey
    age: float
    """Seconds since the newest change against what was loaded; infinite without one, negative if clocks disagree."""
    waits_for: str = ""
    notes: tuple[str, ...] = ()

    def rests(self, steady: float) -> bool:
        """Whether they may be read, having looked the same for so many seconds."""
        if self.waits_for:
            return False
        return math.isinf(self.age) or steady >= QUIET or (steady >= LOOK and self.age >= QUIET)


async def at_rest(root: Path, named: Collection[str], seen: Prints, tell: Callable[[str], None]) -> Look:
    """The files once they may be read, or when the longest wait is over; `seen` is what was loaded last.

    `tell` is called once with what is waited for, if that takes a while.
    """
    clock = asyncio.get_running_loop().time
    begin = steady_since = clock()
    last: Look | None = None
    is_told = False
    while True:
        now = await asyncio.to_thread(look, root, named, seen)
        if last is None or now.survey.prints != last.survey.prints:
            steady_since = clock()
        last = now
        if now.rests(clock() - steady_since):
            return now
        if clock() - begin >= CAP:
            return Look(now.survey, now.age, notes=(*now.notes, now.waits_for or "the files never rest"))
        if now.waits_for and not is_told and clock() - begin >= PATIENCE:
            is_told = True
            tell(now.waits_for)
        await asyncio.sleep(max(LOOK, QUIET - now.age) if now.age >= 0 else LOOK)


def look(root: Path, named: Collection[str], seen: Prints) -> Look:
    """Look at the files, at git, and at who writes what has changed."""
    found = survey(root, named)
    changed = [path for path, stamp in found.prints.items() if seen.get(path) != stamp]
    gone = [path for path in seen if path not in found.prints]
    age = time.time() - max([found.prints[path][1] for path in changed] + _times_of(gone), default=-math.inf) / 1e9
    lock = git_lock(root)
    notes: tuple[str, ...] = ()
    waits_for = next((f"{path} is being written: a program has it open" for path in changed if is_written(path)), "")
    if lock is not None:
        since, path = lock
        told = f"git is busy: {path} exists since {_moment(since)}; remove it if no git runs"
        if time.time() - since < CAP:
            waits_for = told
        else:
            notes = (told,)
    return Look(found, age, waits_for, notes)


def is_written(path: str) -> bool:
    """Whether some process has a file open for writing; where the system cannot tell, nobody has."""
    if sys.platform != "linux":
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # A lease for reading is refused while there is a writer. Who begins to write while it is held waits until it
        # is given back, and its holder gets a signal: one that is ignored unless asked for, as SIGIO would end us.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # not our file, or a file system without leases
        return False
    finally:
        os.close(descriptor)
    return False


def git_lock(root: Path) -> tuple[float, Path] | None:
    """Since when, and by which file, git holds the index of the repository around the files; None when it does not."""
    lock = (folder_of(root) or root / ".git") / "index.lock"
    try:
        return lock.stat().st_mtime, lock
    except OSError:
        return None


def _times_of(gone: Iterable[str]) -> list[int]:
    """When files went: the folder they were in, or what is left above it, changed then."""
    return [_changed(folder) for folder in {Path(path).parent for path in gone}]


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return _changed(folder.parent)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
