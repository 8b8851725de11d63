"""A command as a child process: its output is taken as it comes, it is waited for, and nothing of it stays."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.targets.finishing import finished
from runner.targets.listener import Listener
from runner.targets.output import KEEP, MOST, Output, Spill
from runner.targets.port import Command, Completed
from runner.targets.processes import OWNER, STEP, die_with_parent, end

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""
LINGER = 0.2
"""Seconds that a finished command's children may still hold its output open."""


async def started(
    argv: Sequence[str], cwd: str | Path, env: Mapping[str, str], output: int
) -> asyncio.subprocess.Process:
    """A child in a session of its own; the kernel ends it with this process."""
    # From the loop's own thread: the kernel ends the child when the thread that started it ends.
    starting = asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )
    return await finished(starting)


class Children:
    """Runs child processes; `owner` marks them, `spill` keeps what is too long to be shown."""

    def __init__(self, owner: str, spill: Spill, *, keep: int = KEEP, most: int = MOST) -> None:
        self._owner = owner
        self._spill = spill
        self._keep = keep
        self._most = most

    def marks(self, command: Command) -> dict[str, str]:
        """What the child has in its environment, so that it is found."""
        return {OWNER: self._owner, STEP: command.mark}

    async def run(self, command: Command, start: Callable[[int], Awaitable[asyncio.subprocess.Process]]) -> Completed:
        """Run to the end what `start` starts with that output, as the leader of a session of its own.

        A time-out or a cancellation leaves no process of it alive.
        """
        with Output(self._keep, self._most) as output:
            listener = Listener(output)
            try:
                process = await start(listener.write_end)
                listener.start()
                await self._watch(process, listener, command)
            finally:
                listener.close()
            blob = await asyncio.to_thread(output.spill, self._spill)
            return Completed(output.text(), process.returncode or 0, output.dropped, blob)

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
            await finished(self._end(process, command, whole=not in_time))
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

    async def _end(self, process: asyncio.subprocess.Process, command: Command, *, whole: bool) -> None:
        """End the group; `whole` also what left it, which a command that ended by itself may have meant (a service)."""
        wanted = self.marks(command)
        if whole:
            await end(process.pid, lambda marks: bool(command.mark) and marks == wanted, GRACE)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
