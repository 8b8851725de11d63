"""Request and answer: the connection goes to a judged address, the answer is read up to its limit.

Nothing of the environment decides where it goes: no proxy, no cookie, no `.netrc`. No encoding is asked for, and one
that comes all the same is refused before it is unpacked. Each redirect is read and judged like the first address.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpcore

from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.tools.http.address import parse

if TYPE_CHECKING:
    from runner.tools.http.asking import Asking
    from runner.tools.http.guard import Guard

_CONNECT = 5.0
"""Seconds for one address of a host, when it has others."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whole."""

    status: int
    url: str
    content_type: str
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether its status is one of 200 to 299."""
        return 200 <= self.status <= 299  # noqa: PLR2004 - as HTTP counts


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an answer is followed and read; `answers` are redirects that are answers themselves."""

    redirects: int
    most: int
    answers: frozenset[int] = frozenset()


async def exchange(asking: Asking, limits: Limits, guard: Guard, trust: ssl.SSLContext | None = None) -> Answer:
    """The answer to a request, redirects followed; raises ToolFailed. `trust` is what certificates are checked by."""
    backend = _Guarded(guard)
    async with httpcore.AsyncConnectionPool(trust or certificates(), network_backend=backend) as pool:
        for left in range(limits.redirects, -1, -1):
            answer = await _once(pool, asking, limits)
            if isinstance(answer, Answer):
                return answer
            asking = _followed(asking, answer, left)
    raise AssertionError  # the last redirect is refused by _followed


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """The shipped authorities, and those of the machine; read once, as that takes 20 ms."""
    return httpcore.default_ssl_context()


async def _once(pool: httpcore.AsyncConnectionPool, asking: Asking, limits: Limits) -> Answer | str:
    """The answer, or where it says to go instead."""
    address = asking.address
    url = httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target)
    headers = [("host", address.authority), ("accept-encoding", "identity"), *asking.headers.items()]
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    timeout = {"extensions": {"timeout": {"connect": _CONNECT}}}
    try:
        async with pool.stream(asking.method, url, headers=sent, content=asking.body, **timeout) as response:
            known = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS - limits.answers and "location" in known:
                return known["location"]
            body = await _body(response, known, limits.most)
            return Answer(response.status, str(address), known.get("content-type", ""), body)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
        raise _fault(error, str(address.authority)) from error


async def _body(response: httpcore.Response, headers: dict[str, str], most: int) -> bytes:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        packed = begin_of(encoding, 40)
        raise ToolFailed(f"the answer is packed as {packed!r}, which was not asked for and is not unpacked")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > most:
        raise _too_long(most)
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > most:
            raise _too_long(most)
    return bytes(body)


def _too_long(most: int) -> ToolFailed:
    return ToolFailed(f"the answer is longer than {most:,} bytes", hint="ask for less, such as one page of it")


def _followed(asking: Asking, location: str, left: int) -> Asking:
    """The request to where a redirect points."""
    shown = begin_of(location, 200)
    if asking.method not in ("GET", "HEAD"):
        raise ToolFailed(f"{asking.address.authority} redirects to {shown!r}, where a {asking.method} is not carried")
    if not left:
        raise ToolFailed(f"{asking.address.authority} redirects once more, to {shown!r}", hint="ask that address")
    try:
        address = parse(urljoin(str(asking.address), location))
    except ValueError as error:
        raise ToolFailed(f"{asking.address.authority} redirects to what is not followed: {error}") from error
    if asking.address.scheme == "https" and address.scheme == "http":
        raise ToolFailed(f"{asking.address.authority} redirects to {shown!r}, which is not encrypted")
    return asking.redirected(address)


class _Guarded(httpcore.AsyncNetworkBackend):
    """The only way to a server: its addresses are judged, and one of them is connected to."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes it; TLS asks for the name, not the address."""
        fault: Exception | None = None
        for address in await self._guard.addresses(host, port):
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault or httpcore.ConnectError


def _fault(error: Exception, place: str) -> ToolFailed:
    match error.__cause__ or error.__context__ or error:
        case ssl.SSLCertVerificationError() as cause:
            return ToolFailed(f"the certificate of {place} is refused: {cause.verify_message}", match="unavailable")
        case ssl.SSLError() as cause:
            return ToolFailed(f"no secure connection to {place}: {cause.reason or cause}", match="unavailable")
    match error:
        case httpcore.ConnectTimeout():
            return ToolFailed(f"{place} does not take connections: no answer in time", match="unavailable")
        case httpcore.ConnectError():
            return ToolFailed(f"cannot connect to {place}", match="unavailable")
        case httpcore.ProtocolError():
            return ToolFailed(begin_of(f"{place} does not answer in proper HTTP: {error}", 300))
    return ToolFailed(f"{place} broke the connection off")
