"""A container engine by its command line: whether it answers, and the end of containers that nobody waits for."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from runner.errors import ToolFailed
from runner.targets.sandbox.spec import INSTALL_ENGINE

STEP_LABEL = "runner.step"
_ENGINES_OWN = (
    *("PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"),
    *("DOCKER_HOST", "DOCKER_CONFIG", "CONTAINER_HOST"),
)
_ADDRESSES = ("DOCKER_HOST", "CONTAINER_HOST")
_SECONDS = 20.0
"""In which the engine must have answered a question."""


class Engine:
    """The command line `docker` or `podman`."""

    def __init__(self, driver: str) -> None:
        self.driver = driver

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
        """Ask the engine and look for the image; raises ToolFailed with the reason."""
        for name in _ADDRESSES:
            if not os.environ.get(name, "unix://").startswith("unix://"):
                hint = f"unset {name}, or let it name a socket of this machine: unix:///…"
                raise ToolFailed(f"the engine that {name} names is on another machine, the files are here", hint=hint)
        if code_and_words := self._failed("info"):
            hint = INSTALL_ENGINE.format(driver=self.driver)
            raise ToolFailed(f"the engine of {self.driver} does not answer: {code_and_words}", hint=hint)
        if code_and_words := self._failed("image", "inspect", image):
            hint = f"get it yourself, nothing is pulled here: {self.driver} pull {image}"
            raise ToolFailed(f"the image {image} is not there: {code_and_words}", hint=hint)

    def remove(self, name: str) -> None:
        """End a container and all in it, if it is there; what the engine says to that is of no interest."""
        self._ask("kill", name)
        self._ask("rm", "-f", name)

    def sweep(self) -> None:
        """Remove what processes of ours left that are dead: a crash ends the command line, not its container."""
        listed = self._ask("ps", "--all", "--filter", f"label={STEP_LABEL}", "--format", "{{.Names}}")
        if listed.returncode == 0:
            for name in listed.stdout.split():
                if _is_left(name):
                    self.remove(name)

    def _failed(self, *words: str) -> str:
        """What the engine said when it refused; empty when it did not."""
        done = self._ask(*words)
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        return f"{said} (exit code {done.returncode})".strip() if done.returncode else ""

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [self.program, *words]
        try:
            return subprocess.run(
                argv,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, -1, "", f"no answer in {_SECONDS:g} s")
        except OSError as error:
            return subprocess.CompletedProcess(argv, -1, "", str(error))


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
