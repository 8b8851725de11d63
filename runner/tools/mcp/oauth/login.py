"""The grant `authorization_code`: a person agrees in a browser, which comes back to this machine with a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.utils import issuers_match
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata
from pydantic import AnyUrl

from runner.errors import ToolFailed
from runner.tools.mcp.oauth.asking import Asker
from runner.tools.mcp.oauth.carrying import Flow, InMemory, Tokens, with_scope
from runner.tools.mcp.oauth.kept import Login

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from runner.tools.mcp.oauth.landing import Landing
    from runner.tools.mcp.oauth.spec import AuthorizationCode


class ByPerson:
    """A person who agrees; `show` brings the address before them, `landing` is where their browser comes back to."""

    def __init__(
        self,
        url: str,
        grant: AuthorizationCode,
        fill: Callable[[str], str],
        show: Callable[[str], None],
        landing: Landing,
    ) -> None:
        self.seen = Tokens()
        self._url = url
        self._grant = grant
        self._show = show
        self._landing = landing
        self._provider = self._made(fill)

    def auth(self) -> httpx2.Auth:
        """The library's flow, from the server's first refusal on."""
        named = [self._grant.issuer] if self._grant.issuer else []
        return Flow(self._provider, Asker(self._url, named, self._grant.allow), self.seen)

    def login(self) -> Login | None:
        """What there is to keep; None when the server asked for nothing."""
        context = self._provider.context
        tokens, client, metadata = context.current_tokens, context.client_info, context.oauth_metadata
        if tokens is None or client is None:
            return None
        issuer = str(metadata.issuer) if metadata else context.get_authorization_base_url(self._url)
        return Login(
            url=self._url,
            issuer=issuer,
            client_id=client.client_id,
            client_secret=client.client_secret,
            method=client.token_endpoint_auth_method,
            token_endpoint=self._provider.token_endpoint(),
            resource=context.get_resource_url()
            if context.should_include_resource_param(context.protocol_version)
            else None,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            ends=context.token_expiry_time,
            scope=tokens.scope,
        )

    def _made(self, fill: Callable[[str], str]) -> _Pinned:
        grant, uris = self._grant, [AnyUrl(self._landing.url)]
        metadata = OAuthClientMetadata(redirect_uris=uris, client_name="runner")
        store = InMemory(self.seen)
        if grant.client_id is not None:
            secret = fill(grant.client_secret) if grant.client_secret else None
            method = "client_secret_basic" if secret else "none"
            store.client = OAuthClientInformationFull(
                client_id=grant.client_id,
                client_secret=secret,
                redirect_uris=uris,
                token_endpoint_auth_method=method,
                issuer=grant.issuer,
            )
        provider = _Pinned(self._url, metadata, store, self._bring, self._landing.come_back)
        provider.issuer = grant.issuer
        with_scope(provider, grant.scope)
        return provider

    async def _bring(self, url: str) -> None:
        self._landing.expect(url)
        self._show(url)


class _Pinned(OAuthClientProvider):
    """Goes on only at the authorization server that the file names, where it names one."""

    issuer: str | None = None

    def token_endpoint(self) -> str:
        """Where tokens are asked for."""
        return self._get_token_endpoint()

    def _select_authorization_server(self, advertised: list[str]) -> str:
        if self.issuer is None:
            return advertised[0]
        for one in advertised:
            if issuers_match(one, self.issuer):
                return one
        what = f"the server names other authorization servers than {self.issuer}: {', '.join(advertised)}"
        raise ToolFailed(what, match="unavailable", hint="`issuer` in `auth` says which one is right")

    async def _perform_authorization(self) -> httpx2.Request:
        metadata = self.context.oauth_metadata
        if self.issuer is not None and (metadata is None or not issuers_match(str(metadata.issuer), self.issuer)):
            what = f"the server leads to another authorization server than {self.issuer}"
            raise ToolFailed(what, match="unavailable", hint="`issuer` in `auth` says which one is right")
        return await super()._perform_authorization()
