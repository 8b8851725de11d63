"""What a server means that does not let us in: that it wants a token, another one, or one that reaches further."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.tools.mcp.hidden import escaped

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.tools.mcp.oauth.spec import Authorization

_PARAMETER = re.compile(r'([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_TOKEN = 'a token that you have goes into `headers: {Authorization: "Bearer ${NAME}"}`'  # noqa: S105 - words on one
_GRANTS = (
    "inside `mcp:` write `auth: {client_credentials: …}` with what the authorization server gave this client, or "
    "`auth: {authorization_code: {}}` and `runner mcp login %s`; " + _TOKEN
)


class Refusal(NamedTuple):
    """Why, in one line, and what helps."""

    what: str
    hint: str


def refusal(name: str, status: int, challenge: str, auth: Authorization | None, headers: Collection[str]) -> Refusal:
    """What a 401 or 403 means; `challenge` is its WWW-Authenticate, `headers` are the names of those that were sent."""
    scheme, said = challenge.partition(" ")[0].lower(), _said(challenge)
    if scheme == "dpop":
        return Refusal("it wants tokens that are bound to a key (DPoP), which are not supported", _TOKEN)
    if said.get("error") == "insufficient_scope":
        return _short(name, said.get("scope", ""), auth)
    words = "; ".join(text for key in ("error", "error_description") if (text := said.get(key)))
    why = f"{status}{f': {words}' if words else ''}"
    if auth is not None:
        return Refusal(f"it refuses the token that it was given ({why})", _again(name, auth))
    if any(header.lower() == "authorization" for header in headers):
        return Refusal(f"it refuses what `headers` say of who asks ({why})", "look at the secret that is named there")
    if scheme == "bearer":
        return Refusal(f"it wants a token, by OAuth ({why})", _GRANTS % name)
    return Refusal(f"it does not let us in ({why})", f"it may want a header: {_TOKEN}")


def unproved(fault: Exception) -> Refusal:
    """Why no token could be got."""
    if isinstance(fault, ToolFailed):
        return Refusal(fault.message, fault.hint)
    words = begin_of(escaped(" ".join(str(fault).split())), 400) or type(fault).__name__
    return Refusal(f"who asks could not be proved: {words}", "look at `auth` inside `mcp:`, and at its secrets")


def _short(name: str, scope: str, auth: Authorization | None) -> Refusal:
    wanted = f": {scope}" if scope else ""
    what = f"the token does not reach so far; it wants another scope{wanted}"
    if auth is None:
        return Refusal(what, "get a token that has it")
    hint = f"write `scope: {scope or '…'}` beside the others in `auth`"
    return Refusal(what, hint if auth.client_credentials else f"{hint}, then `runner mcp login {name}`")


def _again(name: str, auth: Authorization) -> str:
    if auth.client_credentials:
        return "ask who runs the server what this client may do; `scope` in `auth` says what is asked for"
    return f"`runner mcp login {name}` asks a person again"


def _said(challenge: str) -> dict[str, str]:
    """The parameters of a challenge, as words that can be shown."""
    found = _PARAMETER.findall(challenge[:4_000])
    return {key.lower(): begin_of(escaped(quoted or plain), 200) for key, quoted, plain in found}
