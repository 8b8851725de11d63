"""The only way to authorization servers: judged addresses, encrypted, no redirects, short answers, in time.

Where to ask is told by the server and by metadata that it names, and so by a stranger.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from runner.errors import ToolFailed
from runner.tools.http.address import Address, parse
from runner.tools.http.asking import Asking
from runner.tools.http.exchange import Limits, exchange
from runner.tools.http.guard import Guard
from runner.tools.mcp.oauth.spec import is_here

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 256_000
"""Bytes of metadata, or of a token's answer."""
SECONDS = 10.0
"""How long one answer may take."""
_LIMITS = Limits(redirects=0, most=MOST, answers=frozenset({301, 302, 303, 307, 308}))
_OURS = frozenset({"host", "accept-encoding", "connection"})


class Asker:
    """Asks what belongs to the authorization of one server; `named` are the addresses that the file itself names."""

    def __init__(self, url: str, named: Sequence[str], allow: Sequence[str]) -> None:
        self._own = _origin(url)
        self._guard = Guard([*(_authority(one) for one in (url, *named)), *allow])

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        """The answer to a request; raises ToolFailed for an address that is not asked, or does not answer."""
        address = self._judged(str(request.url))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OURS}
        asking = Asking(request.method, address, headers, await request.aread() or None)
        try:
            async with asyncio.timeout(SECONDS):
                answer = await exchange(asking, _LIMITS, self._guard)
        except TimeoutError:
            what = f"{address.authority} did not answer in {SECONDS:g} s"
            raise _unavailable(what) from None
        except ToolFailed as error:
            named = f"{address.host}:{address.port}"
            hint = (
                f"if it is right, inside `auth` write `allow: [{named!r}]`" if error.match == "policy" else error.hint
            )
            raise _unavailable(error.message, hint) from error
        kind = {"content-type": answer.content_type}
        return httpx2.Response(answer.status, headers=kind, content=answer.body, request=request)

    def _judged(self, url: str) -> Address:
        try:
            address = parse(url)
        except ValueError as error:
            raise _unavailable(str(error)) from error
        if address.scheme == "http" and address.origin != self._own and not is_here(address.host):
            raise _unavailable(f"{address.authority} is refused: `http://` is not encrypted")
        return address


def _unavailable(what: str, hint: str = "") -> ToolFailed:
    return ToolFailed(f"who asks could not be proved: {what}", match="unavailable", hint=hint)


def _origin(url: str) -> tuple[str, str, int]:
    return parse(url).origin


def _authority(url: str) -> str:
    """Host and port, as a guard reads them."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
