"""A server that is asked about itself: whatever it answers is bounded, and the key goes to it alone."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runner.models import ServedModel
from runner.models.probing import MOST, Context, Listing, context_of, models_of

KEY = "sk-probing-0123456789"
Serve = Callable[[bytes], "Asked"]


class Asked:
    """A server that gives the same bytes to whoever asks, and keeps what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heads: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def spec(self, **entry: Any) -> ServedModel:
        """A model that it has."""
        said = {"provider": "vllm", "model": "tiny", "base_url": f"http://127.0.0.1:{self.port}/v1", **entry}
        return ServedModel.model_validate(said)

    def close(self) -> None:
        """Serve no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.heads.append(connection.recv(65536))
                try:
                    connection.sendall(self._answer)
                except ConnectionError:
                    continue


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Servers on loopback."""
    servers: list[Asked] = []

    def start(answer: bytes) -> Asked:
        servers.append(Asked(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def good(body: bytes, headers: str = "") -> bytes:
    """An answer of HTTP."""
    return f"HTTP/1.1 200 OK\r\n{headers}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body


def test_what_is_near_is_not_asked_through_a_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy would get the key."""
    server, proxy = serve(good(b'{"data": [{"id": "tiny"}]}')), serve(good(b'{"data": [{"id": "other"}]}'))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert models_of(server.spec(), KEY).names == ("tiny",)
    assert proxy.heads == []


@pytest.mark.parametrize("key", ["sk-a\x01b-0123456789", "sk-a\r\nb-0123456789", "sk-é-0123456789", "sk a", " "])
def test_a_key_that_no_header_can_hold_is_not_sent(serve: Serve, key: str) -> None:
    """Nor is it told: a client would say what was wrong with it by showing it."""
    server = serve(good(b"{}"))
    assert models_of(server.spec(), key) == Listing(0, "the key is empty or holds characters that no key has")
    assert server.heads == []


def test_a_redirect_takes_the_key_nowhere(serve: Serve) -> None:
    """It is an answer as any other."""
    other = serve(good(b"{}"))
    server = serve(b"HTTP/1.1 307 Gone\r\nlocation: http://127.0.0.1:%d/\r\ncontent-length: 0\r\n\r\n" % other.port)
    assert models_of(server.spec(), KEY).status == 307
    assert other.heads == []


def test_an_answer_is_read_as_it_is_sent_and_only_so_far(serve: Serve) -> None:
    """A little that is compressed may be a lot."""
    packed = gzip.compress(b'{"data": [{"id": "tiny"}]}')
    assert models_of(serve(good(packed, "content-encoding: gzip\r\n")).spec(), None) == Listing(200)
    endless = models_of(serve(good(b" " * (MOST + 1))).spec(), None)
    assert endless == Listing(0, "an answer of more than 8 MiB")


@pytest.mark.parametrize(
    "data", [5, [[]], {"data": 5}, {"data": {"id": "x"}}, {"data": [5, {"id": 7}]}, "[" * 100_000, '{"data": ' * 99]
)
def test_a_list_of_any_other_shape_names_nothing(serve: Serve, data: Any) -> None:
    """Also one that is nested without end."""
    body = data if isinstance(data, str) else json.dumps(data)
    assert models_of(serve(good(body.encode())).spec(), None) == Listing(200)


@pytest.mark.parametrize("size", [True, -1, 0, 1e999, "4096", None, [4096]])
def test_a_context_that_is_none_is_not_told(serve: Serve, size: Any) -> None:
    """The name is."""
    body = json.dumps({"data": [{"id": "tiny", "max_model_len": size}]}).encode()
    assert models_of(serve(good(body)).spec(), None) == Listing(200, names=("tiny",))


@pytest.mark.parametrize(
    "data",
    [
        5,
        [],
        {"model_info": [1]},
        {"model_info": 5},
        {"model_info": {"a.context_length": "x"}},
        {"models": 5},
        {"models": [5]},
        {"parameters": {"num_ctx": 5}},
        {"parameters": f"num_ctx {'9' * 5000}"},
        "[" * 100_000,
    ],
)
def test_ollama_may_answer_in_any_shape(serve: Serve, data: Any) -> None:
    """Nothing is known then."""
    body = data if isinstance(data, str) else json.dumps(data)
    assert context_of(serve(good(body.encode())).spec(provider="ollama")) == Context()
