"""Ask servers what their tools are, and compare it with what was agreed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.spec.cuts import begin_of
from runner.tools.mcp.connection import START, Connection
from runner.tools.mcp.hidden import escaped
from runner.tools.mcp.lock import Lock, LockedServer, agreed

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.tools.mcp.connection import Link


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server says now."""

    locked: LockedServer
    refused: dict[str, str]
    """Tools that cannot be taken, by the server's names for them, and why."""
    flagged: dict[str, str]
    """Tools that a person should look at, and why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a server's tools since they were agreed on."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


async def ask(pack: str, link: Link, *, legacy: bool, seconds: float = START) -> Asked:
    """Connect, list the tools, and say goodbye; raises ToolFailed."""
    connection = Connection(link, legacy=legacy, seconds=seconds)
    try:
        await connection.open()
        info, protocol = connection.client.server_info, connection.client.protocol_version
    finally:
        await connection.close()
    found = agreed(pack, connection.listed)
    server = begin_of(escaped(f"{info.name} {info.version}".strip()), 200) if info else ""
    locked = LockedServer(server=server, protocol=protocol, tools=found.tools)
    return discreet(Asked(locked, found.refused, found.flagged), link.redact)


def discreet(asked: Asked, redact: Callable[[Any], Any]) -> Asked:
    """The same without secrets: a tool that tells one cannot be agreed on, as the lock is for everybody to read."""
    told = {name: tool for name, tool in asked.locked.tools.items() if _tells([name, tool.model_dump()], redact)}
    kept = {name: tool for name, tool in asked.locked.tools.items() if name not in told}
    refused = {tool.name: "what it says of itself holds a secret that the server was given" for tool in told.values()}
    server = asked.locked.model_copy(update={"server": redact(asked.locked.server), "tools": kept})
    return Asked(server, redact(asked.refused | refused), redact(asked.flagged))


def _tells(said: Any, redact: Callable[[Any], Any]) -> bool:
    return bool(redact(said) != said)


def difference(before: LockedServer | None, now: LockedServer) -> Difference:
    """What is new, was changed, and is gone."""
    former = before.tools if before else {}
    both = former.keys() & now.tools.keys()
    return Difference(
        sorted(now.tools.keys() - former.keys()),
        sorted(name for name in both if former[name] != now.tools[name]),
        sorted(former.keys() - now.tools.keys()),
    )


def merged(before: Lock, asked: dict[str, Asked], packs: set[str]) -> Lock:
    """The lock with what was asked in place of what it said; servers without a pack leave it."""
    kept = {name: server for name, server in before.servers.items() if name in packs}
    return Lock(servers=kept | {name: one.locked for name, one in asked.items()})
