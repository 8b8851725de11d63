"""The daemon's side of python tools: a few warm processes that run the functions of one folder."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.errors import ToolFailed
from runner.targets.finishing import finished
from runner.targets.listener import Listener
from runner.targets.local import environment
from runner.targets.output import Output
from runner.targets.processes import OWNER, STEP, die_with_parent, end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from runner.tools.port import Call

AT_ONCE = 4
"""Processes of one folder."""
START = 30.0
"""Seconds in which a process must be ready."""
GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL."""
MOST = 32_000_000
"""Bytes of one result."""
_KEPT = 2_000
"""Bytes of head, and of tail, of what a call prints."""


class Given(NamedTuple):
    """What functions are given besides their arguments.

    Places that are closed, places where nothing is changed, and by name the databases (see `resources.Place`).
    """

    closed: Sequence[str] = ()
    fixed: Sequence[str] = ()
    resources: Mapping[str, Mapping[str, str]] = MappingProxyType({})


_NOTHING = Given()


class FolderWorkers:
    """The workers of the Python files in one folder; `owner` marks their processes. Close it when its revision goes.

    `given` is what the tools have by annotation. `prepare` is called, in a thread, before each process starts: it sees
    to it that the folder is there. `origin` is the revision that the folder is a copy of.
    """

    def __init__(
        self,
        folder: Path,
        owner: str,
        at_once: int = AT_ONCE,
        *,
        given: Given = _NOTHING,
        prepare: Callable[[], object] | None = None,
        origin: str = "",
    ) -> None:
        self.origin = origin
        self._folder = folder.resolve()
        self._prepare = prepare
        self._owner = owner
        self._slots = asyncio.Semaphore(at_once)
        self._own = {
            "closed": list(given.closed),
            "fixed": list(given.fixed),
            "resources": {name: dict(place) for name, place in given.resources.items()},
        }
        self._idle: list[Worker] = []
        self._at_work = 0
        self._is_closed = False

    @property
    def processes(self) -> int:
        """How many there are, idle ones included."""
        return len(self._idle) + self._at_work

    async def call(self, function: str, arguments: Mapping[str, Any], call: Call, *, writes: bool = False) -> Any:
        """What `module:function` returns; raises ToolFailed; past `call.seconds` or cancelled, its worker is killed.

        With `writes` its resources can be changed.
        """
        async with self._slots, self._counted():
            worker = await self._take()
            try:
                reply = await worker.ask(function, arguments, call, {**self._own, "writes": writes})
            except BaseException:
                await worker.kill(f"{call.run}/{call.path}")
                raise
            await self._give_back(worker, is_spent="spent" in reply)
        if failed := reply.get("failed"):
            raise ToolFailed(failed["message"], match=failed.get("match"), hint=failed.get("hint", ""))
        return reply["output"]

    async def close(self) -> None:
        """End all processes; a call that still goes on ends its own."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.kill() for worker in idle))

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def _take(self) -> Worker:
        """The worker that was used last, as its memory is warm, or a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.kill()
        if self._prepare is not None:
            await asyncio.to_thread(self._prepare)
        return await Worker.start(self._folder, self._owner)

    async def _give_back(self, worker: Worker, *, is_spent: bool) -> None:
        if self._is_closed or is_spent:
            await worker.kill()
        else:
            self._idle.append(worker)


class Worker:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process, printed: Listener) -> None:
        self._process = process
        self._printed = printed

    @classmethod
    async def start(cls, folder: Path, owner: str) -> Worker:
        """Start a process and wait until it is ready."""
        printed = Listener(Output(_KEPT, sys.maxsize, whole=False))
        try:
            # From the loop's own thread: the kernel ends the child when the thread that started it ends.
            starting = asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-B", "-u", str(Path(__file__).with_name("worker.py")), str(folder)),
                cwd=folder,
                env=environment(folder, {OWNER: owner}),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=printed.write_end,
                limit=MOST,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
            process = await finished(starting)
        except OSError as error:
            printed.close()
            raise ToolFailed(f"no python worker could be started: {error}", match="unavailable") from error
        printed.start()
        worker = cls(process, printed)
        try:
            await worker._reply("the python worker", START)
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended; the system is asked, as the loop is told of an end a little later."""
        if self._process.returncode is not None or sys.platform != "linux":
            return self._process.returncode is None
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:  # whoever tells the loop has waited for it already
            return False

    async def ask(
        self, function: str, arguments: Mapping[str, Any], call: Call, own: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The reply to one call; `own` is what the function is given besides its arguments."""
        self._printed.drain()
        self._printed.output = Output(_KEPT, sys.maxsize, whole=False)
        request = {
            "function": function,
            "arguments": dict(arguments),
            "workspace": str(call.workspace),
            "run": call.run,
            "step": call.path,
            **own,
        }
        assert self._process.stdin is not None  # noqa: S101 - it was started with a pipe
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        reply = await self._reply(function, call.seconds)
        if failed := reply.get("failed"):
            self._printed.drain()
            failed["message"] += self._words()
        return reply

    async def kill(self, step: str = "") -> None:
        """End the process, all that it started, and what bears the step's mark; no cancellation keeps it from that."""
        await finished(self._end(step))

    async def _end(self, step: str) -> None:
        await end(self._process.pid, lambda marks: bool(step) and marks.get(STEP) == step, GRACE)
        await self._process.wait()
        assert self._process.stdin is not None  # noqa: S101 - it was started with a pipe
        self._process.stdin.close()
        self._printed.close()

    async def _reply(self, who: str, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
        except TimeoutError:
            self._printed.drain()
            message = f"{who} was stopped: not finished after {seconds:g} s{self._words()}"
            raise ToolFailed(message, match="timeout") from None
        except ValueError:
            raise ToolFailed(f"{who} returned more than {MOST:,} bytes", hint="ask for less") from None
        if not line.endswith(b"\n"):
            code = await self._process.wait()
            self._printed.drain()
            raise ToolFailed(f"{who}: its process ended in the middle of the call (exit code {code}){self._words()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _words(self) -> str:
        """What the call printed."""
        text = self._printed.output.text().strip()
        return f"; it printed:\n{text}" if text else ""
