"""The way to a server, of what its pack says."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.targets.lasting import direct

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from runner.targets.lasting import Program as Wanted
    from runner.targets.sandbox.container import Container
    from runner.targets.sandbox.sandbox import Sandbox
    from runner.tools.mcp.connection import Link
    from runner.tools.mcp.spec import McpServerSpec

DIRECTLY = "or run it as yourself, with all that you may read and reach: `sandbox: false` inside `mcp:`"


def link_of(
    name: str,
    spec: McpServerSpec,
    *,
    env: Mapping[str, str],
    headers: Mapping[str, str],
    cwd: Path,
    owner: str,
    sandbox: Sandbox | Container,
) -> Link:
    """A way that was not gone yet; `env` and `headers` have their secrets, `sandbox` is for a program."""
    if spec.command is not None:
        from runner.tools.mcp.stdio import Program

        start = partial(_walled, spec, sandbox) if spec.sandbox else direct
        return Program(name, spec.command, cwd, env, owner, start)
    from runner.tools.mcp.http import Address

    return Address(name, spec.url or "", headers)


@asynccontextmanager
async def _walled(
    spec: McpServerSpec, sandbox: Sandbox | Container, program: Wanted
) -> AsyncIterator[asyncio.subprocess.Process]:
    """In the sandbox, or not at all."""
    from runner.targets.sandbox.views import Access

    if reason := await asyncio.to_thread(sandbox.available):
        what = f"a server that is a program runs in the sandbox, and none can be made: {reason}"
        raise ToolFailed(what, match="unavailable", hint=DIRECTLY)
    async with sandbox.process(program, Access(spec.paths, spec.read_only)) as process:
        yield process
