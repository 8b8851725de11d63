"""A small model server on loopback for command lines: chat completions, a list of models, a key that it wants."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class ModelServer:
    """Answers each request with what `answer` makes of its body: a text, or a list of (tool, arguments)."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] = lambda _: "Done.", key: str = "") -> None:
        self.bodies: list[dict[str, Any]] = []
        self.models = ["tiny", "large"]
        self.lists = 0
        """How often it was asked for them."""
        self.more: dict[str, Any] = {}
        """Further paths and what they answer."""
        self.key = key
        self.status = 200
        """With any other one all questions to models are refused."""
        self._answer = answer

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.get(self)

            def do_POST(self) -> None:
                server.post(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        """The list of models, or what else there is."""
        if not self._may(request):
            return
        if request.path in self.more:
            _send(request, 200, self.more[request.path])
        elif request.path.endswith("/models"):
            self.lists += 1
            _send(request, 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        else:
            _send(request, 404, {"error": {"message": "no such page"}})

    def post(self, request: BaseHTTPRequestHandler) -> None:
        """An answer of a model."""
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        if not self._may(request):
            return
        if request.path in self.more:
            _send(request, 200, self.more[request.path])
            return
        self.bodies.append(body)
        if self.status != 200:
            _send(request, self.status, {"error": {"message": "out of order"}})
            return
        answer = self._answer(body)
        calls = [] if isinstance(answer, str) else answer
        message: dict[str, Any] = {"content": answer if isinstance(answer, str) else ""}
        if calls:
            message["tool_calls"] = [_call(number, *call) for number, call in enumerate(calls)]
        usage = {"prompt_tokens": 20, "completion_tokens": 5}
        choice = {"index": 0, "delta": message, "finish_reason": "tool_calls" if calls else "stop"}
        chunk = {"id": "1", "object": "chat.completion.chunk", "choices": [choice], "usage": usage}
        request.send_response(200)
        request.send_header("content-type", "text/event-stream")
        request.end_headers()
        request.wfile.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())

    def _may(self, request: BaseHTTPRequestHandler) -> bool:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            _send(request, 401, {"error": {"message": "Incorrect API key provided"}})
            return False
        return True


def _call(number: int, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {"index": number, "id": f"call_{number}", "type": "function", "function": function}


def _send(request: BaseHTTPRequestHandler, status: int, data: Any) -> None:
    content = json.dumps(data).encode()
    request.send_response(status)
    request.send_header("content-type", "application/json")
    request.send_header("content-length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
