"""The network pack: a look at pages of a server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from tests.std.staged import Tools


class Pages(BaseHTTPRequestHandler):
    """Answers by path; keeps the headers it was sent."""

    seen: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        """A page, an error, or the way to another one."""
        self.seen.append({key.lower(): value for key, value in self.headers.items()})
        status = {"/": 200, "/moved": 302, "/down": 503}.get(self.path, 404)
        page = b"all is well" + b" " * 300_000 + b"the end" if status == 200 else b"no"
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(page)))
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
        """Nothing is said."""


@pytest.fixture
def http_check(pack: Callable[..., Tools]) -> Callable[..., dict[str, Any]]:
    """Calls the tool; its output."""
    tools = pack("network")
    return lambda url, **more: tools.call("http_check", url=url, **more)[1]


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_page_that_answers_is_well(http_check: Callable[..., dict[str, Any]], site: str) -> None:
    """Status, type and time, and no word of the page."""
    output = http_check(f"{site}/")
    assert (output["ok"], output["status"], output["content_type"]) == (True, 200, "text/plain")
    assert "all is well" not in str(output)


def test_a_text_stands_in_the_page_or_not(http_check: Callable[..., dict[str, Any]], site: str) -> None:
    """Only its beginning is looked at."""
    assert http_check(f"{site}/", contains="all is well")["contains"] is True
    output = http_check(f"{site}/", contains="the end")
    assert (output["ok"], output["contains"], output["bytes_read"]) == (False, False, 200_000)


@pytest.mark.parametrize("path, status, ok", [("/down", 503, False), ("/none", 404, False), ("/moved", 302, True)])
def test_errors_are_answers_and_no_redirect_is_followed(
    http_check: Callable[..., dict[str, Any]],
    site: str,
    path: str,
    status: int,
    ok: bool,
) -> None:
    """Where one leads is told."""
    output = http_check(f"{site}{path}")
    assert (output["status"], output["ok"]) == (status, ok)
    assert bool(output["location"]) is (status == 302)


def test_a_server_that_is_down_is_an_answer(http_check: Callable[..., dict[str, Any]]) -> None:
    """A monitor asks on."""
    output = http_check("http://127.0.0.1:1/")
    assert (output["ok"], output["reason"]) == (False, "Connection refused")


def test_plain_http_on_a_port_for_https_is_an_answer(http_check: Callable[..., dict[str, Any]], site: str) -> None:
    """The handshake fails."""
    output = http_check(site.replace("http:", "https:"))
    assert (output["ok"], output["status"]) == (False, None)


def test_nothing_but_the_question_is_sent(http_check: Callable[..., dict[str, Any]], site: str) -> None:
    """No cookie, no credentials, no name of a person."""
    Pages.seen.clear()
    http_check(f"{site}/")
    assert set(Pages.seen[0]) == {"host", "user-agent", "accept-encoding"}


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[::ffff:0:a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://100.100.100.200/",
    ],
)
def test_the_keys_of_a_cloud_are_out_of_reach(http_check: Callable[..., dict[str, Any]], url: str) -> None:
    """However their address is written."""
    assert "no check goes there" in http_check(url)["text"]


@pytest.mark.parametrize(
    "url",
    [
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http:///path",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://[::1/",
    ],
)
def test_what_is_no_address_fails(http_check: Callable[..., dict[str, Any]], url: str) -> None:
    """With a word on why."""
    output = http_check(url)
    assert "address" in output["text"]
    assert output["hint"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1"])
def test_only_http_is_spoken(http_check: Callable[..., dict[str, Any]], url: str) -> None:
    """The model is told at once."""
    with pytest.raises(ValueError, match="pattern"):
        http_check(url)
