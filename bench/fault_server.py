"""A model server behind a bad network: it answers rightly, or fails in one of ten ways, drawn by chance.

It speaks chat completions, streamed. A question is a number; the right answer is `{"double": …}`. `share` is the part
of the answers that fail; `unit` is the seconds that stand for one second of a real server, so that a test can run the
long times of models a hundred times as fast.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FAULTS = (
    "silent",  # nothing ever comes
    "cut",  # the connection breaks off in the middle of the answer
    "limited",  # 429 with Retry-After
    "busy",  # 429 without
    "broken",  # 500
    "half",  # the JSON of the answer stops in its middle
    "empty",  # neither words nor calls
    "wrong",  # JSON of another schema
    "slow",  # the first token takes twenty times as long as usual
    "stalled",  # the answer stands still in its middle for ever
)
_NUMBER = re.compile(r"\d+")


class FaultServer:
    """A server of its own chances; `counts` says what it did."""

    def __init__(self, seed: int, *, share: float = 0.3, unit: float = 0.01) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._share = share
        self._unit = unit
        self._serving: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=4096)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server's callback is a task
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._serving.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            question = json.loads(await reader.readexactly(length))
            fault = self._chance.choice(FAULTS) if self._chance.random() < self._share else ""
            self.counts[fault or "good"] += 1
            if fault in ("limited", "busy", "broken"):
                writer.write(_refusal(fault, self._unit))
                await writer.drain()
                continue
            await self._answer(question, fault, writer)

    async def _answer(self, question: dict[str, Any], fault: str, writer: asyncio.StreamWriter) -> None:
        writer.write(_HEAD)
        async for piece in self._pieces(question, fault):
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _pieces(self, question: dict[str, Any], fault: str) -> AsyncIterator[bytes]:
        if fault == "silent":
            await asyncio.Event().wait()
        await asyncio.sleep(self._unit * self._chance.uniform(0.5, 1.5) * (20 if fault == "slow" else 1))
        text = _text(question, fault)
        for start in range(0, len(text), 4):
            if fault in ("cut", "stalled") and start >= len(text) // 2:
                await self._break(fault)
            yield _event({"index": 0, "delta": {"content": text[start : start + 4]}, "finish_reason": None})
            await asyncio.sleep(self._unit * 0.05)
        yield _event({"index": 0, "delta": {}, "finish_reason": "stop"})
        yield _USAGE + b"data: [DONE]\n\n"

    async def _break(self, fault: str) -> None:
        if fault == "cut":
            raise ConnectionResetError
        await asyncio.Event().wait()


def _text(question: dict[str, Any], fault: str) -> str:
    asked = next(message["content"] for message in question["messages"] if message["role"] == "user")
    double = 2 * int(_NUMBER.findall(asked)[0])
    texts = {"half": f'{{"double": {double}, "wo', "empty": "", "wrong": json.dumps({"twice": str(double)})}
    return texts.get(fault, json.dumps({"double": double}))


def _event(choice: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def _refusal(fault: str, unit: float) -> bytes:
    status = "500 Internal Server Error" if fault == "broken" else "429 Too Many Requests"
    wait = f"retry-after-ms: {unit * 2000:.0f}\r\n" if fault == "limited" else ""
    body = b'{"error": {"message": "not now"}}'
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{wait}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 8}}\n\n'
