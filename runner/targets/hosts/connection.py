"""The one way to a host: no byte of a password, signature or command is sent before its key is known to be trusted.

fabric's own connection takes any key. Ours cannot: whatever client it is given, it keeps the one made here, whose rule
is to refuse.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import fabric  # type: ignore[import-untyped]  # it has no types
import paramiko

from runner.targets.hosts import known
from runner.targets.hosts.credentials import credentials, unopened

if TYPE_CHECKING:
    from fabric.config import Config  # type: ignore[import-untyped]  # likewise


_NOTHING_TO_SHOW = "No authentication methods available"
"""What the library says when there is neither a key nor a password; it has no class for it."""


class UntrustedKey(paramiko.SSHException):
    """A host shows a key that nobody has trusted, or another than the trusted one."""

    def __init__(self, host: str, name: str, key: paramiko.PKey, trusted: list[known.Trusted]) -> None:
        super().__init__(f"{name}: {key.get_name()} {known.fingerprint(key.asbytes())}")
        self.host = host
        """What `runner hosts trust` calls it."""
        self.name = name
        """What `known_hosts` calls it."""
        self.key = key
        self.trusted = trusted


class NotLetIn(paramiko.SSHException):
    """A trusted host takes nothing of what we showed; `tried` names it."""

    def __init__(self, host: str, who: str, tried: list[str], closed: list[str], error: paramiko.SSHException) -> None:
        super().__init__(str(error))
        self.host = host
        """What the project calls it."""
        self.who = who
        """`user@address:port`."""
        self.tried = tried
        self.takes: list[str] = getattr(error, "allowed_types", [])
        """The ways in which it may be shown who we are, where it has told them."""
        self.closed = closed
        """Files of encrypted keys that could not be opened."""


class _Refuse(paramiko.RejectPolicy):
    """Refuses, and tells which key it was."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> NoReturn:  # noqa: ARG002 - the library's
        raise UntrustedKey("", hostname, key, [])


class Client(paramiko.SSHClient):
    """A client that only connects to hosts whose key one of our files has."""

    def __init__(self, host: str, root: Path, secret: str) -> None:
        """`host` is what the project calls it, `secret` what its password is called."""
        super().__init__()
        self._host = host
        self._root = root
        self._secret = secret
        super().set_missing_host_key_policy(_Refuse())

    def set_missing_host_key_policy(self, policy: Any) -> None:
        """Refused: there is no other policy."""
        raise TypeError(f"hosts are never trusted by a policy, so not by {policy!r}")

    def connect(self, hostname: str, port: int = 22, **more: Any) -> None:  # type: ignore[override]  # as fabric calls it
        """Connect; raises `UntrustedKey` before anything of ours is sent, `NotLetIn` when all of it was refused."""
        name = known.entry_name(hostname, port)
        trusted = known.trusted(name, self._root)
        keys = self.get_host_keys()
        keys.clear()
        for entry in trusted:
            try:
                key = paramiko.PKey.from_type_string(entry.kind, base64.b64decode(entry.key))
            except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError):
                continue
            keys.add(paramiko_name(hostname, port), key.get_name(), key)
        try:
            super().connect(hostname, port, **more)
        except (paramiko.BadHostKeyException, UntrustedKey) as error:
            raise UntrustedKey(self._host, name, error.key, trusted) from error
        except paramiko.SSHException as error:
            if not isinstance(error, paramiko.AuthenticationException) and str(error) != _NOTHING_TO_SHOW:
                raise
            address = f"[{hostname}]" if ":" in hostname else hostname
            who = f"{more.get('username')}@{address}:{port}"
            raise NotLetIn(self._host, who, credentials(more, self._secret), unopened(more), error) from error


def paramiko_name(hostname: str, port: int) -> str:
    """The name by which the library looks a host up: its capitals are kept."""
    return hostname if port == paramiko.config.SSH_PORT else f"[{hostname}]:{port}"


class Connection(fabric.Connection):  # type: ignore[misc]  # likewise
    """A connection through our client; agents are never forwarded, and what it goes through is closed with it."""

    def __init__(self, host: str, name: str, root: Path, config: Config, *, secret: str = "", **more: Any) -> None:
        self._set(_ours=Client(host, root, secret))
        super().__init__(name, config=config, forward_agent=False, **more)

    @property
    def client(self) -> Client:
        """The client made here."""
        ours: Client = self.__dict__["_ours"]
        return ours

    @client.setter
    def client(self, other: object) -> None:
        """Not taken: fabric gives one that trusts every host."""

    def close(self) -> None:
        """Close it, also half-open, and the one it goes through."""
        self.client.close()
        self._set(transport=None)
        if isinstance(self.gateway, Connection):
            self.gateway.close()
