"""Where a browser comes back to: an address of this machine's loopback that takes one answer, the expected one."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from mcp.client.auth import AuthorizationCodeResult

from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.tools.mcp.hidden import escaped

if TYPE_CHECKING:
    from types import TracebackType

PATH = "/callback"
_SECONDS = 10.0
"""How long a browser may take to say what it wants."""
_LONGEST = 16_000
_ANSWER = (
    "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{text}"
)


class Landing:
    """A listener on the loopback, for the length of a block."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._state = ""
        self._came: asyncio.Future[dict[str, str]] | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What authorization servers are told."""
        return f"http://127.0.0.1:{self._port}{PATH}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self._port, limit=_LONGEST)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None  # noqa: S101 - it was entered
        self._server.close()
        await self._server.wait_closed()

    def expect(self, url: str) -> None:
        """Take the answer to this address alone: other pages of the browser can ask us too."""
        self._state = parse_qs(urlsplit(url).query)["state"][0]
        self._came = asyncio.get_running_loop().create_future()

    async def come_back(self) -> AuthorizationCodeResult:
        """What the browser came back with; raises ToolFailed when the person did not agree."""
        assert self._came is not None  # noqa: S101 - an address was expected
        said = await self._came
        if "error" in said:
            words = [escaped(begin_of(said[key], 200)) for key in ("error", "error_description") if key in said]
            raise ToolFailed(f"the authorization server let nobody in: {': '.join(words)}", match="unavailable")
        return AuthorizationCodeResult(code=said.get("code", ""), state=said.get("state"), iss=said.get("iss"))

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, ValueError, OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            status, text = self._heard(head.partition(b"\r\n")[0].decode("latin-1"))
            writer.write(_ANSWER.format(status=status, length=len(text), text=text).encode())
            await writer.drain()
        writer.close()

    def _heard(self, line: str) -> tuple[str, str]:
        """The answer to a request, by its first line."""
        method, _, rest = line.partition(" ")
        parts = urlsplit(rest.partition(" ")[0])
        said = {key: values[0] for key, values in parse_qs(parts.query).items()}
        given = said.get("state", "").encode()
        if method != "GET" or parts.path != PATH or not self._state:
            return "404 Not Found", "There is nothing here."
        if not secrets.compare_digest(given, self._state.encode()) or self._came is None or self._came.done():
            return "400 Bad Request", "This is not the answer that is waited for."
        self._came.set_result(said)
        return "200 OK", "runner has your answer; this window can be closed."
