"""The socket that the daemon listens on, bound before anybody is told of it; a taken port names who holds it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runner.errors import RunnerError, UsageError

_LISTENING = "0A"  # the state of a listening socket in /proc/net/tcp
_HINTS = {
    errno.EACCES: "a port below 1024 needs permission; try one above, such as 8700",
    errno.EADDRNOTAVAIL: "this machine has no such address; 127.0.0.1 is this machine alone, 0.0.0.0 all it has",
}


def bind(listen: str) -> socket.socket:
    """A socket bound to HOST:PORT; raises `UsageError` for an address that cannot be, `RunnerError` for a taken one."""
    host, port = split(listen)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise UsageError(f"{host} cannot be listened on: {error.strerror}", hint="try 127.0.0.1:8700") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)  # from here on nobody else gets the port
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise _explained(listen, port, error) from error
    return bound


def split(listen: str) -> tuple[str, int]:
    """(host, port) of HOST:PORT, an IPv6 address in brackets; raises `UsageError`."""
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port there is
        raise UsageError(f"{listen!r} is no address to listen on", hint="write HOST:PORT, such as 127.0.0.1:8700")
    return host, int(port)


def url_of(bound: socket.socket) -> str:
    """The address by which a client on this machine reaches a bound socket."""
    host, port = bound.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it listens is the file's word
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _explained(listen: str, port: int, error: OSError) -> RunnerError:
    if error.errno == errno.EADDRINUSE:
        holder = _holder(port)
        by = f" by {holder}" if holder else ""
        hint = "stop it, or take another: `runner up --listen 127.0.0.1:0` finds a free port"
        return RunnerError(f"{listen} cannot be listened on: the port is taken{by}", hint=hint)
    hint = _HINTS.get(error.errno or 0, "")
    return RunnerError(f"{listen} cannot be listened on: {error.strerror or error}", hint=hint)


def _holder(port: int) -> str:
    """The process that listens on a port, as far as this user may see it."""
    inodes = _inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        if not inodes.isdisjoint(_links(process / "fd")):
            with suppress(OSError):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


def _links(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        for link in folder.iterdir():
            with suppress(OSError):  # closed since
                yield str(link.readlink())


def _inodes(port: int) -> set[str]:
    """The sockets listening on a port, as the links of their descriptors say them."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{columns[9]}]")
    return found
