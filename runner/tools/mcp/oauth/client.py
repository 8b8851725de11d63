"""The grant `client_credentials`: a client asks for itself, with its secret or with what its key signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
)

from runner.errors import ToolFailed
from runner.tools.mcp.oauth.asking import Asker
from runner.tools.mcp.oauth.carrying import Flow, InMemory, Tokens, with_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from runner.tools.mcp.oauth.spec import ClientCredentials

_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


class ByItself:
    """A client that asks for itself; `fill` puts values in the place of secrets."""

    def __init__(self, url: str, grant: ClientCredentials, fill: Callable[[str], str]) -> None:
        self.seen = Tokens()
        self._url = url
        self._grant = grant
        self._fill = fill

    def auth(self) -> httpx2.Auth:
        """Tokens are asked for anew with each connection, and kept nowhere."""
        grant = self._grant
        common = (self._url, InMemory(self.seen), grant.client_id)
        provider: _WithSecret | PrivateKeyJWTOAuthProvider
        if grant.client_secret is not None:
            provider = _WithSecret(*common, self._fill(grant.client_secret), issuer=grant.issuer)
        else:
            signed = _signing(grant.client_id, self._fill(grant.private_key or ""))
            provider = PrivateKeyJWTOAuthProvider(*common, signed.create_assertion_provider(), issuer=grant.issuer)
        with_scope(provider, grant.scope)
        return Flow(provider, Asker(self._url, [grant.issuer], grant.allow), self.seen)


class _WithSecret(ClientCredentialsOAuthProvider):
    """Sends its secret in the way that the authorization server takes."""

    async def _perform_authorization(self) -> httpx2.Request:
        metadata = self.context.oauth_metadata
        taken = metadata.token_endpoint_auth_methods_supported if metadata else None
        if taken and "client_secret_basic" not in taken and "client_secret_post" in taken:
            self._fixed_client_info.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method's name
        return await super()._perform_authorization()


def _signing(client_id: str, pem: str) -> SignedJWTParameters:
    return SignedJWTParameters(
        issuer=client_id, subject=client_id, signing_key=pem, signing_algorithm=_algorithm(pem), lifetime_seconds=60
    )


def _algorithm(pem: str) -> str:
    """How a key signs; raises ToolFailed for one that cannot."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        what = "the `private_key` of the client cannot be read: it is no key in PEM, or has a password"
        raise ToolFailed(what, match="unavailable", hint="`runner secrets set NAME < key.pem` keeps one") from error
    match key:
        case rsa.RSAPrivateKey():
            return "RS256"
        case ed25519.Ed25519PrivateKey():
            return "EdDSA"
        case ec.EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return _CURVES[key.curve.name]
    raise ToolFailed("the `private_key` of the client is of a kind that signs no tokens", match="unavailable")
