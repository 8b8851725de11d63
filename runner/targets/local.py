"""The target `local`: commands on this machine, as the user that runs runner, each in a process group of its own."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ProgramMissing, ToolFailed
from runner.targets.children import Children, started
from runner.targets.output import KEEP, MOST, Spill
from runner.targets.port import Command, Completed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping


class Local:
    """Runs commands here; `owner` marks their processes, `spill` keeps what is too long to be shown."""

    name = "local"

    def __init__(self, owner: str, spill: Spill, *, keep: int = KEEP, most: int = MOST) -> None:
        self._children = Children(owner, spill, keep=keep, most=most)

    async def run(self, command: Command) -> Completed:
        """Run to the end; a time-out or a cancellation leaves no process of it alive."""
        return await self._children.run(command, partial(self._start, command))

    async def _start(self, command: Command, output: int) -> asyncio.subprocess.Process:
        if not command.cwd.is_dir():
            raise ToolFailed(f"the working directory {command.cwd} is not there", match="unavailable")
        env = environment(command.cwd, {**command.env, **self._children.marks(command)})
        try:
            return await started(command.argv, command.cwd, env, output)
        except (OSError, ValueError) as error:
            raise not_started(command, env["PATH"], error) from error


def environment(workspace: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child, from nothing: PATH, HOME, LANG, and what is given."""
    folders = [workspace / ".venv" / "bin", Path(sys.executable).parent]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    home = os.environ.get("HOME") or str(Path.home())
    return {"PATH": path, "HOME": home, "LANG": os.environ.get("LANG", "C.UTF-8"), **env}


def not_started(command: Command, path: str, error: OSError | ValueError) -> ToolFailed:
    """Why a program could not be started, in words."""
    program = command.argv[0]
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT and (found := shutil.which(program, path=path)):
        return ToolFailed(f"{found} is a script whose interpreter is not there", match="unavailable")
    if number == errno.ENOENT:
        hint = f"install {program}, or give its folder: looked in {path}"
        return ProgramMissing(f"the program {program} is not there", hint=hint)
    if number == errno.EACCES:
        return ToolFailed(f"{program} may not be executed", match="unavailable", hint=f"looked in {path}")
    if number == errno.E2BIG:
        longest = max(map(len, command.argv))
        return ToolFailed(
            f"the arguments of {program} are too long for the system; the longest has {longest:,} characters"
        )
    return ToolFailed(f"{program} could not be started: {error}")
