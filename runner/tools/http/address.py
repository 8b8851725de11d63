"""Addresses as templates: what a value stands in is its own part of the path or query, never more.

The scheme is written out, and so are host and port; a parameter with a pattern may name the host, or the address as a
whole. Every address that is asked, also the one that a redirect names, is read by `parse` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from runner.errors import ToolFailed
from runner.prompts import RenderError, template
from runner.spec.cuts import begin_of

_PLACE = re.compile(r"""(\{\{(?:[^{}"']|"[^"]*"|'[^']*')*\}\})""")
_NAME = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_SECRET = re.compile(r"\$\{\w+\}")
_WRITTEN = re.compile(r"(https?)://([^/?#]*)(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::([0-9]{1,5}))?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = re.compile(r"(^|[/\\])\.{0,2}([/\\]|$)")
_KEPT = "%/:?#[]@!$&'()*+,;=~"
_PORTS = {"http": 80, "https": 443}
_HIGHEST = 65535


class Address(NamedTuple):
    """An address that may be asked, in the form that is sent."""

    scheme: str
    host: str
    """In small letters; an IPv6 address stands in brackets."""
    port: int
    target: str
    """Path and query."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """What secrets belong to."""
        return self[:3]

    @property
    def authority(self) -> str:
        """The host, and the port unless it is the usual one."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def check(source: str) -> str:
    """The template of an address; raises ValueError for one in which a value could say more than its part."""
    rest = _SECRET.sub("", _PLACE.sub("", source))  # a secret here is told of with all others
    if "{" in rest or "}" in rest:
        msg = "an address holds values as in {{ name }}, and no other braces"
        raise ValueError(msg)
    if re.search(r"[\s\\]", rest):
        msg = "an address holds no blank, no line end and no backslash; parts that do are written %20 or %5C"
        raise ValueError(msg)
    if _NAME.fullmatch(source):
        return source
    written = _WRITTEN.fullmatch(source)
    if written is None:
        msg = "an address begins with http:// or https://, written out"
        raise ValueError(msg)
    if "@" in written[2]:
        msg = "a user or password is no part of the address; write `auth: {basic: USER:${PASSWORD}}` beside `url`"
        raise ValueError(msg)
    host = _AUTHORITY.fullmatch(written[2])
    if host is None or ("{" in host[1] and not _NAME.fullmatch(host[1])):
        msg = f"{written[2]!r} is no host; write HOST or HOST:PORT, or a single {{{{ name }}}} for the whole host"
        raise ValueError(msg)
    if "{" not in written[2]:
        _authority(written[1], written[2])
    return source


def host_parameter(source: str) -> str:
    """The parameter that names the host of a checked template, or the address as a whole; empty when none does."""
    written = _WRITTEN.fullmatch(source)
    found = _NAME.match(written[2] if written else source)
    return found[1] if found else ""


def written_port(source: str) -> int | None:
    """The port that a checked template writes out."""
    written = _WRITTEN.fullmatch(source)
    host = _AUTHORITY.fullmatch(written[2]) if written else None
    return int(host[2]) if host and host[2] else None


def parse(text: str) -> Address:
    """Read an address that is written out; raises ValueError."""
    if _CONTROL.search(text):
        msg = f"{begin_of(text, 200)!r} holds a line end or another control character"
        raise ValueError(msg)
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        msg = f"{begin_of(text, 200)!r} is no address that begins with http:// or https://"
        raise ValueError(msg)
    host, port = _authority(written[1], written[2])
    target = quote(written[3].partition("#")[0], safe=_KEPT)
    return Address(written[1], host, port, target if target.startswith("/") else f"/{target}")


def filled(source: str, arguments: Mapping[str, Any], query: Mapping[str, Any]) -> Address:
    """The address that a call asks; raises ToolFailed for a value that may not stand where it would."""
    try:
        address = parse(_text(source, arguments))
    except RenderError as error:
        raise ToolFailed(f"the address cannot be made: {error}") from error
    except ValueError as error:
        raise ToolFailed(str(error), hint="give an address such as https://example.com/page") from error
    if not query:
        return address
    sign = "&" if "?" in address.target else "?"
    return address._replace(target=f"{address.target}{sign}{encoded(query)}")


def encoded(pairs: Mapping[str, Any]) -> str:
    """Names and values as queries and forms have them: null is left out, a list gives its name several times."""
    kept = {name: value for name, value in pairs.items() if value is not None}
    texts = {
        name: [plain(one) for one in value] if isinstance(value, list | tuple) else plain(value)
        for name, value in kept.items()
    }
    return urlencode(texts, doseq=True, quote_via=quote, safe="")


def plain(value: Any) -> str:
    """A value as one text; raises ToolFailed for one that is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ToolFailed(f"{begin_of(repr(value), 200)} is no text and no number, and stands for one in the request")


def _text(source: str, arguments: Mapping[str, Any]) -> str:
    if _NAME.fullmatch(source):
        return plain(template(source).value(arguments))
    made = ""
    for index, piece in enumerate(_PLACE.split(source)):
        made += _part(piece, made, arguments) if index % 2 else piece
    return made


def _part(place: str, before: str, arguments: Mapping[str, Any]) -> str:
    """The value of one place, in the form in which it stays there."""
    value = plain(template(place).value(arguments))
    if before.endswith("://"):
        if not _HOST.fullmatch(value.lower()):
            raise ToolFailed(f"{begin_of(value, 200)!r} is no name of a host", hint="give a host such as example.com")
        return value
    if "?" not in before and _DOTS.search(value):
        raise ToolFailed(
            f"the value {begin_of(value, 80)!r} for {place} would lead to another path of the server",
            hint="give a value that is not empty and has no parts . or ..",
        )
    return quote(value, safe="")


def _authority(scheme: str, authority: str) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        what = "has a user or password in front of its host" if "@" in authority else "has no host that can be read"
        msg = f"the address {what}: {begin_of(authority, 200)!r}"
        raise ValueError(msg)
    try:
        host = (found[1] if found[1].isascii() else found[1].encode("idna").decode()).lower()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        msg = f"{begin_of(found[1], 200)!r} is no name of a host"
        raise ValueError(msg)
    port = int(found[2]) if found[2] else _PORTS[scheme]
    if not 0 < port <= _HIGHEST:
        msg = f"{port} is no port"
        raise ValueError(msg)
    return host, port
