"""A server at an address: streamable HTTP, each answer bounded, nothing unpacked, no redirect to elsewhere."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2

from runner.tools.mcp.refusals import refusal, unproved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from mcp.client._transport import TransportStreams

    from runner.tools.mcp.oauth.carrying import Bearer
    from runner.tools.mcp.oauth.spec import Authorization
    from runner.tools.mcp.refusals import Refusal

MOST = 16_000_000
"""Bytes of one answer, or of one event of a stream."""
CONNECT = 10.0
"""Seconds in which a connection comes up."""
QUIET = 300.0
"""Seconds that a stream may be silent; calls have their own time."""


class Address:
    """Where a server is, the headers that it wants, and who proves that we may ask."""

    def __init__(
        self,
        name: str,
        url: str,
        headers: Mapping[str, str],
        auth: Authorization | None = None,
        bearer: Bearer | None = None,
    ) -> None:
        self.name = name
        self.where = str(httpx2.URL(url).copy_with(query=None))
        self.gone = asyncio.Event()
        """Never set: whether it is there shows with each request."""
        self._url = url
        self._headers = headers
        self._auth = auth
        self._bearer = bearer
        self._refusal: Refusal | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TransportStreams]:
        """Carry messages until the block is left."""
        from mcp.client.streamable_http import streamable_http_client

        timeout = httpx2.Timeout(CONNECT, read=QUIET)
        headers = {**self._headers, "Accept-Encoding": "identity"}
        transport = _Bounded(httpx2.AsyncHTTPTransport(), self._hear)
        auth = self._bearer.auth() if self._bearer else None
        logging.getLogger("mcp.client").setLevel(logging.CRITICAL + 1)  # it prints the traces of what is told here
        async with (
            httpx2.AsyncClient(
                headers=headers, timeout=timeout, transport=transport, trust_env=False, auth=auth
            ) as client,
            streamable_http_client(self._url, http_client=client, max_sse_event_size=MOST) as streams,
        ):
            yield streams

    def words(self) -> str:
        """Nothing more is known of it."""
        return ""

    def refusal(self) -> Refusal | None:
        """Why it did not let us in when it was asked last, or why nobody could prove who asks."""
        if self._bearer and (fault := self._bearer.seen.fault):
            return unproved(fault)
        return self._refusal

    def redact(self, data: Any) -> Any:
        """Plain data without the tokens that it was sent."""
        return self._bearer.seen.redact(data) if self._bearer else data

    def _hear(self, response: httpx2.Response) -> None:
        self._refusal = None
        if response.status_code in (401, 403):
            challenge = response.headers.get("www-authenticate", "")
            self._refusal = refusal(self.name, response.status_code, challenge, self._auth, self._headers)


class _Bounded(httpx2.AsyncBaseTransport):
    """Refuses packed answers, and ends those that are too long; a stream of events is bounded by the event."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, hear: Callable[[httpx2.Response], None]) -> None:
        self._inner = inner
        self._hear = hear

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self._hear(response)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise httpx2.DecodingError("the answer is packed, and a plain one was asked for", request=request)
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            response.stream = _Counted(response.stream, request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: Any, request: httpx2.Request) -> None:
        self._inner = inner
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > MOST:
                raise httpx2.ReadError(f"the answer has more than {MOST:,} bytes", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
