"""What a login leaves: the tokens, whose they are and where they are renewed, kept encrypted with the other secrets."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from runner.secrets.kept import FILE, keep, read_kept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

_LEEWAY = 10.0
"""Seconds before its end in which a token is not begun with."""
_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Login:
    """What a person agreed to."""

    url: str
    """The server that the tokens are for; they are sent to no other."""
    issuer: str
    client_id: str
    client_secret: str | None
    method: str | None
    """How the client proves itself where tokens are renewed."""
    token_endpoint: str
    resource: str | None
    access_token: str
    refresh_token: str | None
    ends: float | None
    """When the access token does, in seconds of the clock on the wall."""
    scope: str | None

    @property
    def is_past(self) -> bool:
        """Whether its access token is known to have ended."""
        return self.ends is not None and time.time() > self.ends - _LEEWAY


def entry(pack: str) -> str:
    """The name among the kept secrets: one that no file can name as `${…}`."""
    return f"mcp:{pack}"


def read(pack: str, root: Path, environment: Mapping[str, str] = os.environ) -> Login | None:
    """The login of a pack, if there was one; raises `Unopened`."""
    text = read_kept(root, environment).get(entry(pack))
    return Login(**json.loads(text)) if text else None


def write(pack: str, login: Login, root: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Keep a login; raises `Unopened`."""
    keep(entry(pack), json.dumps(asdict(login)), root, environment)


async def forget(pack: str, root: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Forget a login, also one that is being renewed; raises `Unopened`."""
    async with alone(root):
        keep(entry(pack), None, root, environment)


@asynccontextmanager
async def alone(root: Path) -> AsyncIterator[None]:
    """No other process renews tokens meanwhile: a token to renew by is good once, and used twice it ends the login.

    Its lock is not that of `keep`, which is held for the moment of a change and never while somebody is asked.
    """
    file = (root / FILE).with_name("logins.lock")
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with file.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_AGAIN)
        yield
