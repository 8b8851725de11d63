"""A small model server on loopback for command lines: chat completions, a list of models, a key that it wants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from tests.loopback import Loopback, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler


class ModelServer(Loopback):
    """Answers each request with what `answer` makes of its body: a text, or a list of (tool, arguments)."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] = lambda _: "Done.", key: str = "") -> None:
        super().__init__(lambda request: self.get(request) if request.command == "GET" else self.post(request))
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
        super().__enter__()
        self.url += "/v1"
        return self

    def get(self, request: BaseHTTPRequestHandler) -> None:
        """The list of models, or what else there is."""
        if not self._may(request):
            return
        if request.path in self.more:
            send(request, 200, self.more[request.path])
        elif request.path.endswith("/models"):
            self.lists += 1
            send(request, 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        else:
            send(request, 404, {"error": {"message": "no such page"}})

    def post(self, request: BaseHTTPRequestHandler) -> None:
        """An answer of a model."""
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        if not self._may(request):
            return
        if request.path in self.more:
            send(request, 200, self.more[request.path])
            return
        self.bodies.append(body)
        if self.status != 200:
            send(request, self.status, {"error": {"message": "out of order"}})
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
            send(request, 401, {"error": {"message": "Incorrect API key provided"}})
            return False
        return True


def _call(number: int, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {"index": number, "id": f"call_{number}", "type": "function", "function": function}
