"""How a host is reached: what runner.yaml says of it, and where that is silent, ~/.ssh/config."""

from __future__ import annotations

import getpass
import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.errors import ToolFailed
from runner.secrets import REFERENCE, kept_by
from runner.targets.hosts.spec import HostSpec, secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import paramiko

    from runner.targets.hosts.connection import Connection

_MOST_JUMPS = 8


class Where(NamedTuple):
    """Where a host is, and as whom we come."""

    address: str
    port: int
    user: str


@dataclass(frozen=True)
class Dialer:
    """What is needed to reach the hosts of a project; the files of SSH are read anew for each connection."""

    hosts: Mapping[str, HostSpec]
    root: Path
    fill: Callable[[str], str]
    """Puts secrets in place of `${NAME}`."""

    def connect(self, name: str, seconds: float) -> Connection:
        """An open connection; blocks. Raises what the library raises, and `ToolFailed`."""
        connection = self.connection(name, seconds)
        try:
            connection.open()
        except BaseException:
            connection.close()
            raise
        return connection

    def connection(self, name: str, seconds: float, *, way: tuple[str, ...] = (), **more: Any) -> Connection:
        """A connection that is not open yet; `more` stands in place of all that shows who we are, secrets included."""
        if name in way or len(way) > _MOST_JUMPS:
            raise ToolFailed(f"{way[0]} is reached through itself: {' -> '.join([*way, name])}", match="unavailable")
        from fabric.config import Config  # type: ignore[import-untyped]  # it has no types

        from runner.targets.hosts.connection import Connection

        # The library writes a server's own words to standard error, escapes for terminals and all; we tell what failed.
        logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
        spec = self.hosts.get(name) or written(name)
        rules = ssh_config()
        connection = Connection(
            name,
            spec_name(name),
            self.root,
            Config(lazy=True, ssh_config=rules, overrides={"load_ssh_configs": False}),
            user=spec.user,
            port=spec.port,
            secret=spec.password or "",
            gateway=self._gateway(spec, rules.lookup(spec_name(name)), seconds, (*way, name)),
            connect_timeout=max(1, math.ceil(seconds)),
            connect_kwargs={"banner_timeout": seconds, "auth_timeout": seconds, **(more or self._keys(name, spec))},
        )
        if spec.address:
            connection.host = spec.address
        return connection

    def where(self, name: str) -> Where:
        """The address, port and user of a host; no secret is needed to know them."""
        spec, rules = self.hosts.get(name) or written(name), ssh_config().lookup(spec_name(name))
        return Where(
            spec.address or rules["hostname"],
            spec.port or int(rules.get("port", 22)),
            spec.user or rules.get("user") or getpass.getuser(),
        )

    def jumps(self, name: str) -> list[str]:
        """The hosts that it is reached through, the first one first."""
        spec = self.hosts.get(name) or written(name)
        jumps = spec.jump or ssh_config().lookup(spec_name(name)).get("proxyjump", "none")
        return [] if jumps == "none" else jumps.split(",")

    def _keys(self, name: str, spec: HostSpec) -> dict[str, Any]:
        """How we show who we are."""
        given: dict[str, Any] = {}
        if spec.key:
            file = self.root / Path(spec.key).expanduser()
            given |= {"key_filename": [str(file)], "allow_agent": False, "look_for_keys": False}
        if spec.password:
            given["password"] = self.secret(name, spec.password)
        return given

    def secret(self, name: str, text: str) -> str:
        """A password; raises `ToolFailed` when it has no value."""
        value = self.fill(text)
        if REFERENCE.fullmatch(value) or "\n" in value or "\0" in value:
            secret = secret_name(text)
            what = f"{name} needs the secret {secret}, which is not set"
            raise ToolFailed(what, match="unavailable", hint=kept_by(secret))
        return value

    def _gateway(
        self, spec: HostSpec, rules: Mapping[str, Any], seconds: float, way: tuple[str, ...]
    ) -> Connection | str | bool:
        """What the connection goes through: others of ours, the program of ProxyCommand, or nothing."""
        jumps = spec.jump or rules.get("proxyjump", "none")
        if jumps == "none":
            command: str | None = None if spec.jump else rules.get("proxycommand")
            return command or False
        last: Connection | bool = False
        for jump in jumps.split(","):
            following = self.connection(jump, seconds, way=way)
            if last:
                following.gateway = last
            last = following
        return last


def written(text: str) -> HostSpec:
    """The host that `user@address:port` means; of a name alone, ~/.ssh/config knows the rest."""
    user, _, rest = text.rpartition("@")
    address, colon, port = rest.rpartition(":")
    if not colon or not port.isdigit():
        return HostSpec(user=user or None)
    return HostSpec(user=user or None, address=address.strip("[]"), port=int(port))


def spec_name(text: str) -> str:
    """The name by which ~/.ssh/config knows `user@address:port`."""
    address = text.rpartition("@")[2]
    return (
        address.rpartition(":")[0].strip("[]") if address.rpartition(":")[2].isdigit() and ":" in address else address
    )


def ssh_config() -> paramiko.SSHConfig:
    """The rules of ~/.ssh/config and of the system, in this order: the first that says something holds."""
    import paramiko

    rules = paramiko.SSHConfig()
    home = Path(os.environ.get("HOME") or Path.home())
    for file in (home / ".ssh" / "config", Path("/etc/ssh/ssh_config")):
        if file.is_file():
            with file.open(encoding="utf-8") as lines:
                try:
                    rules.parse(lines)
                except paramiko.ConfigParseError as error:
                    raise ToolFailed(f"{file} cannot be read: {error}", match="unavailable") from error
    return rules
