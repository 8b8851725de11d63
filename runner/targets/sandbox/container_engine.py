"""A container engine by its command line: whether it answers, and the end of containers that nobody waits for."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.targets.finishing import finished
from runner.targets.sandbox.spec import INSTALL_ENGINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.errors import Match

STEP_LABEL = "runner.step"
_ENGINES_OWN = (
    *("PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"),
    *("DOCKER_HOST", "DOCKER_CONFIG", "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"),
)
_ADDRESSES = ("DOCKER_HOST", "CONTAINER_HOST")
_SECONDS = 20.0
"""In which the engine must have answered a question."""
_ENDING = 5.0
"""In which it must have done what a cancellation waits for."""
_TRIES = 2
_PAUSE = 0.2
_LOOK = 0.01
_LEFT: set[tuple[str, str]] = set()
"""(driver, name) of containers of this process that may still be there: each engine that is opened sweeps them."""


class Engine:
    """The command line `docker` or `podman`."""

    def __init__(self, driver: str) -> None:
        self.driver = driver
        self.alone = "bind-nonrecursive"
        """How a mount is said to be without those below it, which stay writable when it alone is read-only."""

    @property
    def program(self) -> str:
        """Where the command line is; raises ToolFailed when it is not there."""
        if found := shutil.which(self.driver):
            return found
        what = f"the program {self.driver} is not there (looked in {os.environ.get('PATH', os.defpath)})"
        raise ToolFailed(what, match="unavailable", hint=INSTALL_ENGINE.format(driver=self.driver))

    def environment(self) -> dict[str, str]:
        """What the command line itself is given: where its engine is, none of the command's variables."""
        return {name: os.environ[name] for name in _ENGINES_OWN if name in os.environ}

    def prove(self, image: str) -> None:
        """Ask whether the engine is here and can hold limits, and for the image; raises ToolFailed with the reason."""
        self._refuse_elsewhere()
        info = self._ask("info", "--format", "{{json .}}")
        if info.returncode or _is_deaf(info.stdout):
            hint = INSTALL_ENGINE.format(driver=self.driver)
            raise ToolFailed(f"the engine of {self.driver} does not answer: {_said(info)}", hint=hint)
        if lacking := _not_held(self.driver, info.stdout):
            # The engine itself would only warn of it, and run the command without the limit.
            hint = "run it as root, or as a user whose control groups are delegated (version 2); or take bubblewrap"
            raise ToolFailed(f"{self.driver} has no control group here for {lacking}", hint=hint)
        if self.driver == "docker" and "Version" in json.loads(info.stdout).get("ClientInfo", {}):
            self.alone = "bind-recursive=disabled"  # the older word is warned of
        found = self._ask("image", "inspect", image)
        if found.returncode:
            hint = f"get it yourself, nothing is pulled here: {self.driver} pull {image}"
            raise ToolFailed(f"the image {image} is not there: {_said(found)}", hint=hint)

    def _refuse_elsewhere(self) -> None:
        places = {name: os.environ[name] for name in _ADDRESSES if name in os.environ}
        if self.driver == "docker" and not places:
            context = self._ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
            places = {"its context": context.stdout.strip()} if context.returncode == 0 else {}
        for name, place in places.items():
            if not place.startswith("unix://"):
                hint = f"let {name} name a socket of this machine: unix:///…"
                raise ToolFailed(
                    f"the engine is on another machine, says {name}: {place}; the files are here", hint=hint
                )

    @property
    def has_left(self) -> bool:
        """Whether there may be a container of this process's that could not be removed: a sweep is due."""
        return any(driver == self.driver for driver, _ in tuple(_LEFT))

    @asynccontextmanager
    async def removing(self, name: str, note: Path, program: str) -> AsyncIterator[None]:
        """End the block's container with it, whatever comes of it; raises ToolFailed when it may still be there."""
        said = ""
        try:
            try:
                yield
            finally:
                said = await finished(asyncio.to_thread(self._remove, name))
                if not _is_written(note):
                    _LEFT.add((self.driver, name))  # the engine may make it yet
        except ToolFailed as error:
            if said:
                raise self._left(name, error.message, said, error.match) from error
            raise
        if said:
            raise self._left(name, f"{program} has ended", said)

    def _left(self, name: str, what: str, said: str, match: Match | None = None) -> ToolFailed:
        hint = f"the next command in the sandbox tries again; by hand: {self.driver} rm --force {name}"
        return ToolFailed(f"{what}; its container {name} may still be there: {said}", match=match, hint=hint)

    def _remove(self, name: str) -> str:
        """End a container and all in it, if it is there; why it may still be there, and is remembered, else nothing."""
        said = ""
        for _ in range(_TRIES):
            if not (said := self._removal(name)):
                return ""
            time.sleep(_PAUSE)
        _LEFT.add((self.driver, name))
        return said

    def _removal(self, name: str) -> str:
        """Why a container may still be there; what the engine says of one that is gone is of no interest."""
        try:
            # Docker kills at once; podman would wait ten seconds first.
            at_once = ("--time", "0") if self.driver == "podman" else ()
            done = self._ask("rm", "--force", *at_once, name, seconds=_ENDING)
            if done.returncode == 0:
                return ""
            listed = self._ask("ps", "--all", "--filter", f"name={name}", "--format", "{{.Names}}", seconds=_ENDING)
        except ToolFailed as error:  # the command line is gone
            return error.message
        return _said(done) if listed.returncode or name in listed.stdout.split() else ""

    def sweep(self) -> None:
        """Remove what processes of ours left that are dead: a crash ends the command line, not its container.

        And what this one could not remove.
        """
        listed = self._ask("ps", "--all", "--filter", f"label={STEP_LABEL}", "--format", "{{.Names}}")
        if listed.returncode == 0:
            left = {name for driver, name in tuple(_LEFT) if driver == self.driver}
            _LEFT.difference_update((self.driver, name) for name in left)
            for name in listed.stdout.split():
                if name in left or _is_left(name):
                    self._remove(name)

    def _ask(self, *words: str, seconds: float = _SECONDS) -> subprocess.CompletedProcess[str]:
        argv = [self.program, *words]
        try:
            return subprocess.run(
                argv,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, -1, "", f"no answer in {seconds:g} s")
        except OSError as error:
            return subprocess.CompletedProcess(argv, -1, "", str(error))


async def made(process: asyncio.subprocess.Process, note: Path, seconds: float = _ENDING) -> None:
    """Wait until the engine has made a container, whose id its command line notes, or the command line has ended.

    One that is ended before takes nothing back: the engine goes on to make what could not be found and removed yet. A
    cancellation waits for this, so an engine that hangs is waited for a few seconds, and what it makes then is swept.
    """
    for _ in range(round(seconds / _LOOK)):
        if process.returncode is not None or _is_written(note):
            return
        await asyncio.sleep(_LOOK)


def _is_written(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """What the engine said when it refused."""
    return f"{(done.stderr.strip() or done.stdout.strip())[-500:]} (exit code {done.returncode})".strip()


def _is_deaf(info: str) -> bool:
    """Whether only the command line spoke: older ones of docker say so in their answer, and end well."""
    try:
        return bool(json.loads(info).get("ServerErrors"))
    except (ValueError, AttributeError):
        return False


def _not_held(driver: str, info: str) -> str:
    """Which limits of a container the engine says that it cannot hold."""
    try:
        told = json.loads(info)
        if driver == "docker":
            held = {"memory": told["MemoryLimit"], "processes": told["PidsLimit"]}
        else:
            controllers = told["host"]["cgroupControllers"] or ()
            held = {"memory": "memory" in controllers, "processes": "pids" in controllers}
    except (ValueError, KeyError, TypeError):
        return "limits: what it says of itself is not understood"
    return " and ".join(name for name, is_so in held.items() if not is_so)


def new_name() -> str:
    """A name that says whose the container is, so that a sweep knows when nobody waits for it any more."""
    return f"runner-{_whose()}-{os.getpid()}-{_begun(os.getpid())}-{secrets.token_hex(6)}"


def _is_left(name: str) -> bool:
    """Whether who started a container is known, as it can be seen from here, and is dead."""
    if not name.startswith(f"runner-{_whose()}-"):
        return False
    try:
        process, begun = map(int, name.split("-")[3:5])
    except ValueError:
        return False
    return begun > 0 and _begun(process) != begun


def _whose() -> str:
    """The user and the namespace of processes: others' processes are not seen, and are not dead for that."""
    try:
        return f"{os.geteuid()}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return f"{os.geteuid()}-0"


def _begun(process: int) -> int:
    """When a process was started, in the kernel's ticks; 0 when it is gone, or there is no /proc."""
    try:
        line = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return 0
    return int(line.rpartition(b")")[2].split()[19])
