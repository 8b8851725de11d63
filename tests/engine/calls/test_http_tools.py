"""Tools that ask servers, in a run: their secrets are filled in at the edge and stand in no record."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.engine.house import House, Told
from tests.tools.http.servers import Server, answer

PACK = """
description: Asks a server.
tools:
  fetch:
    description: Ask.
    http:
      url: http://127.0.0.1:{port}/{{{{ id }}}}
      headers: {{X-Key: "${{DESK_KEY}}"}}
      auth: {{basic: "me:${{DESK_KEY}}"}}
      allow: ["127.0.0.1:{port}"]
    params: {{id: str}}
    risk: read
"""
KEY = "CANARY-0123456789"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose workflow asks a server."""
    made = House(tmp_path)
    made.workflow("a: {tool: fetch, with: {id: x/y}}")
    return made


def run(house: House, server: Server) -> Told:
    """What a run tells that asks this server."""

    async def main() -> Told:
        async with server:
            house.write("tools.d/desk.yaml", PACK.format(port=server.port))
            return await house.run()

    return asyncio.run(main())


def test_a_secret_reaches_the_server_and_nothing_else(house: House, tmp_path: Path) -> None:
    """Also when the server says it back, in the clear and as it was sent."""
    house.write(".env", f"DESK_KEY={KEY}\n")
    server = Server(answer(f"{KEY} bWU6Q0FOQVJZLTAxMjM0NTY3ODk=".encode()))
    told = run(house, server)
    assert server.asked[0].headers["x-key"] == KEY
    assert server.asked[0].line == "GET /x%2Fy HTTP/1.1"
    output = told.record("a/1").output
    assert KEY not in output["text"]
    assert "Q0FOQVJZLTAxMjM0NTY3" not in output["text"]
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".env"]
    assert [path for path in kept if KEY.encode() in path.read_bytes()] == []


def test_without_its_secret_a_tool_is_unavailable(house: House) -> None:
    """And nothing is sent."""
    server = Server(answer(b"hello"))
    error = run(house, server).record("a/1").error
    assert error is not None
    assert error.match == "unavailable"
    assert "DESK_KEY not set" in error.message
    assert server.asked == []
