"""Request and answer on real connections, with servers that behave badly."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import psutil
import pytest

from runner.errors import ToolFailed
from runner.tools.http.address import parse
from runner.tools.http.asking import Asking
from runner.tools.http.exchange import Answer, Limits, exchange
from runner.tools.http.guard import Guard
from tests.tools.http.servers import CLOSE, FOREVER, Hands, Server, answer, call, tool

Work = Callable[[Server], Coroutine[Any, Any, Any]]


def with_server(work: Work, *answers: Sequence[bytes], **where: Any) -> Any:
    """What some work with a server gives."""

    async def main() -> Any:
        async with Server(*answers, **where) as server:
            return await work(server)

    return asyncio.run(main())


def ask(server: Server, url: str = "", *, method: str = "GET", seconds: float = 20, **http: Any) -> Any:
    """A call of a tool that asks this server, which the file allows."""
    url = url or f"http://127.0.0.1:{server.port}/"
    made = tool({"url": url, "method": method, "allow": ["127.0.0.1", "::1"], **http})
    return made.run(call(seconds), Hands())


def failed(work: Work, *answers: Sequence[bytes]) -> ToolFailed:
    """The failure of some work."""
    with pytest.raises(ToolFailed) as caught:
        with_server(work, *answers)
    return caught.value


SAME = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "localhost",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "127.0.0.1.",
    "LOCALHOST",
    "①②⑦.0.0.1",
    "127。0。0。1",
]
ELSEWHERE = [
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[fd00:ec2::254]",
]


@pytest.mark.parametrize("host", [*SAME, *ELSEWHERE])
def test_no_spelling_of_an_inner_address_reaches_it(host: str) -> None:
    """A server listens there, and is never connected to."""

    async def work(server: Server) -> None:
        spec = {"url": "{{ url }}", "allow": [f"10.255.0.1:{server.port}"]}
        made = tool(spec, {"url": {"type": "str", "pattern": "^http"}})
        for port in (server.port, 80):
            with pytest.raises(ToolFailed, match=r"refused|no name of a host|no host"):
                await made.run(call(5, url=f"http://{host}:{port}/"), Hands())
        assert server.asked == []

    with_server(work, answer(b"secret"))


REDIRECTS = [
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.2/",
    "//169.254.169.254/x",
    "http://2130706434/",
    "http://[::ffff:7f00:2]/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/",
    "http://a@127.0.0.1/",
    "http://127.0.0.1:22/",
    "https://127.0.0.1:6443/",
]


@pytest.mark.parametrize("location", REDIRECTS)
def test_a_redirect_is_judged_like_the_first_address(location: str) -> None:
    """Its address, its scheme and its port."""
    error = failed(ask, answer(status="302 Found", Location=location))
    assert "refused" in error.message or "not followed" in error.message


def test_a_resolver_that_changes_its_mind_leads_nowhere() -> None:
    """Each connection goes to what was judged; the second look-up, for the redirect, is judged anew."""
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    async def work(inner: Server) -> None:
        away = answer(status="302 Found", Location="/again", Connection="close")
        async with Server(away, host="127.0.0.2", port=inner.port) as outer:
            guard = Guard(["127.0.0.2"], frozenset({inner.port}), resolve)
            asking = Asking("GET", parse(f"http://rebind.example:{inner.port}/"), {}, None)
            with pytest.raises(ToolFailed, match=r"leads to 127\.0\.0\.1, which is no public address"):
                await exchange(asking, Limits(3, 1000), guard)
            assert [one.line for one in outer.asked] == ["GET / HTTP/1.1"]
            assert inner.asked == []
            assert len(answers) == 1

    with_server(work, answer(b"secret"))


def test_a_host_whose_first_address_is_dead_is_reached_at_the_next() -> None:
    """Both are judged; the request still names the host."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.3", "127.0.0.1"]

    async def work(server: Server) -> Answer:
        guard = Guard(["127.0.0.0/8"], frozenset({server.port}), resolve)
        url = f"http://two.example:{server.port}/"
        got = await exchange(Asking("GET", parse(url), {}, None), Limits(3, 1000), guard)
        assert server.asked[0].headers["host"] == f"two.example:{server.port}"
        return got

    assert with_server(work, answer(b"hello")).body == b"hello"


def test_redirects_are_followed_as_often_as_the_file_says() -> None:
    """The address of the last one is in the output."""
    hop = answer(status="302 Found", Location="next")
    done = with_server(ask, hop, hop, answer(b"there"))
    assert (done.output["text"], done.output["url"].rpartition("/")[2]) == ("there", "next")
    error = failed(lambda server: ask(server, redirects=1), hop, hop, answer(b"there"))
    assert "redirects once more, to 'next'" in error.message
    answered = with_server(lambda server: ask(server, status={302: "no"}), hop)
    assert (answered.status, answered.output["status"]) == ("no", 302)


def test_what_changes_something_is_not_carried_elsewhere() -> None:
    """A POST is sent to the address of the file, or not at all."""
    error = failed(lambda server: ask(server, method="POST", body="x"), answer(status="307 X", Location="/b"))
    assert "where a POST is not carried" in error.message


def test_a_redirect_to_another_server_gets_no_header_that_is_not_for_everyone() -> None:
    """A token and a cookie belong to the server of the file; so does what says it in words of its own."""

    async def work(other: Server) -> None:
        there = f"http://localhost:{other.port}/"
        async with Server(answer(status="301 X", Location="/in"), answer(status="301 X", Location=there)) as server:
            headers = {"X-Key": "k", "Cookie": "c=1", "User-Agent": "mine"}
            allow = [f"127.0.0.1:{server.port}", f"localhost:{other.port}"]
            await ask(server, headers=headers, auth={"bearer": "t"}, allow=allow)
            assert [one.headers.get("x-key") for one in server.asked] == ["k", "k"]
            assert server.asked[1].headers["authorization"] == "Bearer t"
        assert set(other.asked[0].headers) == {"host", "accept-encoding", "accept", "user-agent"}

    with_server(work, answer(b"other"))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    """100 MB in 97 kB, sent although no encoding was asked for."""
    bomb = gzip.compress(bytes(100_000_000), 9)
    process = psutil.Process(os.getpid())

    async def work(server: Server) -> int:
        before = process.memory_info().rss
        with pytest.raises(ToolFailed, match="packed as 'gzip', which was not asked for"):
            await ask(server)
        assert server.asked[0].headers["accept-encoding"] == "identity"
        return process.memory_info().rss - before

    assert with_server(work, answer(bomb, Content_Encoding="gzip")) < 20_000_000


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
BAD = [
    ([HEAD + b"Content-Length: 10000001\r\n\r\n"], "longer than 1,000,000 bytes"),
    ([HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n"], "longer than|proper HTTP"),
    ([HEAD + b"\r\n", b"x" * 65536, FOREVER], "longer than 1,000,000 bytes"),
    ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n", FOREVER], "longer than"),
    ([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], "proper HTTP"),
    ([HEAD, b"X-A: " + b"x" * 65536 + b"\r\n", FOREVER], "proper HTTP"),
    ([HEAD, b"X-A: x\r\n", FOREVER], "proper HTTP"),
    ([HEAD + b"Content-Length: 10\r\n\r\nshort", CLOSE], "proper HTTP"),
    ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "proper HTTP"),
    ([b"\x00" * 100 + b"\r\n\r\n"], "proper HTTP"),
    ([CLOSE], "proper HTTP|broke the connection off"),
    (answer(status="500 Internal Server Error", body=b"the disk is full"), "answered 500: the disk is full"),
    (answer(b"\x89PNG", Content_Type="image/png"), "is image/png, and no text"),
]


@pytest.mark.parametrize("pieces, message", BAD)
def test_a_bad_answer_is_a_failure_with_its_reason(pieces: list[bytes], message: str) -> None:
    """Endless, oversized, broken, another protocol, none at all."""
    with pytest.raises(ToolFailed, match=message):
        with_server(ask, pieces)


DRIPS = [
    [HEAD + b"Content-Length: 1000\r\n\r\n", b"x", FOREVER],
    [b"H", b"T", b"T", b"P", b"/", b"1", FOREVER],
    [HEAD + b"X-A: ", b"x", FOREVER],
]


@pytest.mark.parametrize("pieces", DRIPS)
def test_a_slow_drip_ends_at_the_deadline(pieces: list[bytes]) -> None:
    """Each byte comes in time; the whole does not."""
    error = failed(lambda server: ask(server, seconds=0.3), pieces)
    assert (error.match, "had not answered in full after 0.3 s" in error.message) == ("timeout", True)


def test_nobody_there_is_unavailable() -> None:
    """As an `errors` entry of a workflow tells it apart."""

    async def work(server: Server) -> None:
        port = server.port
        await server.close()
        await ask(server, f"http://127.0.0.1:{port}/")

    error = failed(work, answer())
    assert (error.match, "cannot connect to 127.0.0.1" in error.message) == ("unavailable", True)
    unknown = failed(lambda server: ask(server, "http://nobody.invalid/"), answer())
    assert (unknown.match, unknown.message) == ("unavailable", "there is no host nobody.invalid")


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is set there is not used."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert with_server(ask, answer(b"direct")).output["text"] == "direct"
