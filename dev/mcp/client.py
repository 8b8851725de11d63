"""Our client as the conformance suite starts it: the last argument is the server's address.

The suite says in MCP_CONFORMANCE_SCENARIO what it looks at; and in MCP_CONFORMANCE_CONTEXT which calls it wants, and
who we are. Where a person has to agree, a browser without one goes where it is told, as by `runner mcp login`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import httpx2

from runner.errors import ToolFailed
from runner.tools.mcp.http import Address
from runner.tools.mcp.links import address_of
from runner.tools.mcp.locking import Asked, ask
from runner.tools.mcp.server import McpServer
from runner.tools.mcp.spec import Lifecycle, McpServerSpec

ARGUMENTS: dict[str, Any] = {"string": "text", "integer": 5, "number": 5, "boolean": True, "array": [], "object": {}}
CONTEXT: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
SCENARIO = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
ROOT = Path(mkdtemp(prefix="mcp-suite-"))
"""The folder of a project that keeps a login."""


def main() -> int:
    """Lock what the server lists, then call every tool once; 1 when the server cannot be asked."""
    os.environ["XDG_CONFIG_HOME"] = str(ROOT)
    legacy = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", "") < "2026"
    try:
        asyncio.run(_act(sys.argv[-1], legacy=legacy))
    except ToolFailed as error:
        print(error.message, error.hint, sep="\n", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(ROOT)
    return 0


async def _act(url: str, *, legacy: bool) -> None:
    spec = McpServerSpec.model_validate({"url": url, "auth": _auth(url)})
    if spec.auth and spec.auth.authorization_code:
        spec = await _logged_in(spec, legacy=legacy)
    found = await ask("suite", _link(spec), legacy=legacy)
    tools = found.locked.tools.values()
    pins = {tool.name: tool.sha256 for tool in tools}
    server = McpServer("suite", lambda: _link(spec), pins, Lifecycle(), legacy=legacy)
    try:
        await _call(server, found)
    finally:
        await server.close()


def _auth(url: str) -> dict[str, Any] | None:
    """The grant that the scenario is about, as a pack says it."""
    if not SCENARIO.startswith("auth/"):
        return None
    if "client-credentials" not in SCENARIO:
        known = {name: CONTEXT[name] for name in ("issuer", "client_id") if name in CONTEXT}
        proof = {"client_secret": "${KEY}"} if known and "client_secret" in CONTEXT else {}
        return {"authorization_code": {**known, **proof}}
    proof = {"private_key": "${KEY}"} if "private_key_pem" in CONTEXT else {"client_secret": "${KEY}"}
    return {"client_credentials": {"issuer": _issuer(url), "client_id": CONTEXT["client_id"], **proof}}


def _issuer(url: str) -> str:
    """The authorization server, looked up as a person would who writes the pack."""
    address = httpx2.URL(url)
    found = httpx2.get(address.copy_with(path=f"/.well-known/oauth-protected-resource{address.path}"))
    return str(found.json()["authorization_servers"][0])


def _link(spec: McpServerSpec) -> Address:
    return address_of("suite", spec, fill=_fill, root=ROOT)


def _fill(text: str) -> str:
    return text.replace("${KEY}", CONTEXT.get("private_key_pem") or CONTEXT.get("client_secret") or "")


async def _logged_in(spec: McpServerSpec, *, legacy: bool) -> McpServerSpec:
    """The pack after a login; where an authorization server is at a port of its own, the hint is followed."""
    try:
        await _log_in(spec, legacy=legacy)
    except ToolFailed as error:
        refused = re.search(r"allow: \['(.*?)'\]", error.hint)
        if refused is None:
            raise
        said = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        grant = said["auth"]["authorization_code"]
        grant["allow"] = [*grant.get("allow", []), refused[1]]
        return await _logged_in(McpServerSpec.model_validate(said), legacy=legacy)
    return spec


async def _log_in(spec: McpServerSpec, *, legacy: bool) -> None:
    from runner.tools.mcp.oauth import kept
    from runner.tools.mcp.oauth.landing import Landing
    from runner.tools.mcp.oauth.login import ByPerson

    def browse(address: str) -> None:
        Thread(target=httpx2.get, args=[address], kwargs={"follow_redirects": True}, daemon=True).start()

    assert spec.url is not None  # noqa: S101 - all servers of the suite are at an address
    assert spec.auth is not None  # noqa: S101 - it takes a login
    assert spec.auth.authorization_code is not None  # noqa: S101 - likewise
    async with Landing() as landing:
        person = ByPerson(spec.url, spec.auth.authorization_code, _fill, browse, landing)
        await ask("suite", Address("suite", spec.url, {}, spec.auth, person), legacy=legacy)
    if left := person.login():
        kept.write("suite", left, ROOT)


async def _call(server: McpServer, found: Asked) -> None:
    wanted = CONTEXT.get("toolCalls", [])
    calls = [(one["name"], one["arguments"]) for one in wanted] or [
        (tool.name, {name: _value(schema) for name, schema in tool.params["properties"].items()})
        for tool in found.locked.tools.values()
    ]
    for tool, given in calls:
        told = {name: value for name, value in given.items() if value is not None}
        try:
            print(tool, (await server.call(tool, told, 20)).output)
        except ToolFailed as error:
            print(tool, error.message, error.hint, file=sys.stderr)


def _value(schema: dict[str, Any]) -> Any:
    """Something that fits a simple schema."""
    if "enum" in schema:
        return schema["enum"][0]
    return ARGUMENTS.get(schema.get("type", "string"), "text")


if __name__ == "__main__":
    sys.exit(main())
