"""Why a host could not be reached, in words that tell it from a command that failed there."""

from __future__ import annotations

import socket

import paramiko

from runner.errors import ToolFailed
from runner.targets.hosts import known
from runner.targets.hosts.connection import NotLetIn, UntrustedKey

_OF_COURSE = ("Authentication failed.", "No authentication methods", "Bad authentication type")
"""How the library says no more than that."""


def not_reached(name: str, error: Exception) -> ToolFailed:
    """The failure of an attempt to connect; always `unavailable`: no command has begun."""
    match error:
        case ToolFailed():
            return error
        case UntrustedKey():
            return _untrusted(name, error)
        case NotLetIn():
            what, hint = _not_let_in(name, error), _way_in(error)
        case paramiko.ssh_exception.NoValidConnectionsError():
            reasons = {str(getattr(one, "strerror", None) or one) for one in error.errors.values()}
            what, hint = f"no connection: {', '.join(sorted(reasons))}", "is its SSH server up, and the port right?"
        case socket.gaierror():
            what, hint = f"its address is not known: {error.strerror}", "give `address`, or HostName in ~/.ssh/config"
        case TimeoutError():
            what, hint = "no answer in time", "is it up, and not behind a firewall?"
        case FileNotFoundError():
            what, hint = f"{error.filename} is not there", "give another `key`"
        case _:
            what, hint = str(error) or type(error).__name__, ""
    return ToolFailed(f"{name} cannot be reached: {what}", match="unavailable", hint=hint)


def _not_let_in(name: str, error: NotLetIn) -> str:
    whose = "" if error.host == name else f"{error.host}, which it is reached through: "
    tried = f"tried: {', '.join(error.tried)}" if error.tried else "there was no key and no password to try"
    closed = f"key {' and '.join(error.closed)} could not be opened: its passphrase is wrong or missing"
    why = f" ({closed})" if error.closed else "" if str(error).startswith(_OF_COURSE) else f" ({error})"
    takes = f"; it takes {', '.join(error.takes)}" if error.takes else ""
    return f"{whose}{error.who} does not let us in{why}; {tried}{takes}"


def _way_in(error: NotLetIn) -> str:
    """What to do so that it does."""
    user = error.who.partition("@")[0]
    if not error.tried:
        return "give `key` or `password`, or load a key into an agent and set SSH_AUTH_SOCK for the daemon"
    secret = error.tried[-1].removeprefix("password ${").removesuffix("}")
    has_secret = secret != error.tried[-1]
    if error.closed and has_secret:
        return f"the key is encrypted: does {secret} open it? `runner secrets set {secret}` sets it anew"
    if error.closed:
        return "the key is encrypted: give its `password: ${NAME}`, or load it into an agent"
    if has_secret:
        return f"is it the password of {user}? `runner secrets set {secret}` sets it anew"
    return f"is the public key in ~/.ssh/authorized_keys of {user} there? else give another `user`, `key` or `password`"


def _untrusted(name: str, error: UntrustedKey) -> ToolFailed:
    shown = f"{error.key.get_name()} {known.fingerprint(error.key.asbytes())}"
    hint = f"compare it with the host's own, then `runner hosts trust {error.host}`"
    if not error.trusted:
        whose = "its key" if error.host == name else f"the key of {error.host}, which it is reached through,"
        what = f"{name} cannot be reached: nobody has trusted {whose} yet: {shown} of {error.name}"
        return ToolFailed(f"{what}; nothing was sent", match="unavailable", hint=hint)
    return ToolFailed(
        f"{name} IS REFUSED: {error.name} SHOWS ANOTHER KEY THAN THE TRUSTED ONE: it shows {shown}, "
        f"trusted is {known.shown(error.trusted)}; somebody may stand in between; nothing was sent",
        match="unavailable",
        hint=f"only when the host was set up anew: {hint}",
    )
