"""A model server that answers at once: what is measured against it is the client's cost alone.

It speaks chat completions, streamed or whole: a request that offers tools and holds no tool's answer yet gets one call
of the first tool, any other gets a text. It runs as a process of its own, so that its CPU is not counted:

    python -m bench.model_server --port 0     # prints the port it listens on
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
from typing import Any

_TEXT = ("The", " answer", " is", " 42.")
_USAGE = {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24}
_SAMPLES = {"string": "x", "integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}}


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests are answered in the order in which they come."""

    def __init__(self, latency: float, text: tuple[str, ...]) -> None:
        self._latency = latency
        self._text = text
        self._read = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            length = _length(bytes(self._read[:end]))
            if len(self._read) < end + 4 + length:
                return
            body = bytes(self._read[end + 4 : end + 4 + length])
            del self._read[: end + 4 + length]
            self._answer(
                answer_to(json.loads(body), self._text) if body else _response("application/json", b'{"data":[]}')
            )

    def _answer(self, response: bytes) -> None:
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._write, response)
        else:
            self._write(response)

    def _write(self, response: bytes) -> None:
        if isinstance(self._transport, asyncio.WriteTransport) and not self._transport.is_closing():
            self._transport.write(response)


def answer_to(request: dict[str, Any], text: tuple[str, ...] = _TEXT) -> bytes:
    """The whole HTTP response to a request's body; a text is streamed in these pieces."""
    answered = any(message["role"] == "tool" for message in request["messages"])
    call = _call(request["tools"][0]["function"]) if request.get("tools") and not answered else None
    if request.get("stream"):
        return (
            _streamed_text(text) if call is None else _streamed([{"tool_calls": [{"index": 0, **call}]}], "tool_calls")
        )
    message = {"role": "assistant", "content": "".join(text)} if call is None else {"tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "stop" if call is None else "tool_calls"}
    return _response("application/json", json.dumps({"choices": [choice], "usage": _USAGE}).encode())


def _call(function: dict[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters", {})
    fields = schema.get("properties", {})
    arguments = {name: _SAMPLES.get(fields[name].get("type"), "x") for name in schema.get("required", ())}
    called = {"name": function["name"], "arguments": json.dumps(arguments)}
    return {"id": "call00001", "type": "function", "function": called}


def _streamed(deltas: list[dict[str, Any]], finish: str) -> bytes:
    choices: list[dict[str, Any]] = [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
    choices += [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    chunks: list[dict[str, Any]] = [{"choices": [choice], "usage": None} for choice in choices]
    chunks.append({"choices": [], "usage": _USAGE})
    head = {"id": "bench", "object": "chat.completion.chunk", "created": 0, "model": "bench"}
    events = [b"data: %b\n\n" % json.dumps(head | chunk).encode() for chunk in chunks]
    return _chunked([*events, b"data: [DONE]\n\n"])


def _chunked(events: list[bytes]) -> bytes:
    """Every event is a chunk of its own, as servers that flush after each write them."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in events) + b"0\r\n\r\n"


@functools.cache
def _streamed_text(text: tuple[str, ...]) -> bytes:
    return _streamed([{"content": piece} for piece in text], "stop")


def _streamed_call(call: dict[str, Any]) -> bytes:
    return _streamed([{"tool_calls": [{"index": 0, **call}]}], "tool_calls")


def _response(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def serve(port: int, latency: float, pieces: int) -> None:
    """Listen on loopback until killed; the port is the only line printed."""
    text = tuple(_TEXT[number % len(_TEXT)] for number in range(pieces))
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(latency, text), "127.0.0.1", port, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="pause before each answer")
    parser.add_argument("--pieces", type=int, default=len(_TEXT), help="pieces that a text is streamed in")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.latency_ms / 1000, options.pieces))


_NOTHING = _response("application/json", b'{"data":[]}')

if __name__ == "__main__":
    main()
