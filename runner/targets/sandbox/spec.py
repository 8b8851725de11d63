"""The fields of `sandbox:` in runner.yaml: what a command in the sandbox may have."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from runner.spec import Items, Positive, Spec
from runner.spec.sizes import Size

_KIB = 1 << 10
_MIB = 1 << 20
_GIB = 1 << 30
LEAST_MEMORY = 16 * _MIB
"""Bytes in which the small programs of a system run."""
LEAST_ROOM = 4 * _KIB
"""Bytes of a file, or of /tmp: a page of memory, in which both are counted."""
LEAST_PROCESSES = 8
"""With which a shell can start something; what makes the sandbox counts as well."""
INSTALL = "install bubblewrap 0.8 or newer: apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap"
INSTALL_ENGINE = "install {driver}, start its engine, and let this user speak to it; or leave `driver` out: bubblewrap"
ONLY_COMMANDS = (
    "a server that is a program does not run in a container: with `sandbox.driver: {driver}` in runner.yaml it cannot "
    "be started; use bubblewrap, or `sandbox: false` inside `mcp:`, which runs it as yourself"
)


def _least(floor: int, written: str) -> AfterValidator:
    """A limit with which a small program at least runs: less would fail each call, and hardly say why."""

    def holds(limit: int) -> int:
        if limit < floor:
            raise ValueError(f"no program runs with so little; write {written} or more")
        return limit

    return AfterValidator(holds)


Memory = Annotated[Size, _least(LEAST_MEMORY, f"{LEAST_MEMORY // _MIB}MiB")]
Room = Annotated[Size, _least(LEAST_ROOM, f"{LEAST_ROOM // _KIB}KiB")]
Processes = Annotated[Positive, _least(LEAST_PROCESSES, str(LEAST_PROCESSES))]


class SandboxSpec(Spec):
    """What a command in the sandbox may have; each limit has a default, and none can be switched off."""

    driver: Literal["bubblewrap", "docker", "podman"] = "bubblewrap"
    """What makes it: bubblewrap, or a container engine by its command line; there is no way from one to another."""
    image: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$", max_length=500)] | None = None
    """The image of a container, which is there already: nothing is pulled. Its programs are the command's."""
    memory: Memory = 4 * _GIB
    """Address space of each process; of a container that has no `memory_total`, the memory of all together."""
    memory_total: Memory | None = None
    """Memory of all processes of a command together, by a control group; where there can be none, nothing is run."""
    processes: Processes = 256
    """Processes and threads of a command at one time."""
    cpu_seconds: Positive = 600
    """Seconds of processor time of each process; the time-out of the call holds besides."""
    file_size: Room = _GIB
    """How large a file that the command writes may become."""
    tmp_size: Room = 256 * _MIB
    """How much fits in /tmp, which begins empty for each command, and as much in /dev/shm."""
    network: bool = False
    """Whether the command may use this machine's network; without it there is only a loopback of its own."""
    read_only: Items[str] = ()
    """Files and folders that may be read besides the system's programs, as absolute paths or from `~`."""

    @model_validator(mode="after")
    def _container_has_an_image(self) -> Self:
        if self.driver != "bubblewrap" and self.image is None:
            msg = f"a container of {self.driver} is made of an image: name one that is there, as `image: NAME`"
            raise ValueError(msg)
        if self.driver == "bubblewrap" and self.image is not None:
            msg = "bubblewrap shows this machine's own programs and takes no `image`; name a `driver`, or leave it out"
            raise ValueError(msg)
        return self
