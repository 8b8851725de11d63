"""The way to model servers: connections shared by all models of an event loop, opened at the first request.

The transport is called directly, with ready headers and bytes. That skips what a client would add: redirects (they are
faults here: a POST with a key is not carried to another place), cookies, authentication and decompression (so no
encoding is accepted). Proxies are the environment's (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY), looked up once for
each model; addresses of this machine are always reached directly. `.netrc` is never read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from runner.errors import ModelFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping, Sequence

    import httpx
    from httpx_aiohttp import AiohttpTransport

Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"


class Way(NamedTuple):
    """What connections can be shared by: with TLS or without, through which proxy."""

    tls: bool
    proxy: str | None


@dataclass(slots=True)
class _Shared:
    transport: AiohttpTransport
    users: int = 0


_OPEN: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Way, _Shared]] = WeakKeyDictionary()


class Answer(NamedTuple):
    """The head of a response, and its body as it arrives."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """Names are looked up in any case."""
    chunks: AsyncIterator[bytes]

    @property
    def location(self) -> str:
        """Where a redirect points to."""
        return self.headers.get("location", "")


class Line:
    """One user of the shared connections: posts to one address with the same headers each time."""

    def __init__(self, url: str, headers: Headers) -> None:
        self._address = url
        self._headers = [*headers, (b"accept-encoding", b"identity")]
        self._way: Way | None = None
        self._url: httpx.URL | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def post(self, body: bytes, connect: float) -> AsyncGenerator[Answer, None]:
        """The answer to a POST, its connection given back or, when its body was not read to the end, closed.

        `connect` is the seconds for name, connection and TLS together. Raises ModelFailed for all that befalls the
        connection, also while the body is read.
        """
        import aiohttp
        import httpx

        transport = self._transport()
        request = httpx.Request(
            "POST",
            self._url or self._address,
            headers=self._headers,
            content=body,
            extensions={"timeout": {"pool": connect}},
        )
        self._url = request.url
        stream, chunks = None, None
        try:
            response = await transport.handle_async_request(request)
            stream = cast("httpx.AsyncByteStream", response.stream)
            chunks = cast("AsyncGenerator[bytes, None]", aiter(stream))
            yield Answer(response.status_code, response.reason_phrase, response.headers, chunks)
        except UnicodeEncodeError as error:  # the transport's own, of a status line that is no text
            if stream is not None:
                raise
            raise _no_http(self._address) from error
        except (httpx.TransportError, aiohttp.ClientError) as error:
            raise _fault(error, self._address, answering=stream is not None) from error
        finally:
            if chunks is not None and stream is not None:
                await chunks.aclose()
                await stream.aclose()  # closes the connection when the body was not read to its end

    async def close(self) -> None:
        """Give the connections back; their last user closes them."""
        loop, self._loop = self._loop, None
        if self._way is None or loop is not asyncio.get_running_loop():
            return  # never used, or of a loop that is gone with its connections
        ways = _OPEN.get(loop, {})
        shared = ways[self._way]
        shared.users -= 1
        if not shared.users:
            del ways[self._way]
            await shared.transport.aclose()

    def _transport(self) -> AiohttpTransport:
        loop = asyncio.get_running_loop()
        if self._way is None:
            self._way = way_to(self._address)
        ways = _OPEN.setdefault(loop, {})
        if self._way not in ways:
            ways[self._way] = _Shared(_open(self._way))
        shared = ways[self._way]
        if self._loop is not loop:
            self._loop = loop
            shared.users += 1
        return shared.transport


async def read_some(chunks: AsyncIterator[bytes], most: int = 64 * 1024) -> bytes:
    """The beginning of a body."""
    read = bytearray()
    async for chunk in chunks:
        read += chunk
        if len(read) >= most:
            break
    return bytes(read[:most])


async def drain(chunks: AsyncIterator[bytes], seconds: float = 0.5) -> None:
    """Read the end of an answer whose content is complete: only then can its connection serve again."""
    import httpx

    try:
        async with asyncio.timeout(seconds):
            async for _ in chunks:
                pass
    except (TimeoutError, httpx.TransportError, ModelFailed):
        return  # the answer is there; only the connection is lost


def way_to(url: str) -> Way:
    """The connections that an address needs, by the environment's proxies."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass(parts.netloc):
        return Way(parts.scheme == "https", None)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise ModelFailed(
            f"the proxy for {host} is {urlsplit(proxy).scheme}://…, only http proxies are spoken",
            match="unavailable",
            hint="set HTTPS_PROXY to an http:// proxy, or add the host to NO_PROXY",
        )
    return Way(parts.scheme == "https", proxy)


def certificates(*, tls: bool) -> ssl.SSLContext:
    """What a connection checks certificates by: the shipped authorities, and those of the machine."""
    import ssl

    import httpx

    if not tls:  # they cost 20 ms, and a plain connection never checks one
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _open(way: Way) -> AiohttpTransport:
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

    context = certificates(tls=way.tls)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context),  # 0: as many connections as there are calls
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
    return AiohttpTransport(verify=context, client=session, proxy=httpx.Proxy(way.proxy) if way.proxy else None)


def _fault(error: Exception, url: str, *, answering: bool) -> ModelFailed:
    import aiohttp

    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.netloc}"
    hint = "start the server, or set `base_url` of this model in runner.yaml"
    match cause:
        case aiohttp.ClientConnectorDNSError():
            what, hint = f"there is no host {parts.hostname}", "check `base_url` of this model in runner.yaml, and DNS"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            what, hint = (
                f"no secure connection to {place}: {cause}",
                "SSL_CERT_FILE can name the authority's certificate",
            )
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            what, hint = (
                f"no way to {place} through the proxy: {cause}",
                "check the proxy variables of the environment, NO_PROXY included",
            )
        case aiohttp.ClientConnectorError():
            what = f"cannot connect to {place}: {_reason(cause.os_error)}"
        case aiohttp.ConnectionTimeoutError():
            what = f"cannot connect to {place}: no answer in time"
        case aiohttp.ClientResponseError():
            return _no_http(url)
        case _:
            when = "in the middle of its answer" if answering else "before it answered"
            what = f"{place} broke the connection off {when}"
            return ModelFailed(what, hint="the server's own log says why", trouble="reset")
    return ModelFailed(what, match="unavailable", hint=hint, trouble="connect")


def _no_http(url: str) -> ModelFailed:
    parts = urlsplit(url)
    hint = "check `base_url` of this model in runner.yaml"
    return ModelFailed(f"{parts.scheme}://{parts.netloc} does not answer in HTTP", hint=hint, trouble="broken")


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
