"""Our client as the conformance suite starts it: the last argument is the server's address.

The suite says in MCP_CONFORMANCE_SCENARIO what it looks at; and in MCP_CONFORMANCE_CONTEXT which calls it wants.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from runner.errors import ToolFailed
from runner.tools.mcp.http import Address
from runner.tools.mcp.locking import Asked, ask
from runner.tools.mcp.server import McpServer
from runner.tools.mcp.spec import Lifecycle

ARGUMENTS: dict[str, Any] = {"string": "text", "integer": 5, "number": 5, "boolean": True, "array": [], "object": {}}


def main() -> int:
    """Lock what the server lists, then call every tool once; 1 when the server cannot be asked."""
    url = sys.argv[-1]
    legacy = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", "") < "2026"
    try:
        asyncio.run(_act(url, legacy=legacy))
    except ToolFailed as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


async def _act(url: str, *, legacy: bool) -> None:
    found = await ask("suite", Address("suite", url, {}), legacy=legacy)
    tools = found.locked.tools.values()
    pins = {tool.name: tool.sha256 for tool in tools}
    server = McpServer("suite", lambda: Address("suite", url, {}), pins, Lifecycle(), legacy=legacy)
    try:
        await _call(server, found)
    finally:
        await server.close()


async def _call(server: McpServer, found: Asked) -> None:
    wanted = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}")).get("toolCalls", [])
    calls = [(one["name"], one["arguments"]) for one in wanted] or [
        (tool.name, {name: _value(schema) for name, schema in tool.params["properties"].items()})
        for tool in found.locked.tools.values()
    ]
    for tool, given in calls:
        told = {name: value for name, value in given.items() if value is not None}
        try:
            print(tool, (await server.call(tool, told, 20)).output)
        except ToolFailed as error:
            print(tool, error.message, file=sys.stderr)


def _value(schema: dict[str, Any]) -> Any:
    """Something that fits a simple schema."""
    if "enum" in schema:
        return schema["enum"][0]
    return ARGUMENTS.get(schema.get("type", "string"), "text")


if __name__ == "__main__":
    sys.exit(main())
