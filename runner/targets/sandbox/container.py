"""The target `sandbox` by a container engine: each command in a container of its own, which is removed with it."""

from __future__ import annotations

import asyncio
import math
import os
import re
import resource
import tempfile
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ProgramMissing, ToolFailed
from runner.targets.children import Children, started
from runner.targets.finishing import finished
from runner.targets.output import KEEP, MOST, Spill
from runner.targets.port import Command, Completed
from runner.targets.sandbox.container_engine import STEP_LABEL, Engine, made, new_name
from runner.targets.sandbox.container_filter import profile
from runner.targets.sandbox.spec import ONLY_COMMANDS, SandboxSpec
from runner.targets.sandbox.views import of_workspace, refuse_absent, walls, withheld_when_replaced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from runner.targets.lasting import Program
    from runner.targets.sandbox.layout import View
    from runner.targets.sandbox.views import Access

_HOME = "/tmp"  # noqa: S108 - of the container, which has a /tmp of its own
_OPEN_FILES = 1_024
_LATER = 5
"""Seconds after a command's time-out when podman kills its container, if nobody has."""
_PARTS = frozenset(',:"\n\r')
"""What parts a mount's fields: a path that holds one would say something else."""
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NOT_RUN = {"docker": "docker: ", "podman": "Error: "}
"""How a line of the engine's begins, where the command was not run at all."""
_WARNINGS = ("WARNING: ", "time=")
_ENGINES_EXITS = (125, 126, 127)
_NO_PROGRAM = re.compile(r"not found|no such file", re.IGNORECASE)


class Container:
    """Runs commands in containers of a present image, or refuses; `closed` places are hidden, `fixed` read-only."""

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
        self._image = spec.image or ""
        self._walls = walls(closed, fixed, spec.read_only)
        self._engine = Engine(spec.driver)
        self._is_proved = False

    def available(self) -> str | None:
        """Why no command can run in a container here, and what helps; None when one can: the engine was asked."""
        if self._is_proved and not self._engine.has_left:
            return None
        try:
            refuse_absent(self._walls)
            self._engine.prove(self._image)
        except ToolFailed as error:
            return "; ".join(filter(None, (error.message, error.hint)))
        self._engine.sweep()
        self._is_proved = True
        return None

    async def run(self, command: Command) -> Completed:
        """Run to the end; its container is gone then, whether it ended by itself, was stopped or was cancelled."""
        if reason := await asyncio.to_thread(self.available):
            raise ToolFailed(f"no command can run in the sandbox: {reason}", match="unavailable")
        view = await asyncio.to_thread(of_workspace, command.cwd, self._walls)
        name = new_name()
        with withheld_when_replaced(view), _files({"HOME": _HOME, "LANG": "C.UTF-8", **command.env}) as (given, note):
            argv = [self._engine.program, *self._options(name, view, command), *given]
            argv += ["--entrypoint", command.argv[0], self._image, *command.argv[1:]]
            async with self._engine.removing(name, note, command.argv[0]):
                done = await self._children.run(command, partial(self._start, command, argv, note))
        self._refuse_not_run(command, done)
        return done

    @asynccontextmanager
    async def process(self, program: Program, _access: Access) -> AsyncIterator[asyncio.subprocess.Process]:
        """Refused: nothing that lives on runs in a container."""
        what = ONLY_COMMANDS.format(driver=self._spec.driver)
        raise ToolFailed(f"{program.argv[0]}: {what}", match="unavailable")
        yield  # type: ignore[unreachable]  # makes it a context manager

    async def _start(
        self, command: Command, argv: Sequence[str], note: Path, output: int
    ) -> asyncio.subprocess.Process:
        try:
            env = self._engine.environment() | self._children.marks(command)
            process = await started(argv, "/", env, output)
        except (OSError, ValueError) as error:
            raise ToolFailed(f"{command.argv[0]} could not be started in the sandbox: {error}") from error
        await finished(made(process, note))
        return process

    def _options(self, name: str, view: View, command: Command) -> Iterator[str]:
        """The words of the command line, up to the environment."""
        spec, memory = self._spec, self._spec.memory_total or self._spec.memory
        user, group = _user(view.folder)
        yield from ("run", "--rm", "-i", "--name", name, "--label", f"{STEP_LABEL}={command.mark}", "--pull", "never")
        # A signal ends the command line at once, whatever the command does with it; no log keeps what was put out.
        yield from ("--sig-proxy=false", "--log-driver", "none")
        yield from ("--network", "host" if spec.network else "none", "--read-only", "--cap-drop", "ALL")
        yield from ("--security-opt", "no-new-privileges", "--pids-limit", str(spec.processes))
        yield from ("--memory", str(memory), "--memory-swap", str(memory))
        for limit in (f"cpu={spec.cpu_seconds}", f"fsize={spec.file_size}", f"nofile={_OPEN_FILES}", "core=0"):
            yield from ("--ulimit", limit)
        if spec.driver == "podman":
            yield from _podmans_own(command.seconds)
        yield from ("--user", f"{user}:{group}", "--shm-size", str(spec.tmp_size))
        yield from ("--tmpfs", f"{_HOME}:rw,exec,nosuid,nodev,size={spec.tmp_size},mode=1777{self._empty}")
        yield from self._mounts(view)
        yield from ("--workdir", str(view.folder))

    @property
    def _empty(self) -> str:
        """Podman fills a new file system with what lies below, be it what is to be hidden."""
        return ",notmpcopyup" if self._spec.driver == "podman" else ""

    def _mounts(self, view: View) -> Iterator[str]:
        """The workspace, and what is kept in it; the engine mounts outer ones first, whatever their order."""
        for path in self._walls.extra:
            if not path.is_relative_to(view.folder):
                yield from self._fixed(path)
        for place in view.places:
            yield from self._fixed(place.path) if place.is_fixed else _bound(place.path)
            for path in [] if place.is_fixed else place.kept.pinned:
                yield from _bound(path)
            for path in place.kept.fixed:
                yield from self._fixed(path)
            for path in place.kept.closed:
                if path.is_dir():
                    yield from ("--tmpfs", f"{_whole(path)}:ro,noexec,nosuid,nodev,size=4096,mode=0000{self._empty}")
                else:
                    yield from self._fixed(path, Path(os.devnull))

    def _fixed(self, path: Path, source: Path | None = None) -> tuple[str, str]:
        return _bound(path, source, f",readonly,{self._engine.alone}")

    def _refuse_not_run(self, command: Command, done: Completed) -> None:
        """Tell the engine's own failure from the command's; raises ToolFailed."""
        if done.exit not in _ENGINES_EXITS:
            return
        # Where nothing was run nobody else said anything, but for the engine's warnings before.
        said = next((line for line in done.text.splitlines() if not line.startswith(_WARNINGS)), "")
        if not said.startswith(_NOT_RUN[self._spec.driver]):
            return
        if "exec" in said and _NO_PROGRAM.search(said):
            hint = f"the sandbox has the programs of the image {self._image}, and what `sandbox.read_only` shows"
            raise ProgramMissing(f"the program {command.argv[0]} is not there in the sandbox", hint=hint)
        if "exec" in said and "permission denied" in said:
            raise ToolFailed(f"{command.argv[0]} may not be executed in the sandbox", match="unavailable")
        raise ToolFailed(f"the container could not be made: {said}", match="unavailable")


def _podmans_own(seconds: float) -> Iterator[str]:
    """What docker has not, or does by itself."""
    # Who kills the daemon leaves its containers: podman ends them by itself, a moment after their time.
    yield from ("--timeout", str(math.ceil(seconds) + _LATER))
    yield from ("--ulimit", f"nproc={_most_processes()}")
    if os.geteuid() != 0:
        yield from ("--userns", "keep-id")  # else it would be another user's, who may not write


def _most_processes() -> int:
    """As many as this user may have already: else podman asks for a million, which not every root may give."""
    most = int(Path("/proc/sys/kernel/pid_max").read_text())  # podman lowers its own limit to it
    _, allowed = resource.getrlimit(resource.RLIMIT_NPROC)
    return most if allowed == resource.RLIM_INFINITY else min(most, allowed)


def _bound(path: Path, source: Path | None = None, more: str = "") -> tuple[str, str]:
    return ("--mount", f"type=bind,src={_whole(source or path)},dst={_whole(path)}{more}")


def _whole(path: Path) -> str:
    """A path as one field of a mount; raises ToolFailed for one that would be read as several."""
    text = str(path)
    if _PARTS & set(text):
        hint = "rename it: no comma, colon, quotation mark or line end"
        raise ToolFailed(f"a container cannot be given the path {text!r}", match="unavailable", hint=hint)
    return text


def _user(workspace: Path) -> tuple[int, int]:
    """Who the command is: this user, or, started by root, the workspace's owner; raises ToolFailed for root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    owner = workspace.stat()
    if owner.st_uid == 0:
        hint = "give the folder to an ordinary user, and better run runner as one"
        raise ToolFailed(
            f"nothing runs as root in a container, and {workspace} is root's", match="unavailable", hint=hint
        )
    return owner.st_uid, owner.st_gid


@contextmanager
def _files(env: Mapping[str, str]) -> Iterator[tuple[list[str], Path]]:
    """The environment and the filter, by files that only this user can read: no process list shows them.

    With the file in which the engine notes the container when it is made.
    """
    for name, value in env.items():
        if not _VARIABLE.fullmatch(name) or {"\n", "\r", "\0"} & set(value):
            what = f"the variable {name} cannot be given to a container: it, or its value, is more than one line"
            raise ToolFailed(what, match="unavailable", hint="write the value to a file, and give the file's path")
    with tempfile.TemporaryDirectory(prefix="runner-container-") as folder:
        variables, calls, note = (Path(folder, name) for name in ("env", "calls.json", "id"))
        variables.write_text("".join(f"{name}={value}\n" for name, value in env.items()), "utf-8")
        calls.write_text(profile(), "utf-8")
        yield ["--env-file", str(variables), "--security-opt", f"seccomp={calls}", "--cidfile", str(note)], note
