"""A server at an address: streamable HTTP, each answer bounded, nothing unpacked, no redirect to elsewhere."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from mcp.client._transport import TransportStreams

MOST = 16_000_000
"""Bytes of one answer, or of one event of a stream."""
CONNECT = 10.0
"""Seconds in which a connection comes up."""
QUIET = 300.0
"""Seconds that a stream may be silent; calls have their own time."""


class Address:
    """Where a server is, and the headers that it wants."""

    def __init__(self, name: str, url: str, headers: Mapping[str, str]) -> None:
        self.name = name
        self.where = str(httpx2.URL(url).copy_with(query=None))
        self.gone = asyncio.Event()
        """Never set: whether it is there shows with each request."""
        self._url = url
        self._headers = headers

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TransportStreams]:
        """Carry messages until the block is left."""
        from mcp.client.streamable_http import streamable_http_client

        timeout = httpx2.Timeout(CONNECT, read=QUIET)
        headers = {**self._headers, "Accept-Encoding": "identity"}
        transport = _Bounded(httpx2.AsyncHTTPTransport())
        async with (
            httpx2.AsyncClient(headers=headers, timeout=timeout, transport=transport, trust_env=False) as client,
            streamable_http_client(self._url, http_client=client, max_sse_event_size=MOST) as streams,
        ):
            yield streams

    def words(self) -> str:
        """Nothing more is known of it."""
        return ""


class _Bounded(httpx2.AsyncBaseTransport):
    """Refuses packed answers, and ends those that are too long; a stream of events is bounded by the event."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
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
