"""A daemon as a process of its own, and one that lives as long as the command that started it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from runner.cli import place
from runner.cli.client import Daemon, find
from runner.cli.display import safe
from runner.errors import RunnerError

HOST, PORT = "127.0.0.1", 8700
READY = 60.0
"""Seconds that it gets to be ready."""
GRACE = 70.0
"""Seconds that it gets to stop."""
PAUSE = 0.05


def command(root: Path, listen: str | None) -> list[str]:
    """How a daemon on a folder is started: without -P, a `yaml.py` that lies there would be imported as a library."""
    where = ["--listen", listen] if listen else []
    return [sys.executable, "-P", "-m", "runner", "-C", str(root), "up", *where]


class Child:
    """`runner up` on a folder, in a session of its own so that Ctrl-C does not reach it."""

    def __init__(self, root: Path) -> None:
        self._log = root / "daemon.log"
        argv = command(root, f"{HOST}:{_port()}")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self) -> Daemon:
        """The daemon once it answers; raises `RunnerError` with what it said when it ends before."""
        end = time.monotonic() + READY
        while self._process.poll() is None and time.monotonic() < end:
            found = find(place.storage())
            if found is not None:
                return found
            time.sleep(PAUSE)
        raise RunnerError(f"the daemon did not start: {safe(self._log.read_text(errors='replace')).strip()}")

    def wait_for_end(self) -> None:
        """Return when it has ended."""
        self._process.wait()

    def stop(self) -> None:
        """Tell it to stop, and make sure that it has."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _port() -> int:
    """The usual port, 0 for a free one when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT))
        except OSError:
            return 0
    return PORT
