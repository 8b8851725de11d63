"""The target `local`: commands on this machine, as the user that runs runner, each in a process group of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.targets.listener import Listener
from runner.targets.output import KEEP, MOST, Output, Spill
from runner.targets.port import Command, Completed
from runner.targets.processes import OWNER, STEP, die_with_parent, end

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""
LINGER = 0.2
"""Seconds that a finished command's children may still hold its output open."""


class Local:
    """Runs commands here; `owner` marks their processes, `spill` keeps what is too long to be shown."""

    name = "local"

    def __init__(self, owner: str, spill: Spill, *, keep: int = KEEP, most: int = MOST) -> None:
        self._owner = owner
        self._spill = spill
        self._keep = keep
        self._most = most

    async def run(self, command: Command) -> Completed:
        """Run to the end; a time-out or a cancellation leaves no process of it alive."""
        with Output(self._keep, self._most) as output:
            listener = Listener(output)
            try:
                process = await self._start(command, listener.write_end)
                listener.start()
                await self._watch(process, listener, command)
            finally:
                listener.close()
            blob = await asyncio.to_thread(output.spill, self._spill)
            return Completed(output.text(), process.returncode or 0, output.dropped, blob)

    async def _start(self, command: Command, output: int) -> asyncio.subprocess.Process:
        if not command.cwd.is_dir():
            raise ToolFailed(f"the working directory {command.cwd} is not there", match="unavailable")
        env = environment(command.cwd, {**command.env, OWNER: self._owner, STEP: command.mark})
        try:
            # From the loop's own thread: the kernel ends the child when the thread that started it ends.
            return await asyncio.create_subprocess_exec(
                *command.argv,
                cwd=command.cwd,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        except (OSError, ValueError) as error:
            raise not_started(command, env["PATH"], error) from error

    async def _watch(self, process: asyncio.subprocess.Process, listener: Listener, command: Command) -> None:
        """Wait for the first of: exit, too much output, time-out, cancellation; then nothing of it is alive."""
        exited = asyncio.ensure_future(process.wait())
        try:
            first: set[asyncio.Future[Any]] = {exited, listener.full}
            await asyncio.wait(first, timeout=command.seconds, return_when=asyncio.FIRST_COMPLETED)
            if exited.done():
                await asyncio.wait({listener.closed}, timeout=LINGER)
        finally:
            in_time = exited.done()
            await asyncio.shield(asyncio.ensure_future(self._end(process.pid, command.mark, whole=not in_time)))
            await exited
            listener.drain()
        if listener.full.done():
            raise ToolFailed(
                f"{command.argv[0]} was stopped: it put out more than {self._most:,} bytes{listener.last_words()}",
                hint="ask for less: a narrower path, a filter, a limit",
            )
        if not in_time:
            message = f"{command.argv[0]} was stopped: not finished after {command.seconds:g} s{listener.last_words()}"
            raise ToolFailed(message, match="timeout")

    async def _end(self, pid: int, mark: str, *, whole: bool) -> None:
        """End the group; `whole` also what left it, which a command that ended by itself may have meant (a service)."""
        wanted = {OWNER: self._owner, STEP: mark}
        if whole:
            await end(pid, lambda marks: bool(mark) and marks == wanted, GRACE)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)


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
        return ToolFailed(f"the program {program} is not there", match="unavailable", hint=hint)
    if number == errno.EACCES:
        return ToolFailed(f"{program} may not be executed", match="unavailable", hint=f"looked in {path}")
    if number == errno.E2BIG:
        longest = max(map(len, command.argv))
        return ToolFailed(
            f"the arguments of {program} are too long for the system; the longest has {longest:,} characters"
        )
    return ToolFailed(f"{program} could not be started: {error}")
