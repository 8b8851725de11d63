"""Connections to model servers: shared, bounded by nothing but the calls, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.http import Line, Way, way_to
from tests.models.badserver import DONE, BadServer, Script, Step, delta

if TYPE_CHECKING:
    from runner.models.port import Model, Reply, Request

HELLO = Script((delta(content="Hi"), delta("stop"), DONE))


def model_at(url: str) -> Model:
    """An open model of the server there."""
    return open_model("lab", ServedModel(provider="vllm", model="tiny", base_url=url), key=None, replies=None)


async def ask(model: Model, request: Request) -> Reply:
    """One question, its pieces unheard."""
    return await model.reply(request, lambda *_: None)


async def ask_twice(request: Request) -> int:
    """The connections that two questions, of two models, one after another take."""
    async with BadServer(HELLO) as server:
        first, second = model_at(server.url), model_at(server.url)
        await ask(first, request)
        await ask(second, request)
        await first.close()
        await ask(second, request)
        await second.close()
        await second.close()
        return server.connections


@pytest.fixture
def a_dead_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def a_full_port() -> Iterator[int]:
    """A port whose queue is full, so that nobody else gets in or is sent away."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, contextlib.ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_models_share_connections_that_stay_open(a_request: Request) -> None:
    """Also past the closing of one of the models."""
    assert asyncio.run(ask_twice(a_request)) == 1


def test_each_event_loop_has_its_own_connections(a_request: Request) -> None:
    """Two loops one after another work."""
    assert [asyncio.run(ask_twice(a_request)) for _ in range(2)] == [1, 1]


def test_a_model_can_be_used_in_one_loop_after_another(a_request: Request) -> None:
    """And after it was closed."""
    opened: dict[str, Model] = {}

    async def scenario() -> str:
        async with BadServer(HELLO) as server:
            model = opened.setdefault(server.url, model_at(server.url))
            await ask(model, a_request)
            await model.close()
            text = (await ask(model, a_request)).text
            await model.close()
            return text

    assert [asyncio.run(scenario()), asyncio.run(scenario())] == ["Hi", "Hi"]


def test_more_than_a_hundred_calls_wait_for_no_connection(a_request: Request) -> None:
    """All of them are with the server at once."""

    async def scenario() -> int:
        async with BadServer(Script([Step.STALL])) as server:
            model = model_at(server.url)
            calls = [asyncio.ensure_future(ask(model, a_request)) for _ in range(130)]
            for _ in calls:
                await server.asked.acquire()
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)
            await model.close()
            return server.connections

    assert asyncio.run(scenario()) == 130


@pytest.mark.parametrize("pieces", [[Step.STALL], [delta(content="Hal"), Step.STALL]], ids=["before", "amid"])
def test_a_cancelled_call_closes_its_connection(a_request: Request, pieces: list[bytes | Step]) -> None:
    """The server sees it go, so that it stops computing."""

    async def scenario() -> None:
        async with BadServer(Script(pieces)) as server:
            model, heard = model_at(server.url), asyncio.Event()
            call = asyncio.ensure_future(model.reply(a_request, lambda *_: heard.set()))
            await (heard.wait() if len(pieces) > 1 else server.asked.acquire())
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await server.left.wait()
            await model.close()

    asyncio.run(scenario())


def test_a_failed_answer_leaves_no_connection_that_another_call_could_get(a_request: Request) -> None:
    """What is left of it would be read as the beginning of the next."""

    async def scenario() -> int:
        async with BadServer(Script([b"data: oops\n\n", Step.STALL])) as server:
            model = model_at(server.url)
            for _ in range(2):
                with pytest.raises(ModelFailed, match="no JSON: oops"):
                    await ask(model, a_request)
            await model.close()
            return server.connections

    assert asyncio.run(scenario()) == 2


def test_a_server_that_is_not_there_says_how_to_get_on(a_request: Request, a_dead_port: int) -> None:
    """Which address, why, and what to do."""

    async def scenario() -> None:
        model = model_at(f"http://127.0.0.1:{a_dead_port}/v1")
        try:
            await ask(model, a_request)
        finally:
            await model.close()

    with pytest.raises(ModelFailed) as failed:
        asyncio.run(scenario())
    assert failed.value.message == f"model lab: cannot connect to http://127.0.0.1:{a_dead_port}: connection refused"
    assert failed.value.hint == "start the server, or set `base_url` of this model in runner.yaml"
    assert failed.value.match == "unavailable"


def test_a_connection_that_does_not_come_up_is_told_from_a_slow_answer(a_full_port: int) -> None:
    """It has a clock of its own."""

    async def scenario() -> None:
        line = Line(f"http://127.0.0.1:{a_full_port}/v1", [])
        try:
            async with line.post(b"{}", connect=0.05):
                pass
        finally:
            await line.close()

    with pytest.raises(ModelFailed, match=r"cannot connect to http://127\.0\.0\.1:\d+: no answer in time") as failed:
        asyncio.run(scenario())
    assert failed.value.match == "unavailable"


@pytest.mark.usefixtures("no_proxies")
def test_a_host_without_an_address_is_named(a_request: Request) -> None:
    """`.invalid` never has one."""

    async def scenario() -> None:
        model = model_at("http://nowhere.invalid/v1")
        try:
            await ask(model, a_request)
        finally:
            await model.close()

    with pytest.raises(ModelFailed, match=r"model lab: there is no host nowhere\.invalid") as failed:
        asyncio.run(scenario())
    assert failed.value.match == "unavailable"


def answered_by(raw: bytes, request: Request, scheme: str = "http") -> ModelFailed:
    """The failure at a server that sends these bytes to whoever says something, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(raw)
        writer.close()

    async def scenario() -> ModelFailed:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            model = model_at(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
            with pytest.raises(ModelFailed) as failed:
                await ask(model, request)
            await model.close()
            return failed.value

    return asyncio.run(scenario())


def test_a_server_of_another_kind_is_told_from_a_silent_one(a_request: Request) -> None:
    """One does not speak HTTP, one hangs up without a word."""
    assert "does not answer in HTTP" in answered_by(b"SSH-2.0-OpenSSH_9.2\r\n", a_request).message
    assert "broke the connection off before it answered" in answered_by(b"", a_request).message


def test_a_status_line_that_is_no_text_is_no_http(a_request: Request) -> None:
    """What comes behind it is not read."""
    failed = answered_by(b"HTTP/1.1 400 \xff\xfe\r\ncontent-length: 2\r\n\r\n{}", a_request)
    assert "does not answer in HTTP" in failed.message


def test_a_plain_server_behind_a_secure_address_says_so(a_request: Request) -> None:
    """https:// where http:// is spoken."""
    failed = answered_by(b"HTTP/1.1 400 Bad Request\r\n\r\n", a_request, "https")
    assert "no secure connection to https://127.0.0.1:" in failed.message
    assert failed.match == "unavailable"


@pytest.mark.usefixtures("no_proxies")
def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """By scheme, else for all; NO_PROXY takes hosts out, and this machine is never behind one."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "other.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert way_to("https://api.example/v1") == Way(tls=True, proxy="http://proxy.example:3128")
    assert way_to("http://api.example/v1") == Way(tls=False, proxy="http://other.example:3128")
    assert way_to("https://inside.example/v1") == Way(tls=True, proxy=None)
    assert {way_to(f"http://{host}/v1").proxy for host in ("127.0.0.1:11434", "localhost", "[::1]:80")} == {None}


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_of_another_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going round it silently would be worse."""
    monkeypatch.setenv("ALL_PROXY", "socks5://user:word@proxy.example:1080")
    with pytest.raises(ModelFailed, match=r"the proxy for api\.example is socks5://…, only") as failed:
        way_to("https://api.example/v1")
    assert failed.value.match == "unavailable"


@pytest.mark.usefixtures("no_proxies")
def test_a_request_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch, a_request: Request) -> None:
    """Which is asked for the whole address."""

    async def scenario() -> str:
        async with BadServer(HELLO) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
            model = model_at("http://models.invalid/v1")
            await ask(model, a_request)
            await model.close()
            return proxy.heads[0]

    assert asyncio.run(scenario()).startswith("POST http://models.invalid/v1/chat/completions ")


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, a_request: Request, a_dead_port: int
) -> None:
    """Else the model's server would be searched for the fault."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{a_dead_port}")

    async def scenario() -> None:
        model = model_at("http://models.invalid/v1")
        try:
            await ask(model, a_request)
        finally:
            await model.close()

    with pytest.raises(ModelFailed, match=r"no way to http://models\.invalid through the proxy") as failed:
        asyncio.run(scenario())
    assert failed.value.hint == "check the proxy variables of the environment, NO_PROXY included"
