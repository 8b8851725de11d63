"""Servers that others wrote: the reference servers from npm, and one made with the library, by pipes and by HTTP."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runner.errors import ToolFailed
from runner.tools.mcp.http import Address
from runner.tools.mcp.locking import ask
from runner.tools.mcp.server import McpServer
from runner.tools.mcp.spec import Lifecycle
from tests.tools.mcp.acting import HERE, NOTES, asked, from_npm, processes, program


def test_the_server_everything(tmp_path: Path) -> None:
    """Texts, structured data, images, links and failures of the reference server."""

    async def act(server: McpServer) -> dict[str, object]:
        found: dict[str, object] = {
            tool: (await server.call(tool, given, 20)).output
            for tool, given in (
                ("echo", {"message": "hello"}),
                ("get-structured-content", {"location": "Chicago"}),
                ("get-tiny-image", {}),
                ("get-resource-links", {"count": 1}),
                ("get-resource-reference", {"resourceType": "Text", "resourceId": 1}),
            )
        }
        with pytest.raises(ToolFailed) as caught:
            await server.call("trigger-long-running-operation", {"duration": 60, "steps": 1}, 0.2)
        return {**found, "late": caught.value.match}

    found = asked(from_npm("server-everything"), tmp_path, act)
    assert found["echo"] == {"text": "Echo: hello"}
    assert found["get-structured-content"]["data"].keys() == {"temperature", "conditions", "humidity"}  # type: ignore[index]
    assert "[image image/png, 4,033 bytes]" in found["get-tiny-image"]["text"]  # type: ignore[index]
    assert "[link " in found["get-resource-links"]["text"]  # type: ignore[index]
    assert "[resource demo://" in found["get-resource-reference"]["text"]  # type: ignore[index]
    assert found["late"] == "timeout"
    assert processes() == []


def test_the_server_filesystem(tmp_path: Path) -> None:
    """It reads in its folder and refuses outside; its word stands in the failure."""
    (tmp_path / "note.txt").write_text("bread, milk")

    async def act(server: McpServer) -> tuple[str, str]:
        read = await server.call("read_text_file", {"path": str(tmp_path / "note.txt")}, 20)
        with pytest.raises(ToolFailed) as caught:
            await server.call("read_text_file", {"path": "/etc/shadow"}, 20)
        return read.output["text"], caught.value.message

    text, refusal = asked(from_npm("server-filesystem", str(tmp_path)), tmp_path, act)
    assert text == "bread, milk"
    assert "Access denied" in refusal


def test_a_server_made_with_the_library(tmp_path: Path) -> None:
    """The newer protocol over pipes; what it answers is of strangers, and its instructions are nowhere."""

    async def act(server: McpServer) -> tuple[object, bool, str]:
        answer = await server.call("add", {"left": 2, "right": 3}, 20)
        with pytest.raises(ToolFailed) as caught:
            await server.call("fail", {"why": "no luck"}, 20)
        return answer.output, answer.untrusted, caught.value.message

    found = asyncio.run(ask("notes", program(NOTES, tmp_path), legacy=False))
    pins = {tool.name: tool.sha256 for tool in found.locked.tools.values()}
    output, untrusted, message = asked(NOTES, tmp_path, act, pins=pins)
    assert (output, untrusted) == ({"text": "5", "data": {"result": 5}}, True)
    assert "fail" in message
    found = asyncio.run(ask("notes", program(NOTES, tmp_path), legacy=False))
    assert found.locked.protocol == "2026-07-28"
    assert "Ignore all" not in found.locked.model_dump_json()


@pytest.fixture(scope="module")
def free_port() -> int:
    """A port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def notes_by_http(free_port: int) -> Iterator[str]:
    """The address of the same server by HTTP."""
    process = subprocess.Popen([*NOTES, "http", str(free_port)], cwd=HERE, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{free_port}/mcp"
    while process.poll() is None:
        try:
            httpx.get(url)
            break
        except httpx.TransportError:
            time.sleep(0.05)
    yield url
    process.kill()
    process.wait()


@pytest.mark.parametrize("legacy", [False, True], ids=["newer", "older"])
def test_a_server_at_an_address(notes_by_http: str, *, legacy: bool) -> None:
    """Both ways of the handshake."""

    async def act() -> object:
        link = Address("notes", notes_by_http, {"Authorization": "Bearer secret"})
        found = await ask("notes", link, legacy=legacy)
        pins = {tool.name: tool.sha256 for tool in found.locked.tools.values()}
        server = McpServer("notes", lambda: Address("notes", notes_by_http, {}), pins, Lifecycle(), legacy=legacy)
        try:
            return (await server.call("add", {"left": 2, "right": 3}, 20)).output["data"]
        finally:
            await server.close()

    assert asyncio.run(act()) == {"result": 5}


def test_nobody_at_an_address() -> None:
    """It is unavailable, and the message says where it was looked for."""
    url = "http://127.0.0.1:9/mcp"
    with pytest.raises(ToolFailed, match=r"127\.0\.0\.1:9") as caught:
        asyncio.run(ask("notes", Address("notes", url, {}), legacy=False))
    assert caught.value.match == "unavailable"
