"""`runner mcp login` and `logout`: a person agrees once in a browser that a server is asked, by OAuth."""

from __future__ import annotations

import asyncio
import os
import sys
from threading import Thread
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.display import say, show, show_json
from runner.cli.names import pick
from runner.errors import ToolFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.project.project import Pack
    from runner.secrets import Secrets
    from runner.tools.mcp.locking import Asked
    from runner.tools.mcp.oauth.kept import Login

PATIENCE = 600.0
"""Seconds that a person has."""
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
_HIGHEST = 65535


@click.command
@click.argument("pack")
@click.option("--port", type=click.IntRange(0, _HIGHEST), default=0, help="Where the browser comes back to; any free.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def login(pack: str, port: int, no_browser: bool) -> None:  # noqa: FBT001 - click gives flags so
    """Let a person agree in a browser that the server of PACK is asked, and keep the tokens, encrypted.

    Its pack says `auth: {authorization_code: {}}`. On a machine without a screen name a --port, and bring it to yours:
    `ssh -L PORT:127.0.0.1:PORT HOST`.
    """
    root = place.root()
    known = _pack(root, pack)
    secrets = _secrets(root, known)
    try:
        found, left = asyncio.run(_logged_in(root, known, secrets, port, _shower(opens=not no_browser)))
    except ToolFailed as error:
        raise UsageError(f"{known.file}: {secrets.redact(error.message)}", hint=secrets.redact(error.hint)) from error
    except OSError as error:
        raise UsageError(f"nothing can listen at port {port}: {error.strerror}", hint="name another --port") from error
    _tell(pack, found, left)


@click.command
@click.argument("pack")
def logout(pack: str) -> None:
    """Forget what a login of PACK left. The authorization server may go on to know it: end it there as well."""
    from runner.secrets.kept import read_kept
    from runner.tools.mcp.oauth.kept import entry, forget

    root = place.root()
    if entry(pack) not in read_kept(root):
        raise UsageError(f"nobody is logged in at the server of {pack}")
    asyncio.run(forget(pack, root))
    say(f"the login of {pack} is forgotten here")


def _pack(root: Path, name: str) -> Pack:
    """The pack of that name, whose server takes a login."""
    from runner.project.packs_with_servers import packs_with_servers
    from runner.project.sources import Disk

    known, _ = packs_with_servers(Disk(root))
    pick("pack with a server", known, name)
    pack = known[name]
    assert pack.server is not None  # noqa: S101 - others are not among them
    if pack.server.auth is None or pack.server.auth.authorization_code is None:
        hint = "inside `mcp:`, beside `url`, write `auth: {authorization_code: {}}`"
        raise UsageError(f"{pack.file}: the server of {name} takes no login", hint=hint)
    return pack


def _secrets(root: Path, pack: Pack) -> Secrets:
    from runner.project.files.literals import references
    from runner.secrets import find

    assert pack.server is not None  # noqa: S101 - it takes a login
    wanted = set(references({"mcp": pack.server.holding_secrets()}))
    secrets = find(wanted, root)
    if missing := secrets.missing(sorted(wanted)):
        raise UsageError(f"{pack.name}: {missing[0]} not set", hint=secrets.mended(missing[0]))
    return secrets


async def _logged_in(
    root: Path, pack: Pack, secrets: Secrets, port: int, show_address: Callable[[str], None]
) -> tuple[Asked, Login | None]:
    """What the server lists for who logged in, and what is kept of it."""
    from runner.tools.mcp.http import Address
    from runner.tools.mcp.locking import ask
    from runner.tools.mcp.oauth import kept
    from runner.tools.mcp.oauth.landing import Landing
    from runner.tools.mcp.oauth.login import ByPerson

    spec = pack.server
    assert spec is not None and spec.url and spec.auth and spec.auth.authorization_code  # noqa: S101, PT018 - likewise
    headers = {name: secrets.fill(text) for name, text in spec.headers.items()}
    async with Landing(port) as landing:
        person = ByPerson(spec.url, spec.auth.authorization_code, secrets.fill, show_address, landing)
        link = Address(pack.name, spec.url, headers, spec.auth, person)
        found = await ask(pack.name, link, legacy=spec.legacy, seconds=PATIENCE)
    left = person.login()
    if left is not None:
        async with kept.alone(root):
            kept.write(pack.name, left, root)
    return found, left


def _shower(*, opens: bool) -> Callable[[str], None]:
    """What brings an address before a person: printed in any case, as no browser may come up."""

    def show_address(url: str) -> None:
        say(f"open this address in a browser, and agree there:\n{url}")
        if opens and (sys.platform == "darwin" or any(os.environ.get(name) for name in _SCREENS)):
            import webbrowser

            Thread(target=webbrowser.open, args=[url], daemon=True).start()  # some return when they are closed

    return show_address


def _tell(pack: str, found: Asked, left: Login | None) -> None:
    tools = sorted(found.locked.tools)
    if options.current().json:
        told = {"issuer": left.issuer, "scope": left.scope, "renewed": left.refresh_token is not None} if left else None
        show_json({"pack": pack, "server": found.locked.server, "login": told, "tools": tools})
        return
    if left is None:
        say(f"the server of {pack} asked for no login; nothing is kept")
        return
    show(f"{pack}: logged in at {left.issuer}, {len(tools)} tool{'s' * (len(tools) != 1)}")
    if left.refresh_token is None:
        say("the authorization server gave nothing to renew it by: it ends with its token")
    say(f"`runner mcp lock {pack}` says which tools are taken")
