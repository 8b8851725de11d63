"""A model server on loopback that misbehaves exactly as it is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence


class Step(Enum):
    """What a server does in the middle of an answer instead of sending bytes."""

    STALL = "say nothing more until the client goes away"
    CUT = "break the connection off"
    PAUSE = "say nothing for a tenth of a second"


@dataclass(frozen=True)
class Script:
    """An answer: its head, and what it sends, piece by piece."""

    pieces: Sequence[bytes | Step]
    status: str = "200 OK"
    kind: str = "text/event-stream"
    headers: str = ""


class BadServer:
    """Answers each request by the next script, all further ones by the last; keeps what it was sent."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.connections = 0
        self.heads: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.asked = asyncio.Semaphore(0)
        """Released once for every request that has come in."""
        self.left = asyncio.Event()
        """Set when a client has closed its connection."""
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening)
        for _round in range(5):  # one that was just taken reaches `_accept`; a closed server would lose it
            await asyncio.sleep(0)
        self._server.close()
        for task, writer in self._open.items():
            task.cancel()
            writer.transport.abort()  # one that was cancelled before it began closes nothing itself
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open[task] = writer
        task.add_done_callback(self._open.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._read_request(reader):
                await self._answer(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.left.set()
            writer.close()

    async def _read_request(self, reader: asyncio.StreamReader) -> bool:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            return False
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length"))
        self.heads.append(head)
        self.bodies.append(json.loads(await reader.readexactly(int(length.partition(":")[2]))))
        self.asked.release()
        return True

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        head = f"HTTP/1.1 {script.status}\r\ncontent-type: {script.kind}\r\n{script.headers}"
        writer.write(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
        for piece in script.pieces:
            if piece is Step.STALL:
                await reader.read()
            elif piece is Step.PAUSE:
                await asyncio.sleep(0.1)
            elif piece is Step.CUT:
                writer.close()
                raise ConnectionResetError
            elif isinstance(piece, bytes):
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if piece else b"")  # 0 would end it
            await writer.drain()
            await asyncio.sleep(0)  # a client in the same loop reads this piece before the next one is sent
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def event(data: object) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def delta(finish: str | None = None, **fields: object) -> bytes:
    """One piece of an answer."""
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


DONE = b"data: [DONE]\n\n"
