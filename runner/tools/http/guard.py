"""Which addresses a request may reach: public ones, and those that the tool's file names.

A name is resolved once for each connection, every address that it leads to is judged, and the connection goes to one
of those: no second look-up can lead elsewhere. What the file allows is a host or address, a network, or one of them
with a port.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias

from runner.errors import ToolFailed

IP: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as texts; OSError when there are none."""

PORTS = frozenset({80, 443})
_UNICAST = IPv6Network("2000::/3")
_CARRIERS = {
    IPv6Network("::ffff:0:0/96"): 0,
    IPv6Network("64:ff9b::/96"): 0,
    IPv6Network("::/96"): 0,
    IPv6Network("2002::/16"): 80,
}
"""Networks whose addresses carry one of IPv4, and how many bits stand behind it."""
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
"""Public by the tables of some versions of Python: protocols' own, Teredo among them, relays, documentation."""
_ALLOWED = re.compile(r"(\[[^\]]+\]|[^:\[\]]+)(?::(\d{1,5}))?")


class Allowed(NamedTuple):
    """One entry of `allow`."""

    host: str
    """In small letters; empty when it is a network."""
    network: IPv4Network | IPv6Network | None
    port: int | None

    @classmethod
    def of(cls, text: str) -> Allowed:
        """Read an entry; raises ValueError."""
        found = _ALLOWED.fullmatch(text)
        bare, port = (found[1].strip("[]"), found[2]) if found else (text, None)
        try:
            return cls("", ip_network(bare), int(port) if port else None)
        except ValueError as error:
            if not found or not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z_-][A-Za-z0-9_.-]*)?", bare):
                msg = f"{text!r} is no host, address or network; write nas.lan, 10.0.0.5:8080 or 10.0.0.0/24"
                raise ValueError(msg) from error
        return cls(bare.lower(), None, int(port) if port else None)

    def has(self, host: str, address: IP) -> bool:
        """Whether it names this host or address."""
        return host == self.host if self.network is None else address in self.network


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """What the machine's own resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Judges where connections go: `ports` are those that any public address may be reached at."""

    def __init__(
        self, allow: Sequence[str] = (), ports: frozenset[int] = PORTS, resolve: Resolve = system_resolve
    ) -> None:
        self._allow = [Allowed.of(text) for text in allow]
        self._ports = ports
        self._resolve = resolve

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect for a host, all of it judged; raises ToolFailed."""
        bare = host.strip("[]").rstrip(".")
        try:
            found = await self._resolve(bare, port)
        except (OSError, UnicodeError) as error:
            raise ToolFailed(f"there is no host {bare}", match="unavailable") from error
        if not found:
            raise ToolFailed(f"there is no host {bare}", match="unavailable")
        for text in found:
            self._judge(bare, port, ip_address(text))
        return list(found)

    def _judge(self, host: str, port: int, address: IP) -> None:
        plain = unmapped(address)
        named = [entry for entry in self._allow if entry.has(host, plain) or entry.has(host, address)]
        if not named and not is_public(address):
            led = "" if host == str(address) else f"it leads to {address}, which "
            raise ToolFailed(
                f"{host} is refused: {led or 'it '}is no public address",
                match="policy",
                hint="only public addresses are asked; a person can name it under `allow` in the tool's file",
            )
        ports = {entry.port for entry in named if entry.port} if named else set()
        if port not in (ports or self._ports):
            raise ToolFailed(
                f"{host} is refused at port {port}",
                match="policy",
                hint=f"the ports that may be asked are {', '.join(map(str, sorted(ports or self._ports)))}",
            )


def unmapped(address: IP) -> IP:
    """The IPv4 address that one of IPv6 carries, else the address itself."""
    if isinstance(address, IPv6Address):
        for network, behind in _CARRIERS.items():
            if address in network:
                return IPv4Address(int(address) >> behind & 0xFFFFFFFF)
    return address


def is_public(address: IP) -> bool:
    """Whether anyone on the internet could be meant; what carries another address is as public as that one."""
    plain = unmapped(address)
    if not plain.is_global or plain.is_multicast or any(plain in network for network in _SPECIAL):
        return False
    return isinstance(plain, IPv4Address) or plain in _UNICAST
