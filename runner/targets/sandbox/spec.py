"""The fields of `sandbox:` in runner.yaml: what a command in the sandbox may have."""

from __future__ import annotations

from runner.spec import Items, Positive, Spec
from runner.spec.sizes import Size

_MIB = 1 << 20
_GIB = 1 << 30
INSTALL = "install bubblewrap 0.8 or newer: apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap"


class SandboxSpec(Spec):
    """What a command in the sandbox may have; each limit has a default, and none can be switched off."""

    memory: Size = 4 * _GIB
    """Address space of each process."""
    memory_total: Size | None = None
    """Memory of all processes of a command together, by a control group; where there can be none, nothing is run."""
    processes: Positive = 256
    """Processes and threads of a command at one time."""
    cpu_seconds: Positive = 600
    """Seconds of processor time of each process; the time-out of the call holds besides."""
    file_size: Size = _GIB
    """How large a file that the command writes may become."""
    tmp_size: Size = 256 * _MIB
    """How much fits in /tmp, which begins empty for each command, and as much in /dev/shm."""
    network: bool = False
    """Whether the command may use this machine's network; without it there is only a loopback of its own."""
    read_only: Items[str] = ()
    """Files and folders that may be read besides the system's programs, as absolute paths or from `~`."""
