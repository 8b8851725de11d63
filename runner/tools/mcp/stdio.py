"""A server that is a program: started in an environment from nothing, its messages bounded, its whole tree ended."""

from __future__ import annotations

import asyncio
import sys
import uuid
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from runner.targets import lasting
from runner.targets.listener import Listener
from runner.targets.output import Output
from runner.targets.processes import OWNER, STEP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from mcp.client._transport import TransportStreams

MOST = 16_000_000
"""Bytes of one message."""
_KEPT = 2_000
"""Bytes of head, and of tail, of what it prints as errors."""


class Program:
    """How a server is started: directly, or in the sandbox."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        owner: str,
        start: lasting.Start = lasting.direct,
    ) -> None:
        self.name = name
        self.where = argv[0]
        self.gone = asyncio.Event()
        """Set when it ended, or can no longer be listened to."""
        self._argv = argv
        self._cwd = cwd
        self._env = env
        self._marks = {OWNER: owner, STEP: f"mcp/{name}/{uuid.uuid4().hex}"}
        self._start = start
        self._printed: Listener | None = None
        self._last = ""
        self._trouble = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TransportStreams]:
        """Start it, and carry messages until the block is left; then nothing of it is alive."""
        import anyio

        self._printed = Listener(Output(_KEPT, sys.maxsize, whole=False))
        async with AsyncExitStack() as stack:
            stack.callback(self._hear_last)
            said = (self._argv, self._cwd, self._env, self._marks)
            process = await stack.enter_async_context(
                self._start(lasting.Program(*said, stderr=self._printed.write_end, limit=MOST))
            )
            self._printed.start()
            inward, reading = anyio.create_memory_object_stream[Any](0)
            writing, outward = anyio.create_memory_object_stream[Any](0)
            tasks = [asyncio.create_task(self._read(process, inward)), asyncio.create_task(_write(process, outward))]
            stack.push_async_callback(_stop, tasks, (inward, reading, writing, outward))
            yield reading, writing

    def words(self) -> str:
        """What went wrong with it, and the end of what it printed as errors."""
        if self._printed is not None:
            self._printed.drain()
            self._last = self._printed.output.text().strip()
        printed = f"; it printed:\n{self._last}" if self._last else ""
        return f"{f'; {self._trouble}' if self._trouble else ''}{printed}"

    def refusal(self) -> None:
        """It lets us in, or ends."""

    def redact(self, data: Any) -> Any:
        """It has no tokens of ours but those that its environment holds."""
        return data

    async def _read(self, process: asyncio.subprocess.Process, inward: Any) -> None:
        """Pass messages on, line by line; what is no message is left out, as the protocol has it."""
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        assert process.stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            while line := await process.stdout.readline():
                with suppress(ValueError):
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    await inward.send(SessionMessage(message))
            code = await process.wait()
            self._trouble = f"it ended (exit code {code})"
        except ValueError:
            self._trouble = f"it sent more than {MOST:,} bytes in one message"
        finally:
            self.gone.set()
            inward.close()

    def _hear_last(self) -> None:
        if self._printed is not None:
            self.words()
            self._printed.close()
            self._printed = None


async def _write(process: asyncio.subprocess.Process, outward: Any) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with a pipe
    async for message in outward:
        line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
        process.stdin.write(line.encode() + b"\n")
        with suppress(ConnectionError):  # the reader tells that it ended
            await process.stdin.drain()


async def _stop(tasks: Sequence[asyncio.Task[None]], streams: Sequence[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for stream in streams:
        stream.close()
