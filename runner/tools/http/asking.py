"""The request that a call makes: address, headers and body, its values in place and its secrets filled in."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runner.errors import ToolFailed
from runner.prompts import RenderError, template
from runner.secrets import REFERENCE
from runner.tools.http import address
from runner.tools.http.address import Address
from runner.tools.http.fields import Auth, Request

Fill = Callable[[str], str]
"""Puts the values of secrets in the place of `${NAME}`."""

_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_FOR_EVERYONE = frozenset({"accept", "accept-language", "user-agent"})
_DEFAULTS = {"user-agent": "runner", "accept": "*/*"}


@dataclass(frozen=True, slots=True)
class Asking:
    """A request as it is sent."""

    method: str
    address: Address
    headers: Mapping[str, str]
    body: bytes | None

    def redirected(self, address: Address) -> Asking:
        """The same to another address; a header that may be meant for one server alone is sent to no other."""
        if address.origin == self.address.origin:
            return replace(self, address=address)
        headers = {name: value for name, value in self.headers.items() if name in _FOR_EVERYONE}
        return replace(self, address=address, headers=headers)


def asked(spec: Request, arguments: Mapping[str, Any], fill: Fill) -> Asking:
    """The request of a call with these arguments; raises ToolFailed for a value that may not stand where it would."""
    query = _rendered("query", spec.query, arguments)
    kind, body = _body(spec, arguments)
    headers = _DEFAULTS | ({"content-type": kind} if kind else {})
    for name, value in spec.headers.items():
        headers[name.lower()] = _header(name, value, arguments, fill)
    if spec.auth:
        headers["authorization"] = _sendable("auth", _credentials(spec.auth, fill))
    return Asking(spec.method, address.filled(spec.url, arguments, query), headers, body)


def _body(spec: Request, arguments: Mapping[str, Any]) -> tuple[str, bytes | None]:
    """Its type and its bytes."""
    if spec.as_json is not None:
        data = _rendered("json", spec.as_json, arguments)
        return "application/json", json.dumps(data, ensure_ascii=False).encode(errors="replace")
    if spec.form is not None:
        fields = address.encoded(_rendered("form", spec.form, arguments))
        return "application/x-www-form-urlencoded", fields.encode()
    if spec.body is not None:
        text = address.plain(_rendered("body", spec.body, arguments))
        return "text/plain; charset=utf-8", text.encode(errors="replace")
    return "", b"" if spec.method in ("POST", "PUT", "PATCH") else None


def _header(name: str, value: str, arguments: Mapping[str, Any], fill: Fill) -> str:
    if REFERENCE.search(value):  # never a template besides: a secret is nobody's to render
        return _sendable(name, fill(value))
    return _sendable(name, address.plain(_rendered(name, value, arguments)))


def _credentials(auth: Auth, fill: Fill) -> str:
    if auth.bearer is not None:
        return f"Bearer {fill(auth.bearer)}"
    return f"Basic {b64encode(fill(auth.basic or '').encode()).decode()}"


def _sendable(name: str, value: str) -> str:
    """The value of a header; what could begin another one is refused, its value left out as it may be a secret."""
    if found := _UNSENDABLE.search(value):
        raise ToolFailed(f"the header {name} cannot hold the character {found[0]!r}")
    return value.strip()


def _rendered(what: str, data: Any, arguments: Mapping[str, Any]) -> Any:
    try:
        return _values(data, arguments)
    except RenderError as error:
        raise ToolFailed(f"`{what}` of the request cannot be made: {error}") from error


def _values(data: Any, arguments: Mapping[str, Any]) -> Any:
    """Data with its templates rendered."""
    if isinstance(data, str):
        return template(data).value(arguments)
    if isinstance(data, dict):
        return {key: _values(value, arguments) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_values(item, arguments) for item in data]
    return data
