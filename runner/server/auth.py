"""Who may ask: the Host and Origin of a browser, the token of everybody, and a body of the right kind and size.

A page of another site can make a browser send requests to loopback. Its name in Host or Origin gives it away, and it
knows no token.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from runner.server.problems import problem

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 16 << 20
"""The most bytes that the body of a request may have: the longest message fits, however it is escaped."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised here, not bound
PUBLIC = frozenset({"/healthz", "/readyz"})


class Gate:
    """Lets through what may ask, and answers everything else with a problem."""

    def __init__(self, app: ASGIApp, *, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._host = host.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request from the outside in, then pass it on with its body read."""
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["path"], headers)
        body = b""
        try:
            if refusal is None:
                body, refusal = await _body(headers, receive)
        except ClientDisconnect:
            return  # half a request is none
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, _Replay(body, receive), send)

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if not self._is_known(_name(host)):
            hint = "name this machine as server.listen does, or as localhost"
            return problem(421, f"no host {host!r} here", hint=hint)
        for origin in headers.getlist("origin"):
            if origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
                return problem(403, f"requests from {origin!r} are not taken")
        if path not in PUBLIC and not self._knows_token(headers):
            hint = "send `Authorization: Bearer TOKEN`; the token stands in the file `token` beside the journal"
            return problem(401, "the token is missing or wrong", hint=hint, headers={"WWW-Authenticate": "Bearer"})
        return None

    def _is_known(self, name: str) -> bool:
        if name in LOOPBACK or name == self._host:
            return True
        # A site can take over a name, never an address.
        return self._host in WILDCARDS and _is_address(name)

    def _knows_token(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)


class _Replay:
    """Gives the application a body that was read already, then whatever comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        message, self._message = self._message, None
        return message if message is not None else await self._receive()


async def _body(headers: Headers, receive: Receive) -> tuple[bytes, Response | None]:
    """The whole body, or why it is not taken."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY:
            return b"", problem(413, f"the body is larger than {BODY >> 20} MiB")
        if not message.get("more_body"):
            break
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if size and kind != "application/json":
        return b"", problem(415, f"a body must be application/json, not {kind or 'of no type'}")
    return b"".join(parts), None


def _name(host: str) -> str:
    """The name in HOST[:PORT], an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
