"""A server with a door, written with the library: its arguments are a port and who may come in, person or machine.

All tokens and codes of it begin with CANARY, and its tool says the one that it was asked with.
"""

import base64
import secrets
import sys
import time
from typing import Any

import jwt
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PORT, WHO = int(sys.argv[1]), sys.argv[2]
HERE = f"http://127.0.0.1:{PORT}"
SECONDS = 5
"""How long a token lives: less than what a client begins with."""
TOKENS: dict[str, AccessToken] = {}


def issue(client: str, scopes: list[str], resource: str | None) -> str:
    """A new token."""
    token = f"CANARY-access-{secrets.token_hex(8)}"
    TOKENS[token] = AccessToken(token=token, client_id=client, scopes=scopes, resource=resource)
    return token


class Person(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Whoever asks is let in at once; a token to renew by is good once."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.renewals: dict[str, RefreshToken] = {}

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        """A client that registered."""
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Take any."""
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """Let the person in, at once."""
        code = f"CANARY-code-{secrets.token_hex(16)}"
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(  # the library's signature
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002
        authorization_code: str,
    ) -> AuthorizationCode | None:
        """A code that was given."""
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        """Tokens for a code, once."""
        del self.codes[authorization_code.code]
        return self._tokens(client.client_id, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002
        refresh_token: str,
    ) -> RefreshToken | None:
        """A token to renew by that was not used."""
        return self.renewals.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        """New tokens for it."""
        del self.renewals[refresh_token.token]
        return self._tokens(client.client_id, scopes, refresh_token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        """A token that was issued."""
        return TOKENS.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Forget a token."""
        TOKENS.pop(token.token, None)

    def _tokens(self, client: str, scopes: list[str], resource: str | None) -> OAuthToken:
        renewal = f"CANARY-renewal-{secrets.token_hex(8)}"
        self.renewals[renewal] = RefreshToken(token=renewal, client_id=client, scopes=scopes, resource=resource)
        access = issue(client, scopes, resource)
        return OAuthToken(access_token=access, expires_in=SECONDS, refresh_token=renewal, scope=" ".join(scopes))


class Verifier:
    """Knows the tokens that were issued here."""

    async def verify_token(self, token: str) -> AccessToken | None:
        """The token, if it is one."""
        return TOKENS.get(token)


def opened() -> MCPServer[Any]:
    """The server, with the door that was asked for."""
    issuer = HERE if WHO == "person" else f"{HERE}/door"
    settings = AuthSettings(
        issuer_url=AnyHttpUrl(issuer),
        resource_server_url=AnyHttpUrl(f"{HERE}/mcp"),
        required_scopes=["read"],
        validate_token_resource=True,
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["read"]),
    )
    if WHO == "person":
        return MCPServer("door", version="1", auth=settings, auth_server_provider=Person())
    return MCPServer("door", version="1", auth=settings, token_verifier=Verifier())


server = opened()


@server.tool()
def say_token() -> str:
    """Say the token that came with the call."""
    token = get_access_token()
    return f"I was shown {token.token if token else 'nothing'}"


async def metadata(_: Request) -> Response:
    """Where a machine asks for tokens."""
    door = f"{HERE}/door"
    found = {"issuer": door, "authorization_endpoint": f"{door}/none", "token_endpoint": f"{door}/token"}
    methods = ["client_secret_post"] if WHO == "posting" else ["client_secret_basic", "private_key_jwt"]
    return JSONResponse({**found, "token_endpoint_auth_methods_supported": methods})


async def token(request: Request) -> Response:
    """A token for a client that proves itself."""
    form = {key: str(value) for key, value in (await request.form()).items()}
    if form.get("grant_type") != "client_credentials" or not proved(form, request.headers.get("authorization", "")):
        return JSONResponse({"error": "invalid_client", "error_description": "who are you?"}, status_code=401)
    issued = issue("runner", form["scope"].split(), form["resource"])
    return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": 60})


def proved(form: dict[str, str], header: str) -> bool:
    """Whether it is the client `runner`, in the way that this door takes."""
    if WHO == "posting":
        return (form.get("client_id"), form.get("client_secret"), header) == ("runner", "open sesame", "")
    if "client_assertion" in form:
        claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
        return bool(claims["iss"] == claims["sub"] == "runner" and claims["aud"] == f"{HERE}/door")
    return header == "Basic " + base64.b64encode(b"runner:open%20sesame").decode()


if __name__ == "__main__":
    server.custom_route("/.well-known/oauth-authorization-server/door", methods=["GET"])(metadata)
    server.custom_route("/door/token", methods=["POST"])(token)
    server.run("streamable-http", port=PORT)
