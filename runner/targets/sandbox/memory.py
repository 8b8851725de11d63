"""A memory limit for all processes of a command together: a control group of the kernel, of either version."""

from __future__ import annotations

import asyncio
import os
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import ToolFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LIMITS = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), 2: ("memory.max", "memory.swap.max")}
"""The file that takes the limit; and, where the kernel counts swap, the one that keeps it from being a way out."""
_TRIES = 100


class Above(NamedTuple):
    """The group in which those of the commands are made."""

    folder: Path
    version: int


@asynccontextmanager
async def bounded(most: int | None) -> AsyncIterator[int | None]:
    """A group with that limit: a descriptor to which a process writes `0` to join it; None when there is no limit."""
    if most is None:
        yield None
        return
    group = _make(most)
    joining = os.open(group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
    try:
        yield joining
    finally:
        os.close(joining)
        await _remove(group)


def lacking() -> str | None:
    """Why no group can be made here; None when one can."""
    try:
        _make(1 << 30).rmdir()
    except ToolFailed as error:
        return f"{error.message}; {error.hint}"
    return None


def _make(most: int) -> Path:
    try:
        above = _above()
        group = above.folder / f"runner-{uuid.uuid4().hex}"
        if above.version == 2:  # noqa: PLR2004 - of the kernel's control groups
            (above.folder / "cgroup.subtree_control").write_text("+memory")
        group.mkdir()
        limit, swap = _LIMITS[above.version]
        (group / limit).write_text(str(most))
        if (group / swap).exists():
            (group / swap).write_text(str(most if above.version == 1 else 0))
    except OSError as error:
        raise ToolFailed(
            f"sandbox.memory_total cannot be held here: no memory control group can be made: {error}",
            match="unavailable",
            hint="run runner as root or as a service with Delegate=yes and DelegateSubgroup=daemon, or leave "
            "memory_total out: sandbox.memory bounds each process",
        ) from error
    return group


def _above() -> Above:
    """Version 1: below this process's own group. Version 2: beside it, as only groups without processes have some."""
    groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    for _, controllers, path in groups:
        if "memory" in controllers.split(","):
            return Above(_mounted("cgroup", "memory") / path.lstrip("/"), 1)
    for number, _, path in groups:
        if number == "0":
            own = _mounted("cgroup2") / path.lstrip("/")
            return Above(own.parent if path != "/" else own, 2)
    raise FileNotFoundError("this system has no control groups for memory")


def _mounted(kind: str, option: str = "") -> Path:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, folder, of_kind, options, *_ = line.split()
        if of_kind == kind and (not option or option in options.split(",")):
            return Path(folder)
    raise FileNotFoundError(f"no {kind} file system is mounted")


async def _remove(group: Path) -> None:
    """Remove it once its last process is gone, which takes the kernel a moment."""
    for _ in range(_TRIES):
        try:
            os.rmdir(group)  # noqa: PTH106 - in memory of the kernel's: it keeps nobody waiting
        except FileNotFoundError:
            return
        except OSError:
            await asyncio.sleep(0.01)
        else:
            return
