"""A server on loopback that answers in bytes as it is told, and a call of a tool that asks it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from runner.runs.record import Record
from runner.targets.port import Target
from runner.tools.http import HttpTool
from runner.tools.port import Call, Workers

FOREVER = b""
"""A piece that stands for the one before it, sent until the client goes away."""
CLOSE = b"\0close"
"""A piece that stands for the end of the connection."""


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> list[bytes]:
    """A whole answer; names of headers are written with `_`."""
    named = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in named.items())]
    return ["\r\n".join([*lines, "", ""]).encode() + body]


@dataclass
class Asked:
    """One request as it came."""

    head: str
    body: bytes

    @property
    def line(self) -> str:
        """Method, target and version."""
        return self.head.partition("\r\n")[0]

    @property
    def headers(self) -> dict[str, str]:
        """Names in small letters."""
        lines = self.head.split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


class Server:
    """Answers the first request by the first list of pieces, and so on; all further ones by the last."""

    def __init__(
        self, *answers: Sequence[bytes], host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self._where = (host, port, tls)

    async def __aenter__(self) -> Self:
        host, port, tls = self._where
        self._server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Take no more connections."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                asked = Asked(head, b"")
                asked.body = await reader.readexactly(int(asked.headers.get("content-length", 0)))
                self.asked.append(asked)
                await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        before = b""
        pieces = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for piece in pieces:
            while piece == FOREVER:
                writer.write(before)
                await writer.drain()
                await asyncio.sleep(0 if len(before) > 1 else 0.02)
            if piece == CLOSE:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()
            before = piece


class Hands:
    """What an answer is read by."""

    def __init__(self, workers: Workers | None = None) -> None:
        self._workers = workers

    @property
    def workers(self) -> Workers:
        """Those that it was made with."""
        assert self._workers
        return self._workers

    def target(self, name: str) -> Target:
        """A request is sent from here."""
        raise AssertionError(name)

    def server(self, name: str) -> Any:
        """It has no part of another kind."""
        raise AssertionError(name)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """It starts no workflow."""
        raise AssertionError((workflow, inputs, call))


def tool(http: dict[str, Any], params: dict[str, Any] | None = None, **more: Any) -> HttpTool:
    """A tool of this kind, as a file would say it."""
    return HttpTool.model_validate({"description": "d", "http": http, "params": params or {}, **more})


def call(seconds: float = 20, **arguments: Any) -> Call:
    """A call with these arguments."""
    return Call("t", arguments, Path("/tmp"), "local", seconds, "r1", "p/1")
