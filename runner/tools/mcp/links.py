"""The way to a server, of what its pack says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runner.tools.mcp.connection import Link
    from runner.tools.mcp.spec import McpServerSpec


def link_of(
    name: str,
    spec: McpServerSpec,
    *,
    env: Mapping[str, str],
    headers: Mapping[str, str],
    cwd: Path,
    owner: str,
    launcher: Sequence[str] = (),
) -> Link:
    """A way that was not gone yet; `env` and `headers` have their secrets, `launcher` are the words of a sandbox."""
    if spec.command is not None:
        from runner.tools.mcp.stdio import Program

        return Program(name, spec.command, cwd, env, owner, launcher)
    from runner.tools.mcp.http import Address

    return Address(name, spec.url or "", headers)
