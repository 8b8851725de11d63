"""Where an authorization server is asked is told by strangers: what is not asked, and why."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread

import httpx2
import pytest

from runner.errors import ToolFailed
from runner.tools.mcp.oauth.asking import MOST, Asker

OURS = "https://tickets.example/mcp"


def refused(url: str, asker: Asker) -> ToolFailed:
    """Why an address is not asked."""
    with pytest.raises(ToolFailed) as caught:
        asyncio.run(asker.answer(httpx2.Request("GET", url)))
    assert caught.value.match == "unavailable"
    return caught.value


@pytest.mark.parametrize(
    "url, why",
    [
        ("https://127.0.0.1/token", "no public address"),
        ("https://[::1]/token", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://10.0.0.5/token", "no public address"),
        ("https://[::ffff:10.0.0.5]/token", "no public address"),
        ("https://8.8.8.8:22/token", "refused at port 22"),
        ("http://8.8.8.8/token", "not encrypted"),
        ("http://tickets.example/token", "not encrypted"),
        ("file:///etc/passwd", "no address"),
    ],
)
def test_an_address_that_a_stranger_names_is_judged(url: str, why: str) -> None:
    """Machines of one's own network, other services, what is not encrypted."""
    assert why in refused(url, Asker(OURS, ["https://door.example"], [])).message


def test_the_hint_names_the_address_that_was_refused() -> None:
    """As it is written where it is allowed."""
    assert "allow: ['10.0.0.5:8443']" in refused("https://10.0.0.5:8443/t", Asker(OURS, [], [])).hint


@pytest.mark.parametrize(
    "answer, why",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST + 1), "longer than"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx", "packed"),
        (b"", "cannot be|broke|proper"),
    ],
    ids=["long", "packed", "silent"],
)
def test_an_answer_that_is_no_token_is_refused(answer: bytes, why: str) -> None:
    """Too long, packed, or none."""
    with _answering(answer) as url, pytest.raises(ToolFailed, match=why):
        asyncio.run(Asker(OURS, [url], []).answer(httpx2.Request("GET", url)))


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    """The library reads a status that is no success."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with _answering(answer) as url:
        assert asyncio.run(Asker(OURS, [url], []).answer(httpx2.Request("GET", url))).status_code == 302


class _answering:  # noqa: N801 - used as a function
    """One answer to whoever asks first."""

    def __init__(self, answer: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, args=[answer])

    def _serve(self, answer: bytes) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._listener.close()
