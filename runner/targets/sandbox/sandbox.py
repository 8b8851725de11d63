"""The target `sandbox`: a command sees its workspace, the system's programs, and nothing else of this machine."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import ProgramMissing, ToolFailed
from runner.targets.children import Children
from runner.targets.finishing import finished
from runner.targets.lasting import Program, ended
from runner.targets.output import KEEP, MOST, Spill
from runner.targets.port import Command, Completed
from runner.targets.sandbox import memory
from runner.targets.sandbox.keeping import Kept
from runner.targets.sandbox.launch import Launch, gone, launch, limits
from runner.targets.sandbox.layout import HOME, Place, View, programs, search_path
from runner.targets.sandbox.lending import LentPaths, OwnPaths, Paths
from runner.targets.sandbox.spec import INSTALL, SandboxSpec
from runner.targets.sandbox.syscalls import ARCHITECTURES
from runner.targets.sandbox.views import Access, of_program, of_workspace, refuse_absent, walls, withheld_when_replaced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

_SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"
_NOT_EXECUTED = ("prlimit: failed to execute ", "prlimit: exec")


class Sandbox:
    """Runs commands under bubblewrap, or refuses; `closed` places are hidden from them, `fixed` ones read-only."""

    name = "sandbox"

    def __init__(
        self,
        owner: str,
        spill: Spill,
        spec: SandboxSpec,
        *,
        closed: Sequence[str] = (),
        fixed: Sequence[str] = (),
        keep: int = KEEP,
        most: int = MOST,
    ) -> None:
        self._children = Children(owner, spill, keep=keep, most=most)
        self._spec = spec
        self._walls = walls(closed, fixed, spec.read_only)
        self._machine = platform.machine()
        self._is_proved = False

    def available(self) -> str | None:
        """Why no command can run in a sandbox here, and what helps; None when one can, which is tried."""
        if self._is_proved:
            return None
        try:
            self._prove()
        except ToolFailed as error:
            return "; ".join(filter(None, (error.message, error.hint)))
        self._is_proved = True
        return None

    async def run(self, command: Command) -> Completed:
        """Run to the end; nothing of it stays alive, whether it ended by itself, was stopped or was cancelled."""
        if reason := await asyncio.to_thread(self.available):
            raise ToolFailed(f"no command can run in the sandbox: {reason}", match="unavailable")
        view = await asyncio.to_thread(of_workspace, command.cwd, self._walls)
        env = {"PATH": search_path(view.folder), "HOME": HOME, "LANG": "C.UTF-8", **command.env}
        with withheld_when_replaced(view), self._launch(command.argv, view, env) as start:
            async with memory.bounded(self._spec.memory_total) as joining:
                done = await self._children.run(command, partial(self._begin, command, start, joining))
                told = start.told()
                if "child-pid" in told:
                    await gone(told["child-pid"])
        if "exit-code" not in told:
            words = done.text.strip() or f"it said nothing; {_ended_by(done.exit)}"
            raise ToolFailed(f"the sandbox could not be made: {words}", match="unavailable")
        if done.exit in (126, 127) and done.text.startswith(_NOT_EXECUTED):
            raise _not_executed(command, env["PATH"], done.text)
        return done

    @asynccontextmanager
    async def process(self, program: Program, access: Access) -> AsyncIterator[asyncio.subprocess.Process]:
        """A program that lives until the block is left, and then nothing of it; all limits but processor time hold.

        It sees what it needs itself and what `access` gives; the folder that it starts in is else empty.
        """
        if reason := await asyncio.to_thread(self.available):
            raise ToolFailed(f"nothing can be started in the sandbox: {reason}", match="unavailable")
        argv, path, view = await asyncio.to_thread(of_program, program, access, self._walls)
        env = {"PATH": path, "HOME": HOME, "LANG": "C.UTF-8", **program.env}
        pipe = asyncio.subprocess.PIPE
        pipes = {"stdin": pipe, "stdout": pipe, "stderr": program.stderr, "limit": program.limit}
        with self._launch(argv, view, env, is_lasting=True) as start:
            async with memory.bounded(self._spec.memory_total) as joining:
                process = await self._start(start, joining, program.marks, pipes)
                try:
                    yield process
                finally:
                    await finished(_ended(process, program.marks, start))

    async def _begin(
        self, command: Command, start: Launch, joining: int | None, output: int
    ) -> asyncio.subprocess.Process:
        pipes = {"stdin": asyncio.subprocess.DEVNULL, "stdout": output, "stderr": output}
        return await self._start(start, joining, self._children.marks(command), pipes)

    async def _start(
        self, start: Launch, joining: int | None, marks: Mapping[str, str], pipes: Mapping[str, Any]
    ) -> asyncio.subprocess.Process:
        try:
            # From the loop's own thread: the kernel ends the child when the thread that started it ends.
            starting = asyncio.create_subprocess_exec(
                *start.argv,
                cwd="/",
                env={"PATH": _SYSTEM, **marks},
                start_new_session=True,
                pass_fds=start.descriptors,
                preexec_fn=_in_child(start.in_child, joining),
                **pipes,
            )
            return await finished(starting)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise ToolFailed(f"{start.argv[-1]} could not be started in the sandbox: {error}") from error

    def _launch(
        self, argv: Sequence[str], view: View, env: dict[str, str], *, is_lasting: bool = False
    ) -> AbstractContextManager[Launch]:
        bounded = [_found("prlimit", _SYSTEM), *limits(self._spec, is_lasting=is_lasting), "--", *argv]
        bubblewrap = _found("bwrap", os.environ.get("PATH", os.defpath))
        return launch(bounded, view, self._spec, env, (bubblewrap, _paths(), self._machine))

    def _prove(self) -> None:
        """Run a program in a sandbox that differs only in its workspace; raises ToolFailed with the reason."""
        if sys.platform != "linux" or self._machine not in ARCHITECTURES:
            raise ToolFailed(f"it needs Linux on {' or '.join(ARCHITECTURES)}; this is {sys.platform} {self._machine}")
        refuse_absent(self._walls)
        if self._spec.memory_total and (reason := memory.lacking()):
            raise ToolFailed(reason)
        with tempfile.TemporaryDirectory(prefix="runner-sandbox-") as folder:
            work = Path(folder).resolve()
            view = View(work, [Place(work, Kept([], [], []))], [*programs(), *self._walls.extra])
            with self._launch(["true"], view, {"PATH": _SYSTEM}) as start:
                done = subprocess.run(
                    start.argv,
                    cwd="/",
                    env={"PATH": _SYSTEM},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    pass_fds=start.descriptors,
                    preexec_fn=start.in_child,
                    check=False,
                )
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip()
            raise _refused(words or f"it said nothing; {_ended_by(done.returncode)}")


async def _ended(process: asyncio.subprocess.Process, marks: Mapping[str, str], start: Launch) -> None:
    await ended(process, marks)
    told = start.told()
    if "child-pid" in told:
        await gone(told["child-pid"])


def _in_child(enter: Callable[[], None], joining: int | None) -> Callable[[], None]:
    """What a child does first: join its memory group, be the first to go when memory runs out, enter its mounts."""

    def in_child() -> None:
        if joining is not None:
            os.write(joining, b"0")
        with suppress(OSError):  # a courtesy to the rest of the machine, no defence
            score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(score, b"1000")
            os.close(score)
        enter()

    return in_child


def _paths() -> Paths:
    if os.geteuid() != 0:
        return OwnPaths()
    return LentPaths(_found("setpriv", _SYSTEM))


def _found(program: str, path: str) -> str:
    if found := shutil.which(program, path=path):
        return os.path.realpath(found)
    hint = INSTALL if program == "bwrap" else "install util-linux"
    raise ToolFailed(f"the program {program} is not there (looked in {path})", hint=hint)


def _ended_by(code: int) -> str:
    """`exit 1`, `signal 9`."""
    return f"exit {code}" if code > 0 else f"signal {-code}"


def _refused(words: str) -> ToolFailed:
    """Why bubblewrap did not start, with what helps."""
    if "Unknown option" in words:
        return ToolFailed(f"this bubblewrap is too old: {words}", hint=INSTALL)
    hint = "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; on Ubuntu "
    hint += (
        "also kernel.apparmor_restrict_unprivileged_userns=0, or the AppArmor profile of /usr/bin/bwrap; a container "
    )
    hint += "must be allowed to make them"
    return ToolFailed(f"bubblewrap does not start here: {words}", hint=hint if "namespace" in words else "")


def _not_executed(command: Command, path: str, words: str) -> ToolFailed:
    """The command's program is not in the sandbox, in words."""
    program = command.argv[0]
    if "Permission denied" in words:
        return ToolFailed(f"{program} may not be executed in the sandbox", match="unavailable")
    hint = f"the sandbox has the system's programs and the workspace's .venv; looked in {path}; "
    hint += "what lies elsewhere is shown to it by sandbox.read_only in runner.yaml"
    return ProgramMissing(f"the program {program} is not there in the sandbox", hint=hint)
