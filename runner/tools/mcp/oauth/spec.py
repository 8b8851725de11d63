"""What a pack says of who asks its server: which grant, at which authorization server, with which credentials."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from runner.secrets import REFERENCE
from runner.spec import Items, Spec, one_of
from runner.tools.http.guard import Allowed


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "http" and not is_here(parts.hostname or ""):
        msg = "credentials are sent there, and `http://` is not encrypted; write https://…"
        raise ValueError(msg)
    return text


def _reference(text: str) -> str:
    if not REFERENCE.fullmatch(text):
        msg = "a secret is named, and files are no place for one; write ${NAME}"
        raise ValueError(msg)
    return text


def _allowed(text: str) -> str:
    Allowed.of(text)
    return text


Issuer = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"), AfterValidator(_issuer)]
Reference = Annotated[str, AfterValidator(_reference)]
Scope = Annotated[str, Field(pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$")]
Public = Annotated[str, Field(min_length=1, pattern=r"^[\x20-\x7e]+$")]


class Grant(Spec):
    """What both ways to a token have."""

    scope: Scope | None = None
    """What is asked for, words with blanks between them; by default what the server says that it wants."""
    allow: Items[Annotated[str, AfterValidator(_allowed)]] = ()
    """Hosts, addresses and networks of authorization servers that are asked although they are not public."""


class ClientCredentials(Grant):
    """A client that asks for itself: no person, no browser."""

    model_config = one_of("client_secret", "private_key")

    issuer: Issuer
    """The authorization server, as its metadata spells it; the credentials are sent to no other."""
    client_id: Public
    """What the authorization server calls this client."""
    client_secret: Reference | None = None
    """Its secret, `${NAME}`."""
    private_key: Reference | None = None
    """Its private key in PEM, `${NAME}`: what is signed with it is sent, the key is not."""

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.client_secret is None) == (self.private_key is None):
            msg = "a client proves itself in one way: `client_secret` or `private_key`"
            raise ValueError(msg)
        return self


class AuthorizationCode(Grant):
    """A person agrees in a browser, once, by `runner mcp login`."""

    issuer: Issuer | None = None
    """The authorization server, as its metadata spells it; by default the one that the server names."""
    client_id: Public | None = None
    """What the authorization server calls this client; by default runner registers itself."""
    client_secret: Reference | None = None
    """The secret of a client that has one, `${NAME}`."""

    @model_validator(mode="after")
    def _known_where(self) -> Self:
        if self.client_id is not None and self.issuer is None:
            msg = "`client_id` is known to one authorization server; name it as `issuer`"
            raise ValueError(msg)
        if self.client_secret is not None and self.client_id is None:
            msg = "`client_secret` is that of a `client_id`; write both"
            raise ValueError(msg)
        return self


class Authorization(Spec):
    """How a token is got; exactly one key."""

    model_config = one_of("client_credentials", "authorization_code")

    client_credentials: ClientCredentials | None = None
    """The client asks for itself, as daemons do."""
    authorization_code: AuthorizationCode | None = None
    """A person agrees in a browser, by `runner mcp login`; `{}` when nothing has to be said."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.client_credentials is None) == (self.authorization_code is None):
            msg = "a token is got in one way: client_credentials or authorization_code"
            raise ValueError(msg)
        return self

    @property
    def grant(self) -> ClientCredentials | AuthorizationCode:
        """The one that is said."""
        grant = self.client_credentials or self.authorization_code
        assert grant is not None  # noqa: S101 - exactly one is
        return grant
