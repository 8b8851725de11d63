"""How a daemon lives on a login: the token is sent, renewed when it ended, and a person is asked for by a message."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import ValidationError

from runner.errors import RunnerError, ToolFailed
from runner.targets.finishing import finished
from runner.tools.mcp.oauth import kept
from runner.tools.mcp.oauth.asking import Asker
from runner.tools.mcp.oauth.carrying import InMemory, Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from runner.tools.mcp.oauth.kept import Login
    from runner.tools.mcp.oauth.spec import AuthorizationCode

_OK = 200
_UNAUTHORIZED = 401
_LATER = (408, 429)
_BROKEN = 500
"""The least of the answers of a server that has a fault of its own."""


class LoggedIn(httpx2.Auth):
    """Lives on the login of one pack."""

    def __init__(
        self,
        pack: str,
        url: str,
        grant: AuthorizationCode,
        root: Path,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.seen = Tokens()
        self._pack = pack
        self._url = url
        self._grant = grant
        self._root = root
        self._environment = environment
        self._login: Login | None = None
        self._renewing = asyncio.Lock()

    def auth(self) -> httpx2.Auth:
        """Itself."""
        return self

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request with a token; one that was refused is renewed once."""
        with self.seen.noting():
            login = self._login or self._read()
            if login.is_past:
                login = await self._renewed(login)
        request.headers["Authorization"] = f"Bearer {login.access_token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            with self.seen.noting():
                login = await self._renewed(login)
            request.headers["Authorization"] = f"Bearer {login.access_token}"
            yield request

    def _read(self) -> Login:
        """What the last login left, if it is one for this server."""
        try:
            login = kept.read(self._pack, self._root, self._environment)
        except RunnerError as error:
            raise ToolFailed(str(error), match="unavailable", hint=error.hint) from error
        if login is None:
            raise self._to_login("nobody has logged in")
        if login.url != self._url or self._grant.issuer not in (None, login.issuer):
            raise self._to_login(f"the login that is kept is for {login.url} at {login.issuer}")
        self.seen.add(login.access_token, login.refresh_token, login.client_secret)
        self._login = login
        return login

    async def _renewed(self, used: Login) -> Login:
        """Another token than the one that was used, whoever renewed it."""
        async with self._renewing, kept.alone(self._root):
            login = self._read()
            if login.access_token != used.access_token:
                return login
            if login.refresh_token is None:
                raise self._to_login("the login has ended, and cannot be renewed")
            # Whoever is cancelled from here on has used the token to renew by: what came of it must be kept.
            return await finished(self._renewed_and_kept(login))

    async def _renewed_and_kept(self, login: Login) -> Login:
        self._login = await self._renew(login)
        self.seen.add(self._login.access_token, self._login.refresh_token)
        kept.write(self._pack, self._login, self._root, self._environment)
        return self._login

    async def _renew(self, login: Login) -> Login:
        asker = Asker(self._url, [self._grant.issuer] if self._grant.issuer else [], self._grant.allow)
        response = await asker.answer(_renewal(login, self._context(login)))
        if response.status_code >= _BROKEN or response.status_code in _LATER:
            what = f"{login.issuer} does not renew the login just now ({response.status_code})"
            raise ToolFailed(what, match="unavailable", hint="it passes by itself: try again later")
        if response.status_code != _OK:
            raise self._to_login(f"{login.issuer} does not renew the login ({response.status_code})")
        try:
            tokens = OAuthToken.model_validate_json(response.content)
        except ValidationError as error:
            raise self._to_login(f"{login.issuer} answered with no token that can be used") from error
        return replace(
            login,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or login.refresh_token,
            ends=time.time() + tokens.expires_in if tokens.expires_in is not None else None,
            scope=tokens.scope or login.scope,
        )

    def _context(self, login: Login) -> OAuthContext:
        metadata = OAuthClientMetadata(redirect_uris=None)
        context = OAuthContext(self._url, metadata, InMemory(self.seen), None, None)
        context.client_info = OAuthClientInformationFull(
            client_id=login.client_id, client_secret=login.client_secret, token_endpoint_auth_method=login.method
        )
        return context

    def _to_login(self, why: str) -> ToolFailed:
        hint = f"a person can: `runner mcp login {self._pack}`"
        return ToolFailed(f"{why}, and it takes a person", match="unavailable", hint=hint)


def _renewal(login: Login, context: OAuthContext) -> httpx2.Request:
    """The request for another token."""
    said = {"grant_type": "refresh_token", "refresh_token": login.refresh_token or "", "client_id": login.client_id}
    if login.resource is not None:
        said["resource"] = login.resource
    data, headers = context.prepare_token_auth(said, {})
    return httpx2.Request("POST", login.token_endpoint, data=data, headers=headers)
