"""Find and end the processes that a step started: by group, by parent, and by the marks in their environment.

A group alone misses children that called setsid; parents alone miss orphans; marks alone miss a cleared environment.
Reading /proc is Linux; elsewhere only the group is seen.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OWNER = "RUNNER_OWNER"
"""Environment variable that names the daemon (or command line) a process belongs to."""
STEP = "RUNNER_STEP"
"""Environment variable that names the step a process belongs to."""

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """A process at one moment; `start` tells it from a later one with the same id."""

    pid: int
    parent: int
    group: int
    start: int


async def end(leader: int, is_marked: Callable[[dict[str, str]], bool], grace: float) -> None:
    """End a group, its descendants and all that is marked, until they are gone; SIGKILL after `grace` seconds."""
    known = relatives(leader, (), is_marked)
    send(signal.SIGTERM, leader, known)
    deadline = time.monotonic() + grace
    while known or _group_is_there(leader):
        await asyncio.sleep(0.01)
        known = relatives(leader, known, is_marked)
        if time.monotonic() >= deadline:
            send(signal.SIGKILL, leader, known)


def relatives(leader: int, known: Iterable[Process], is_marked: Callable[[dict[str, str]], bool]) -> set[Process]:
    """Those alive of the known ones, the leader's group, their descendants and the marked ones."""
    alive = list(processes())
    found = set(known).intersection(alive)
    found.update(process for process in alive if process.group == leader or is_marked(marks(process.pid)))
    while True:
        parents = {process.pid for process in found} | {leader}
        more = {process for process in alive if process.parent in parents} - found
        if not more:
            return found
        found |= more


def processes() -> Iterable[Process]:
    """All living processes but this one; nothing where there is no /proc."""
    if not _PROC.exists():
        return
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid() and (process := _read(folder)):
            yield process


def _read(folder: Path) -> Process | None:
    """One process of /proc; None for who is gone or only waits to be reaped."""
    try:
        line = (folder / "stat").read_bytes()
    except OSError:
        return None
    # The second field is a name in brackets that may hold blanks and brackets itself.
    state, parent, group, *rest = line.rpartition(b")")[2].split()
    return None if state in b"ZX" else Process(int(folder.name), int(parent), int(group), int(rest[16]))


def marks(pid: int) -> dict[str, str]:
    """RUNNER_OWNER and RUNNER_STEP as the process was started with them; what may not be read has none."""
    try:
        pairs = [entry.partition(b"=") for entry in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")]
    except OSError:
        return {}
    return {key.decode(): os.fsdecode(value) for key, _, value in pairs if key in (OWNER.encode(), STEP.encode())}


def send(number: int, leader: int, others: Iterable[Process]) -> None:
    """Send a signal to a group and to others; who is gone already, or is another user's, gets none."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for process in others:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)


def _group_is_there(leader: int) -> bool:
    """Whether a group has members, asked only where there is no /proc: a zombie is a member too."""
    if _PROC.exists():
        return False
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@cache
def _prctl() -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), "prctl", None)


def die_with_parent() -> Callable[[], None]:
    """What a child calls between fork and exec, so that the kernel kills it when its parent's thread ends.

    A preexec_fn is a danger after a fork of many threads: it must take no lock. This one makes three system calls
    through objects made here, before the fork; the alternative, a launcher program, costs an exec for each command.
    A child that crashes leaves no core file: its memory holds the secrets of its environment.
    """
    parent, prctl = os.getpid(), _prctl()

    def in_child() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:  # it died before the kernel was told
                os._exit(1)

    return in_child
