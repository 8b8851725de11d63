"""A program that lives as long as it is needed, spoken to by its input and output; directly, as the user of runner."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from runner.targets.finishing import finished
from runner.targets.local import environment, not_started
from runner.targets.port import Command
from runner.targets.processes import die_with_parent, end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

FAREWELL = 0.5
"""Seconds that a program whose input was closed has to end by itself."""
GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL."""


class Program(NamedTuple):
    """What to start."""

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    """Besides PATH, HOME and LANG."""
    marks: Mapping[str, str]
    """What its processes have in their environment, so that they are found."""
    stderr: int
    """The descriptor that takes what it prints as errors."""
    limit: int
    """Bytes of a line of its output."""


class Start(Protocol):
    """A way to start a program; raises ToolFailed."""

    def __call__(self, program: Program, /) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """It lives until the block is left, and then nothing of it."""


@asynccontextmanager
async def direct(program: Program) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start it on this machine."""
    env = environment(program.cwd, {**program.env, **program.marks})
    try:
        # From the loop's own thread: the kernel ends the child when the thread that started it ends.
        starting = asyncio.create_subprocess_exec(
            *program.argv,
            cwd=program.cwd,
            env=env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=program.stderr,
            limit=program.limit,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        process = await finished(starting)
    except (OSError, ValueError) as error:
        raise not_started(Command(program.argv, program.cwd, 0), env["PATH"], error) from error
    try:
        yield process
    finally:
        await ended(process, program.marks)


async def ended(process: asyncio.subprocess.Process, marks: Mapping[str, str]) -> None:
    """Close its input, and end it with all that it started; a cancellation does not keep it from that."""
    await finished(_ended(process, marks))


async def _ended(process: asyncio.subprocess.Process, marks: Mapping[str, str]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with a pipe
    process.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL):
            await process.wait()
    await end(process.pid, lambda found: found == marks, GRACE)
    await process.wait()
