"""The tools of packs that name a server: what tools.d/mcp.lock says of them. Nothing is asked of the server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from runner.project.findings import Finding
from runner.spec.words import did_you_mean
from runner.tools.mcp.lock import FILE, Lock
from runner.tools.mcp.names import full_name
from runner.tools.mcp.tool import tool_of

if TYPE_CHECKING:
    from runner.project.findings import Loc
    from runner.project.packs import PackSpec
    from runner.project.settings import Settings
    from runner.tools.mcp.lock import LockedServer, LockedTool
    from runner.tools.mcp.spec import McpServerSpec
    from runner.tools.mcp.tool import McpTool

CODE = "mcp-lock"
FOLDER = "tools.d"
"""The folder of packs, and of their lock."""
_COMMENTS = re.compile(r"(?:#[^\n]*\n)+")


class ServerTools(NamedTuple):
    """The tools of one server by their whole names, and what is wrong."""

    tools: dict[str, tuple[str, McpTool]]
    findings: tuple[Finding, ...]


def lock_beside(file: str) -> str:
    """The name of the lock that a pack's file goes by."""
    return f"{file.rpartition('/')[0]}/{FILE}"


def server_tools(file: str, pack: str, spec: PackSpec, lock: bytes | None) -> ServerTools:
    """The tools that a pack has by the lock."""
    assert spec.mcp is not None  # noqa: S101 - asked of packs with a server only
    read = read_lock(lock_beside(file), lock)
    if isinstance(read, Finding):
        return ServerTools({}, (read,))
    server = read.servers.get(pack)
    if server is None:
        what = f"what the server's tools are is not known: {lock_beside(file)} says nothing of `{pack}`"
        return ServerTools({}, (_finding(file, ("mcp",), what, f"`runner mcp lock {pack}` asks the server"),))
    tools = {
        full_name(pack, short): ("mcp", tool_of(pack, spec.mcp, short, locked, spec.defaults))
        for short, locked in sorted(server.tools.items())
        if spec.mcp.takes(short)
    }
    return ServerTools(tools, tuple(_unknown(file, pack, spec.mcp, server)))


def outside(file: str, spec: McpServerSpec | None, settings: Settings) -> list[Finding]:
    """That a server would run outside of the sandbox, where nothing may."""
    if spec is None or spec.sandbox or settings.execute != "sandbox":
        return []
    what = "the server would run outside of the sandbox, and `execute: sandbox` in runner.yaml lets nothing do so"
    hint = "leave it out, and name what the server needs: `paths`, `read_only`, `network`"
    return [Finding("bad-value", file, ("mcp", "sandbox"), what, hint)]


def _unknown(file: str, pack: str, spec: McpServerSpec, server: LockedServer) -> list[Finding]:
    """Names in the pack that none of the server's tools has."""
    wanted: list[tuple[Loc, str]] = [(("mcp", "tools", name), name) for name in spec.tools]
    wanted += [(("mcp", "only", index), one.removeprefix("-")) for index, one in enumerate(spec.only or ())]
    return [
        _finding(file, loc, f"the server has no tool `{name}`", _nearest(name, pack, server.tools))
        for loc, name in wanted
        if name not in server.tools and not (name == "*" and loc[1] == "only")
    ]


def _nearest(name: str, pack: str, tools: dict[str, LockedTool]) -> str:
    short = name.removeprefix(f"{pack}_")
    wire = next((known for known, tool in tools.items() if tool.name == name), "")
    if short in tools or wire:
        return f"write `{wire or short}`, its name without the pack's"
    return did_you_mean(name, tools) or f"it has: {', '.join(tools) or 'none'}"


def read_lock(name: str, content: bytes | None) -> Lock | Finding:
    """The lock of that file name, empty when there is none; or what is wrong with it."""
    hint = "`runner mcp lock` writes it anew"
    if content is None:
        return Lock()
    try:
        return Lock.model_validate(json.loads(_without_comments(content.decode("utf-8-sig"))))
    except json.JSONDecodeError as error:
        return Finding(CODE, name, (), f"this is no JSON: {error.msg}", hint, place=(error.lineno, error.colno))
    except (UnicodeDecodeError, RecursionError):
        return Finding(CODE, name, (), "this is no JSON", hint, place=(1, 1))
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        return Finding(CODE, name, (), f"{where}: {first['msg']}", hint, place=(1, 1))


def _without_comments(text: str) -> str:
    """The text with its first lines blank where they are comments, so that all others keep their numbers."""
    return _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), text, count=1) if text.startswith("#") else text


def _finding(file: str, loc: Loc, what: str, hint: str) -> Finding:
    return Finding(CODE, file, loc, what, hint, at_key=True)
