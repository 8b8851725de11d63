"""A server on loopback that says back what it was told: models that repeat their key, pages that repeat a token."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from tests.loopback import Loopback

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

PIECE = 5
"""Characters of an answer that are sent at once."""


class LoudServer(Loopback):
    """Keeps heads and bodies of all requests; what it answers is the path's first part."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.heads: list[str] = []
        self.prompts: list[bytes] = []
        """The bodies that models were sent."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Tools that the model `asks` calls, one a request."""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer by the way that the path begins with."""
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        self.heads.append(f"{request.path} {request.headers}")
        told = request.headers.get("authorization", "") + request.headers.get("x-token", "")
        way = request.path.split("/")[1]
        if request.path.endswith("/chat/completions"):
            self.prompts.append(body)
            self._model(request, way, told.removeprefix("Bearer "))
        else:
            _page(request, way, told)

    def _model(self, request: BaseHTTPRequestHandler, way: str, key: str) -> None:
        match way:
            case "refuses":  # its words are cut in the middle of the key
                _send(request, 401, {"error": {"message": f"{'x' * 475} {key}"}})
            case "unfit":
                _send(request, 400, {"error": {"message": f"Authorization: Bearer {key}", "code": key}})
            case "redirects":
                _send(request, 302, {}, location=f"http://127.0.0.1:9/{'x' * 30}?key={key}")
            case "no_json":
                _send(request, 200, f'{{"key": {"x" * 170} {key}')
            case "breaks":
                _stream(request, [_piece(content="So"), {"error": {"message": f"got {key}", "code": 400}}])
            case "header":
                _send(request, 400, {"error": {"message": "no"}}, x_key=key, retry_after=key, set_cookie=f"k={key}")
            case "asks" if self.calls:
                tool, arguments = self.calls.pop(0)
                _stream(request, [_piece(tool_calls=[_call(tool, arguments, key)]), _end("tool_calls")])
            case _:
                words = f"My key is {key}, in JSON {json.dumps({key: key})}."
                thoughts = [_piece(reasoning_content=part) for part in _parts(f"I know {key}")]
                _stream(request, [*thoughts, *(_piece(content=part) for part in _parts(words)), _end("stop")])


def _page(request: BaseHTTPRequestHandler, way: str, told: str) -> None:
    match way:
        case "fails":
            _send(request, 500, f"{'x' * 480} {told}", content_type="text/plain")
        case "elsewhere":
            _send(request, 302, "", location=f"http://127.0.0.1:9/{'x' * 160}?token={told}")
        case "nowhere":
            _send(request, 302, "", location=f"ftp://{'x' * 170}{told}")
        case "text":
            _send(request, 200, f"{'x' * 180}{told}", content_type="text/plain")
        case "type":
            _send(request, 200, "x", content_type=f"image/{told}")
        case "packed":
            _send(request, 200, "x", content_encoding=f"{told}")
        case "page":
            _send(request, 200, f"<p>{html.escape(told)}</p>", content_type="text/html")
        case "refused":
            _send(request, 401, f"who is {told}?", content_type="text/plain")
        case _:
            answer = {"headers": dict(request.headers), told: [told, {told: 1}], "data": [{"id": told}]}
            _send(request, 200, answer, x_token=told, set_cookie=f"token={told}")


def _parts(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _piece(**delta: Any) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}


def _end(reason: str) -> dict[str, Any]:
    usage = {"prompt_tokens": 20, "completion_tokens": 5}
    return {"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}], "usage": usage}


def _call(tool: str, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    words = json.dumps(arguments).replace("KEY", key)
    return {"index": 0, "id": f"call_{key}", "type": "function", "function": {"name": tool, "arguments": words}}


def _stream(request: BaseHTTPRequestHandler, events: list[dict[str, Any]]) -> None:
    request.send_response(200)
    request.send_header("content-type", "text/event-stream")
    request.end_headers()
    for event in events:
        request.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        request.wfile.flush()
    request.wfile.write(b"data: [DONE]\n\n")


def _send(request: BaseHTTPRequestHandler, status: int, data: Any, **headers: str) -> None:
    content = (data if isinstance(data, str) else json.dumps(data)).encode()
    request.send_response(status)
    headers.setdefault("content_type", "application/json")
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("content-length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
