"""The key that a host shows, without telling it who we are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import paramiko

from runner.targets.hosts import known
from runner.targets.hosts.connection import UntrustedKey
from runner.targets.hosts.faults import not_reached
from runner.targets.hosts.line import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.targets.hosts.connection import Connection
    from runner.targets.hosts.dialer import Dialer


@dataclass(frozen=True)
class Shown:
    """A key, the name that it belongs to in `known_hosts`, and what is trusted of that name until now."""

    name: str
    kind: str
    key: bytes
    trusted: Sequence[known.Trusted]
    is_trusted: bool


class _Seen(Exception):
    """The key was the trusted one; the connection ends here."""

    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__()
        self.key = key


class _Nobody(paramiko.auth_strategy.AuthStrategy):
    """Ends a connection where we would say who we are."""

    def __init__(self) -> None:
        super().__init__(ssh_config=paramiko.SSHConfig())

    def get_sources(self) -> Iterator[paramiko.auth_strategy.AuthSource]:
        """Nothing that could be shown."""
        return iter(())

    def authenticate(self, transport: paramiko.Transport) -> NoReturn:
        """Raises `_Seen`."""
        raise _Seen(transport.get_remote_server_key())


def shown_key(dialer: Dialer, host: str) -> Shown:
    """Which key a host shows; blocks. Raises `ToolFailed` when it, or a host on the way to it, cannot be reached."""
    try:
        connection = dialer.connection(host, PATIENCE, auth_strategy=_Nobody())
        try:
            return _ask(connection, host, dialer)
        finally:
            connection.close()
    except Exception as error:
        raise not_reached(host, error) from error


def _ask(connection: Connection, host: str, dialer: Dialer) -> Shown:
    name = known.entry_name(connection.host, connection.port)
    try:
        connection.open()
    except _Seen as seen:
        trusted = known.trusted(name, dialer.root)
        return Shown(name, seen.key.get_name(), seen.key.asbytes(), trusted, is_trusted=True)
    except UntrustedKey as error:
        if error.host == host:
            return Shown(name, error.key.get_name(), error.key.asbytes(), error.trusted, is_trusted=False)
        raise
    raise paramiko.SSHException("it lets in somebody who is nobody")
