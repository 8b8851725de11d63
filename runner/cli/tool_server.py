"""The server that brings a tool, as `runner tools show` tells it: how it is reached, its state, what was agreed on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from runner.cli import place
from runner.cli.client import find
from runner.cli.sheet import fact
from runner.errors import RunnerError
from runner.project.servers import FOLDER
from runner.tools.mcp.lock import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.tools.mcp.spec import McpServerSpec


def faults_of_servers() -> dict[str, str]:
    """What the daemon, if one is up, says against servers and their tools: only it has seen them."""
    try:
        daemon = find(place.storage())
        unavailable: Mapping[str, str] = daemon.health()["unavailable"] if daemon else {}
    except RunnerError:
        return {}  # it has just gone
    return dict(unavailable)


def show_server(about: Mapping[str, Any], spec: McpServerSpec) -> None:
    """Print it."""
    does = about["does"]
    fact("server", f"{spec.url or shlex.join(spec.command or ())}{_walls(spec)}")
    for name in ("env", "headers"):
        fact(name, ", ".join(does["server"].get(name, ())))
    fact("state", _state(about, spec))
    fact("its name", f"{does['mcp']}, as the server calls it")
    fact("pinned", f"sha256 {does['sha256']} in {FOLDER}/{FILE}")


def _walls(spec: McpServerSpec) -> str:
    if not spec.command:
        return ""
    network = "with" if spec.network else "without"
    return f", in the sandbox {network} network" if spec.sandbox else ", outside of the sandbox"


def _state(about: Mapping[str, Any], spec: McpServerSpec) -> str:
    if about["unavailable"]:
        return f"unavailable: {about['unavailable']}"
    return "started with the project and kept up" if spec.lifecycle.required else "started by the first call"
