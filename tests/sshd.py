"""Real OpenSSH servers on loopback: each with its own port and host key; one key of the tests lets in.

Made once a session; `Sshd.folder` holds the keys. What a test needs of ~/.ssh, it writes to a HOME of its own.
"""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_SERVER = "/usr/sbin/sshd"
_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {host_key}
AuthorizedKeysFile {authorized}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PermitUserEnvironment no
MaxStartups 200
MaxSessions 20
LogLevel VERBOSE
SetEnv HOME=/nonexistent
AllowTcpForwarding yes
"""


@dataclass(frozen=True)
class Sshd:
    """One server: where it listens, who may come in with which key, and the line of `known_hosts` that trusts it."""

    port: int
    user: str
    key: Path
    known: str
    log: Path
    process: subprocess.Popen[bytes]
    address: str = "127.0.0.1"

    @property
    def logins(self) -> int:
        """How many connections were let in."""
        return self.log.read_text().count("Accepted publickey")


def make_key(file: Path) -> Path:
    """A new key without passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(file)], check=True)
    return file


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def servers(folder: Path, count: int, *, settings: str = "") -> Iterator[list[Sshd]]:
    """So many servers, until the block ends; `settings` are lines of sshd_config that win over these."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it separates its privileges
    folder.chmod(0o755)
    key, host_key = make_key(folder / "user_key"), make_key(folder / "host_key")
    authorized = folder / "authorized_keys"
    authorized.write_text(key.with_suffix(".pub").read_text())
    started = [_start(folder, port, key, host_key, authorized, settings) for port in free_ports(count)]
    try:
        _until_up(started)
        yield started
    finally:
        for one in started:
            one.process.terminate()
        for one in started:
            one.process.wait()


def _start(folder: Path, port: int, key: Path, host_key: Path, authorized: Path, settings: str) -> Sshd:
    config, log = folder / f"sshd_{port}.conf", folder / f"sshd_{port}.log"
    config.write_text(settings + _CONFIG.format(port=port, host_key=host_key, authorized=authorized))
    process = subprocess.Popen(
        [_SERVER, "-D", "-f", str(config), "-E", str(log)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    kind, public, *_ = host_key.with_suffix(".pub").read_text().split()
    return Sshd(port, getpass.getuser(), key, f"[127.0.0.1]:{port} {kind} {public}\n", log, process)


def _until_up(started: Sequence[Sshd]) -> None:
    for one in started:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((one.address, one.port), timeout=5).close()
            except OSError:
                assert one.process.poll() is None, one.log.read_text()
                assert time.monotonic() < deadline, "sshd does not listen"
                time.sleep(0.02)
            else:
                break


def host_keys(folder: Path, started: Sequence[Sshd]) -> None:
    """Trust all of them in a project's folder."""
    (folder / "known_hosts").write_text("".join(one.known for one in started))


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Sshd]]:
    """Three servers for the whole session."""
    with servers(tmp_path_factory.mktemp("sshd"), 3) as started:
        yield started
