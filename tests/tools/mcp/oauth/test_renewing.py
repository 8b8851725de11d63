"""How a login is renewed when something comes between: a cancellation, or a server that cannot just now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx2
import pytest

from runner.errors import ToolFailed
from runner.tools.mcp.oauth.kept import Login, forget, read, write
from runner.tools.mcp.oauth.renewing import LoggedIn
from runner.tools.mcp.oauth.spec import AuthorizationCode

TOKENS = {"access_token": "CANARY-2", "refresh_token": "CANARY-renewal-2", "token_type": "Bearer", "expires_in": 60}


class Door(ThreadingHTTPServer):
    """A token endpoint that answers with `status`, once it `may`; `asked` is set before."""

    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.status = status
        self.asked, self.may = Event(), Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Endpoint(BaseHTTPRequestHandler):
    """One request for a token."""

    def do_POST(self) -> None:
        """Answer."""
        door = self.server
        assert isinstance(door, Door)
        self.rfile.read(int(self.headers["content-length"]))
        door.asked.set()
        door.may.wait(20)
        content = json.dumps(TOKENS).encode()
        self.send_response(door.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def door(status: int = 200) -> Iterator[Door]:
    """A token endpoint that answers so."""
    with Door(status) as server:
        serving = Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield server
        finally:
            server.may.set()
            server.shutdown()
            serving.join()


def past(door: Door, root: Path) -> tuple[LoggedIn, httpx2.Request]:
    """What lives on a login that has ended, and a request that would be sent."""
    login = Login(
        url=f"{door.url}/mcp",
        issuer=door.url,
        client_id="c",
        client_secret=None,
        method="none",
        token_endpoint=f"{door.url}/token",
        resource=None,
        access_token="CANARY-1",
        refresh_token="CANARY-renewal-1",
        ends=1.0,
        scope=None,
    )
    around = {"XDG_CONFIG_HOME": str(root)}
    write("team", login, root, around)
    alive = LoggedIn("team", login.url, AuthorizationCode(), root, around)
    return alive, httpx2.Request("POST", login.url)


def left(root: Path) -> str | None:
    """The token to renew by that is kept."""
    login = read("team", root, {"XDG_CONFIG_HOME": str(root)})
    return login.refresh_token if login else None


async def first(alive: LoggedIn, request: httpx2.Request) -> httpx2.Request:
    """What would be sent."""
    return await anext(alive.async_auth_flow(request))


def test_a_cancelled_call_keeps_what_it_asked_for(tmp_path: Path) -> None:
    """The token to renew by is good once: without the next one a person would have to log in again."""

    async def scene(server: Door) -> None:
        calling = asyncio.create_task(first(*past(server, tmp_path)))
        assert await asyncio.to_thread(server.asked.wait, 20)
        calling.cancel()
        await asyncio.sleep(0)
        calling.cancel()
        server.may.set()
        await asyncio.wait({calling})

    with door() as server:
        asyncio.run(scene(server))
    assert left(tmp_path) == "CANARY-renewal-2"


def test_a_logout_meanwhile_is_not_undone(tmp_path: Path) -> None:
    """It waits for the renewal, and forgets what came of it."""

    async def scene(server: Door) -> None:
        calling = asyncio.create_task(first(*past(server, tmp_path)))
        assert await asyncio.to_thread(server.asked.wait, 20)
        leaving = asyncio.create_task(forget("team", tmp_path, {"XDG_CONFIG_HOME": str(tmp_path)}))
        await asyncio.sleep(0)
        server.may.set()
        assert (await calling).headers["authorization"] == "Bearer CANARY-2"
        await leaving

    with door() as server:
        asyncio.run(scene(server))
    assert left(tmp_path) is None


@pytest.mark.parametrize("status, passes", [(503, True), (500, True), (429, True), (400, False), (401, False)])
def test_what_passes_takes_no_person(tmp_path: Path, status: int, passes: bool) -> None:
    """A server with a fault of its own is asked again later; one that refuses the token is not."""
    with door(status) as server:
        server.may.set()
        with pytest.raises(ToolFailed, match=rf"\({status}\)") as caught:
            asyncio.run(first(*past(server, tmp_path)))
    assert caught.value.match == "unavailable"
    assert ("takes a person" in caught.value.message, "try again later" in caught.value.hint) == (not passes, passes)
    assert left(tmp_path) == "CANARY-renewal-1"
