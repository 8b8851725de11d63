"""The fields of a host, and the names that hosts and groups may have."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from runner.secrets import REFERENCE
from runner.spec import Duration, Items, Positive, Spec

EVERY = "hosts"
"""The group that every host is in."""
RESERVED = ("local", "sandbox", EVERY)
"""Words of selectors that no host may be called."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_GROUP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


def host_name(name: str) -> str:
    """A host's name, as selectors and `runner hosts` take it."""
    if name in RESERVED:
        raise ValueError(f"no host can be called `{name}`: the word has a meaning of its own; call it `{name}1`")
    if not _HOST.fullmatch(name):
        raise ValueError(
            f"`{name}` is no host's name; write letters, digits, `.`, `_` and `-`, such as web1.example.org"
        )
    return name


def group_name(name: str) -> str:
    """A group's name, as `group:NAME` takes it."""
    if not _GROUP.fullmatch(name):
        raise ValueError(f"`{name}` is no group's name; write letters, digits, `_` and `-`, such as web")
    return name


def _without_port(text: str) -> str:
    """An address; an IPv6 address has colons of its own."""
    address, port = re.fullmatch(r"(?:\[(.*)\]|[^:]*):(\d+)", text), text.rpartition(":")[2]
    if address:
        bare = address[1] or text.rpartition(":")[0]
        raise ValueError(f"`{text}` holds a port; the port goes into `port:`: write address: {bare}, port: {port}")
    return text


def _reference(text: object) -> str:
    """A password: where it is found, never itself."""
    if not isinstance(text, str) or not REFERENCE.fullmatch(text):
        raise ValueError(
            "a password never stands in a file; write ${NAME}, and keep its value by `runner secrets set NAME`"
        )
    return text


def secret_name(password: str) -> str:
    """The name of the secret that a password is written as: `${NAME}`."""
    return password[2:-1]


HostName = Annotated[str, AfterValidator(host_name)]
GroupName = Annotated[str, AfterValidator(group_name)]
Address = Annotated[str, Field(pattern=r"^[^\s@/-][^\s@/]*$"), AfterValidator(_without_port)]
Password = Annotated[str, BeforeValidator(_reference)]
Port = Annotated[int, Field(ge=1, le=65535)]


class HostSpec(Spec):
    """A machine that commands run on over SSH; what is left out is taken from ~/.ssh/config."""

    address: Address | None = None
    """Its name in DNS or its IP address; left out, HostName of ~/.ssh/config, or the host's own name."""
    port: Port | None = None
    """The port of its SSH server; left out, that of ~/.ssh/config, or 22."""
    user: str | None = Field(default=None, pattern=r"^[^\s@:-][^\s@:]*$")
    """Who commands run as there; left out, that of ~/.ssh/config, or the user of the daemon."""
    groups: Items[GroupName] = ()
    """Groups it is in, for `group:NAME`; every host is in the group `hosts`."""
    key: str | None = None
    """The file of the private key, from the project's root or `~`; left out, the agent and the keys of ~/.ssh."""
    password: Password | None = None
    """The password of the user, or of an encrypted key, as ${NAME}; left out, only keys are used."""
    sudo_password: Password | None = None
    """The password that sudo asks for there, as ${NAME}; left out, sudo must ask for none."""
    jump: str | None = Field(default=None, pattern=r"^[^\s-]\S*$")
    """The host to go through: one of `hosts:`, or user@address:port; several are divided by commas."""
    idle: Duration = 60.0
    """How long a connection that nobody uses stays open."""
    channels: Positive = 8
    """How many commands run there at once; OpenSSH takes 10 by default, and one is needed to stop another."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets that it needs."""
        return tuple(dict.fromkeys(map(secret_name, filter(None, (self.password, self.sudo_password)))))
