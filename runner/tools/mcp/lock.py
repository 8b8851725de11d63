"""tools.d/mcp.lock: what was agreed on of each server's tools, and the digest of what the server said of each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field

from runner.spec import Name, Spec
from runner.tools.mcp import schemas
from runner.tools.mcp.hidden import escaped, has_hidden
from runner.tools.mcp.names import short_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "mcp.lock"
HEAD = "# What the servers' tools are: written by `runner mcp lock`, read in their place, to be committed.\n"
LONGEST_TEXT = 4_000
"""Characters of a description that are kept."""
_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


class LockedTool(Spec):
    """A tool as it was agreed on."""

    name: str = Field(min_length=1)
    """What the server calls it."""
    description: str
    """What the server says of it, hidden characters spelled out."""
    params: dict[str, Any]
    """What it takes: `properties` in JSON Schema, and what is `required`."""
    annotations: dict[str, bool]
    """The server's word on what it does."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The digest of all that the server said of it."""


class LockedServer(Spec):
    """A server as it was agreed on."""

    server: str
    """What it calls itself, and its version."""
    protocol: str
    """The version of the protocol that was spoken."""
    tools: dict[Name, LockedTool]
    """Its tools, by their names without the pack's."""


class Lock(Spec):
    """The servers by the names of their packs."""

    servers: dict[Name, LockedServer] = Field(default={})

    def text(self) -> str:
        """The file's content."""
        return HEAD + json.dumps(self.model_dump(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as a server lists it now."""

    name: str
    description: str = ""
    schema: Any = field(default_factory=dict)
    output: Any = None
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The digest of all that was said of it."""
        said = [self.name, self.description, self.schema, self.output, dict(self.annotations)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Agreed:
    """The tools that can be taken, why others cannot, and what a person should look at."""

    tools: dict[str, LockedTool]
    refused: dict[str, str]
    flagged: dict[str, str]


def agreed(pack: str, listed: Iterable[Listed]) -> Agreed:
    """What of a server's tools can be locked."""
    found = Agreed({}, {}, {})
    tools: dict[str, Listed] = {}
    for one in listed:
        if not one.name or has_hidden(one.name) or one.name in tools:
            found.refused[escaped(one.name)] = "its name cannot be read, or two tools have it"
            tools.pop(one.name, None)
        elif escaped(one.name) not in found.refused:
            tools[one.name] = one
    for wire, short in sorted(short_names(pack, tools).items()):
        try:
            found.tools[short] = _locked(tools[wire])
        except schemas.Unusable as why:
            found.refused[wire] = str(why)
            continue
        if flag := _flag(tools[wire]):
            found.flagged[wire] = flag
    return found


def changes(pins: Mapping[str, str], listed: Iterable[Listed]) -> dict[str, str]:
    """Why tools that were agreed on (wire name -> digest) may not be used any more."""
    now: dict[str, set[str]] = {}
    for one in listed:
        now.setdefault(one.name, set()).add(one.digest)
    found = {}
    for name, digest in pins.items():
        if name not in now:
            found[name] = "the server does not have it any more"
        elif now[name] != {digest}:
            found[name] = "the server says something else of it than what was agreed on"
    return found


def _locked(tool: Listed) -> LockedTool:
    return LockedTool(
        name=tool.name,
        description=_cut(escaped(tool.description).strip()) or tool.name,
        params=schemas.whole(tool.schema),
        annotations={hint: value for hint in _HINTS if isinstance(value := tool.annotations.get(hint), bool)},
        sha256=tool.digest,
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} […]"


def _flag(tool: Listed) -> str:
    if has_hidden(tool.description) or has_hidden(json.dumps(tool.schema, ensure_ascii=False)):
        return "what it says of itself holds characters that nobody sees; they are spelled out"
    if len(tool.description) > LONGEST_TEXT:
        return f"its description has {len(tool.description):,} characters; {LONGEST_TEXT:,} are kept"
    return ""
