"""The target `sandbox`: a command sees its workspace, the system's programs, and nothing else of this machine."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.targets.children import Children
from runner.targets.output import KEEP, MOST, Spill
from runner.targets.port import Command, Completed
from runner.targets.sandbox import memory
from runner.targets.sandbox.keeping import Kept, kept
from runner.targets.sandbox.launch import Launch, Programs, gone, launch
from runner.targets.sandbox.layout import HOME, View, programs, search_path
from runner.targets.sandbox.lending import LentPaths, OwnPaths, Paths
from runner.targets.sandbox.syscalls import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from runner.targets.sandbox.spec import SandboxSpec

INSTALL = "install bubblewrap 0.8 or newer: apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap"
_SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"
_NO_WORKSPACE = frozenset(map(Path, ("/", "/boot", "/dev", "/etc", "/home", "/proc", "/run", "/sys", "/usr", "/var")))
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
        self._closed = tuple(closed)
        self._fixed = (*fixed, *map(str, programs()), str(Path(__file__).resolve().parents[2]))
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
        view = await asyncio.to_thread(self._view, command.cwd)
        env = {"PATH": search_path(view.workspace), "HOME": HOME, "LANG": "C.UTF-8", **command.env}
        with self._launch(command.argv, view, env) as start:
            async with memory.bounded(self._spec.memory_total) as joining:
                done = await self._children.run(command, partial(self._start, command, start, joining))
                told = start.told()
                if "child-pid" in told:
                    await gone(told["child-pid"])
        if "exit-code" not in told:
            raise ToolFailed(f"the sandbox could not be made: {done.text.strip()}", match="unavailable")
        if done.exit in (126, 127) and done.text.startswith(_NOT_EXECUTED):
            raise _not_executed(command, env["PATH"], done.text)
        return done

    async def _start(
        self, command: Command, start: Launch, joining: int | None, output: int
    ) -> asyncio.subprocess.Process:
        try:
            # From the loop's own thread: the kernel ends the child when the thread that started it ends.
            return await asyncio.create_subprocess_exec(
                *start.argv,
                cwd="/",
                env={"PATH": _SYSTEM, **self._children.marks(command)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=start.descriptors,
                preexec_fn=_in_child(start.in_child, joining),
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise ToolFailed(f"{command.argv[0]} could not be started in the sandbox: {error}") from error

    def _launch(self, argv: Sequence[str], view: View, env: dict[str, str]) -> AbstractContextManager[Launch]:
        return launch(argv, view, self._spec, env, (_programs(), _paths(), self._machine))

    def _view(self, folder: Path) -> View:
        """What is shown for a workspace; raises ToolFailed for one that cannot be shown safely."""
        if not folder.is_dir():
            raise ToolFailed(f"the working directory {folder} is not there", match="unavailable")
        workspace = folder.resolve()
        if workspace != folder:
            what = f"the working directory {folder} is reached by a symbolic link, to {workspace}"
            raise ToolFailed(what, match="unavailable", hint="a command may have put the link there; name the folder")
        if workspace in _NO_WORKSPACE:
            raise ToolFailed(f"the sandbox takes no system folder as its workspace: {workspace}", match="unavailable")
        readable = [path for path in (*programs(), *self._extra()) if not path.is_relative_to(workspace)]
        is_fixed = any(workspace.is_relative_to(place) for place in self._fixed)
        return View(workspace, kept(workspace, self._closed, self._fixed), readable, is_fixed)

    def _extra(self) -> list[Path]:
        return [Path(text).expanduser().resolve() for text in self._spec.read_only]

    def _prove(self) -> None:
        """Run a program in a sandbox that differs only in its workspace; raises ToolFailed with the reason."""
        if sys.platform != "linux" or self._machine not in ARCHITECTURES:
            raise ToolFailed(f"it needs Linux on {' or '.join(ARCHITECTURES)}; this is {sys.platform} {self._machine}")
        for path in self._extra():
            if not path.exists():
                raise ToolFailed(f"sandbox.read_only names {path}, which is not there")
        if self._spec.memory_total and (reason := memory.lacking()):
            raise ToolFailed(reason)
        with tempfile.TemporaryDirectory(prefix="runner-sandbox-") as folder:
            view = View(Path(folder).resolve(), Kept([], [], []), [*programs(), *self._extra()], is_fixed=False)
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
            raise _refused(done.stderr.decode(errors="replace").strip())


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


def _programs() -> Programs:
    return Programs(_found("bwrap", os.environ.get("PATH", os.defpath)), _found("prlimit", _SYSTEM))


def _found(program: str, path: str) -> str:
    if found := shutil.which(program, path=path):
        return os.path.realpath(found)
    hint = INSTALL if program == "bwrap" else "install util-linux"
    raise ToolFailed(f"the program {program} is not there (looked in {path})", hint=hint)


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
    return ToolFailed(f"the program {program} is not there in the sandbox", match="unavailable", hint=hint)
