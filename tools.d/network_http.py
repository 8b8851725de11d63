"""The network pack: look whether a page answers.

It is for the operator's own servers, so private addresses are what it is for. It therefore shows nothing of a page but
its status and whether a given text stands in it, sends no body, no credentials and no headers of the caller's, follows
no redirect, uses no proxy, and never speaks with the link-local addresses that clouds keep their keys at. The name is
looked up once, each address is judged, and the connection goes to the address that was judged.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

from runner.tools.context import ToolFailed

_LOOKED_AT = 200_000
"""Bytes of a page that are searched."""
_PORTS = {"http": 80, "https": 443}
_CARRIERS = ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
"""Networks whose addresses hold one of IPv4 in their last 32 bits."""
_METADATA = {"fd00:ec2::254", "100.100.100.200", "168.63.129.16", "fd20:ce::254"}
"""Addresses outside of link-local ones at which a cloud tells a machine of itself."""


def http_check(
    url: str,
    contains: str | None = None,
    verify: bool = True,
    seconds: int = 5,
) -> dict[str, Any]:
    """Status, time and a few headers of a page."""
    parts = _parts(url)
    address = _address(parts)
    wait = min(max(seconds, 1), 8)
    began = time.monotonic()
    kind = http.client.HTTPConnection if parts.scheme == "http" else http.client.HTTPSConnection
    connection = kind(parts.hostname or "", address[1], timeout=wait)
    try:
        connection.sock = _connected(parts, address, wait, verify=verify)
        connection.request("GET", _target(parts), headers={"User-Agent": "runner", "Accept-Encoding": "identity"})
        response = connection.getresponse()
        answered = time.monotonic()
        page = _page(response, until=began + wait)
    except (OSError, http.client.HTTPException) as error:
        return {"text": f"no answer: {_reason(error)}", "ok": False, "status": None, "reason": _reason(error)}
    finally:
        connection.close()
    return _report(response, page, contains, address, round(1000 * (answered - began)))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ToolFailed(f"{url!r} is no address: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ToolFailed(f"{url!r} is no address of http or https", hint="write it as http://10.0.0.4:8080/health")
    if parts.username is not None:
        raise ToolFailed("the address holds a user or a password", hint="leave out what stands before the @")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ToolFailed(f"{url!r} holds signs that an address cannot have", hint="write them as %20 and the like")
    return parts


def _address(parts: SplitResult) -> tuple[str, int]:
    """The first address of the name; raises when any of its addresses is a forbidden one."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise ToolFailed(f"{host} is not known: {error}", hint="resolve_name and dns_lookup say more") from error
    for one in map(str, found):
        if _is_forbidden(one):
            raise ToolFailed(f"{host} leads to {one}: clouds keep the keys of a machine there, so no check goes there")
    return str(found[0]), port


def _is_forbidden(address: str) -> bool:
    """Whether it is link-local or a cloud's, also when written as an IPv6 address that stands for an IPv4 one."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        embedded = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
        if any(one in ipaddress.ip_network(net) for net in _CARRIERS):
            embedded.append(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF))
        if any(each is not None and _is_forbidden(str(each)) for each in embedded):
            return True
    return one.is_link_local or one.is_multicast or str(one) in _METADATA


def _connected(parts: SplitResult, address: tuple[str, int], wait: int, *, verify: bool) -> socket.socket:
    """A socket to the judged address, on which the name is spoken of."""
    plain = socket.create_connection(address, timeout=wait)
    return plain if parts.scheme == "http" else _secured(plain, parts.hostname or "", verify=verify)


def _secured(plain: socket.socket, name: str, *, verify: bool) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except OSError:
        plain.close()
        raise


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _page(response: http.client.HTTPResponse, until: float) -> bytes:
    """The page's beginning, as far as it came in time."""
    page = b""
    while len(page) < _LOOKED_AT and time.monotonic() < until and (part := response.read1(_LOOKED_AT - len(page))):
        page += part
    return page


def _report(
    response: http.client.HTTPResponse, page: bytes, contains: str | None, address: tuple[str, int], waited: int
) -> dict[str, Any]:
    held = None if contains is None else contains.encode() in page
    ok = response.status < 400 and held is not False  # noqa: PLR2004 - from 400 on it is an error
    missing = "; the text does not stand in it" if held is False else ""
    return {
        "text": f"{response.status} {response.reason} in {waited} ms{missing}",
        "ok": ok,
        "status": response.status,
        "reason": response.reason,
        "milliseconds": waited,
        "address": address[0],
        "contains": held,
        "bytes_read": len(page),
        "content_type": response.getheader("Content-Type", ""),
        "server": response.getheader("Server", ""),
        "location": response.getheader("Location", ""),
    }


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
