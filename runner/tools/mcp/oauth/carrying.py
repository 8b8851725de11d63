"""What carries a token with each request, and forgets none that was seen until it was hidden where it came back."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx2
from mcp.shared.auth import OAuthClientMetadata

from runner.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

    from runner.tools.mcp.oauth.asking import Asker

REFUSED = frozenset({401, 403})
"""What a server answers whose token does not do."""
_REMEMBERED = 20


class Tokens:
    """The tokens that were had lately, as whoever is sent one can say it back; and why there was none at last."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self._values: deque[str] = deque(maxlen=_REMEMBERED)

    def add(self, *values: str | None) -> None:
        """Remember some."""
        self._values.extend(value for value in values if value)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note why a token cannot be got: the library's transport tells nobody."""
        self.fault = None
        try:
            yield
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.fault = error
            raise

    def redact(self, data: Any) -> Any:
        """Plain data without them."""
        return Secrets({str(index): value for index, value in enumerate(self._values)}, "").redact(data)


class Bearer(Protocol):
    """Proves who asks; one lives as long as its connection."""

    seen: Tokens

    def auth(self) -> httpx2.Auth:
        """What a client of HTTP goes by."""


class InMemory:
    """The library's storage of tokens, for those that nobody keeps."""

    def __init__(self, seen: Tokens) -> None:
        self.client: OAuthClientInformationFull | None = None
        self._seen = seen

    async def get_tokens(self) -> OAuthToken | None:
        """None are kept."""
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Remember what is to be hidden."""
        self._seen.add(tokens.access_token, tokens.refresh_token)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """The client that the file names, if it names one."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Remember what is to be hidden."""
        self._seen.add(client_info.client_secret)


class _FixedScope(OAuthClientMetadata):
    """Keeps its scope, in whose place the library would put what the server says."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "scope":
            super().__setattr__(name, value)


def with_scope(provider: OAuthClientProvider, scope: str | None) -> None:
    """Let it ask for the scope that the file says, where it says one."""
    if scope is not None:
        said = provider.context.client_metadata.model_dump() | {"scope": scope}
        provider.context.client_metadata = _FixedScope.model_validate(said)


class Flow(httpx2.Auth):
    """The library's way to a token: what it asks of others than the server goes by an asker.

    A request whose token is good is not part of the library's flow, which lets one request go at a time.
    """

    def __init__(self, provider: OAuthClientProvider, asker: Asker, seen: Tokens) -> None:
        self._provider = provider
        self._asker = asker
        self._seen = seen

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request with a token, which is got first where there is none."""
        context = self._provider.context
        if context.is_token_valid() and context.current_tokens is not None:
            request.headers["Authorization"] = f"Bearer {context.current_tokens.access_token}"
            response = yield request
            if response.status_code not in REFUSED:
                return
        flow = self._provider.async_auth_flow(request)
        try:
            outgoing = await anext(flow)
            while True:
                if outgoing is request:
                    response = yield outgoing
                    with self._seen.noting():
                        outgoing = await flow.asend(response)
                else:
                    with self._seen.noting():
                        outgoing = await flow.asend(await self._asker.answer(outgoing))
        except StopAsyncIteration:
            return
        finally:
            await flow.aclose()
