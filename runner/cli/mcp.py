"""`runner mcp`: servers that bring tools, and what was agreed on of them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import say, show, show_json
from runner.cli.lazy import LazyGroup
from runner.cli.mcp_changes import changes_of, lines_of
from runner.cli.names import pick
from runner.errors import ToolFailed, UsageError

if TYPE_CHECKING:
    from runner.cli.mcp_changes import Changes
    from runner.project.project import Pack
    from runner.secrets import Secrets
    from runner.targets.sandbox.spec import SandboxSpec
    from runner.tools.mcp.lock import Lock
    from runner.tools.mcp.locking import Asked

mcp = LazyGroup(
    "mcp",
    {
        "lock": ("runner.cli.mcp:lock", "Ask the servers what their tools are, and write tools.d/mcp.lock."),
        "login": ("runner.cli.mcp_login:login", "Let a person agree in a browser that a server is asked."),
        "logout": ("runner.cli.mcp_login:logout", "Forget what a login left."),
    },
    help="Servers that bring tools, by the Model Context Protocol.",
)
_FAIL = 1


@click.command
@click.argument("packs", nargs=-1, metavar="[PACK]…")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the servers say something else.")
def lock(packs: tuple[str, ...], check: bool) -> None:  # noqa: FBT001 - click gives flags so
    """Ask the servers of all packs, or of those named, what their tools are, and write tools.d/mcp.lock.

    Only what stands there is used: look at what changed before you commit it.
    """
    from runner.project.packs_with_servers import packs_with_servers
    from runner.project.servers import FOLDER
    from runner.project.sources import Disk
    from runner.tools.mcp.lock import FILE
    from runner.tools.mcp.locking import difference, merged

    root = place.root()
    known, settings = packs_with_servers(Disk(root))
    for name in packs:
        pick("pack with a server", known, name)
    if not known:
        raise UsageError("no pack in tools.d names a server", hint="one has `mcp:` in place of `tools:`")
    file = root / FOLDER / FILE
    before = _before(file, is_needed=check)
    asked = asyncio.run(_ask(root, {name: known[name] for name in packs or known}, settings.sandbox))
    found = {name: difference(before.servers.get(name), one.locked) for name, one in asked.items()}
    left = merged(before, asked, set(known))
    differs = any(found.values()) or left != before
    if not check and differs:
        _write(file, left.text())
    told = {name: changes_of(before.servers.get(name), asked[name].locked, one.changed) for name, one in found.items()}
    _tell(asked, found, told, f"{FOLDER}/{FILE}", written=differs and not check)
    if check and differs:
        click.get_current_context().exit(_FAIL)


def _before(file: Path, *, is_needed: bool) -> Lock:
    """What was agreed on; a lock that cannot be read is as good as none when a new one is written."""
    from runner.project.servers import read_lock
    from runner.tools.mcp.lock import Lock

    read = read_lock(file.name, file.read_bytes() if file.exists() else None)
    if isinstance(read, Lock):
        return read
    if is_needed:
        raise UsageError(f"{file.name}: {read.what}", hint=read.hint)
    return Lock()


async def _ask(root: Path, packs: dict[str, Pack], walls: SandboxSpec) -> dict[str, Asked]:
    """What each server says, one after the other; the first that cannot be asked ends it."""
    from runner.project.files.literals import references
    from runner.secrets import find
    from runner.tools.mcp.locking import ask, discreet

    asked = {}
    for name, pack in packs.items():
        assert pack.server is not None  # noqa: S101 - others are not among them
        said = {"mcp": pack.server.holding_secrets()}
        secrets = find(set(references(said)), root)
        if missing := secrets.missing(references(said)):
            raise UsageError(f"{name}: {missing[0]} not set", hint=secrets.mended(missing[0]))
        try:
            asked[name] = discreet(
                await ask(name, _link(root, pack, secrets, walls), legacy=pack.server.legacy), secrets.redact
            )
        except ToolFailed as error:
            raise UsageError(
                f"{pack.file}: {secrets.redact(error.message)}", hint=secrets.redact(error.hint)
            ) from error
    return asked


def _link(root: Path, pack: Pack, secrets: Secrets, walls: SandboxSpec) -> Any:
    from runner.runs.blobs import Blobs
    from runner.secrets.env_file import ENV_FILE
    from runner.spec.layout import SETTINGS, TOP_FOLDERS
    from runner.targets.sandbox.choosing import sandbox_of
    from runner.tools.mcp.links import link_of

    spec = pack.server
    assert spec is not None  # noqa: S101 - others are not asked
    owner, storage = f"{os.getpid()}", place.storage()
    fixed = [str(root / name) for name in (SETTINGS, *TOP_FOLDERS)]
    walls = walls.model_copy(update={"network": spec.network})
    sandbox = sandbox_of(walls, owner, Blobs(storage), closed=[str(storage), str(root / ENV_FILE)], fixed=fixed)
    return link_of(pack.name, spec, fill=secrets.fill, cwd=root, owner=owner, sandbox=sandbox)


def _write(file: Path, text: str) -> None:
    """Put the file in place whole, or not at all."""
    file.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".mcp-", encoding="utf-8", delete=False) as new:
        new.write(text)
    Path(new.name).chmod(0o644)
    Path(new.name).replace(file)


def _tell(
    asked: dict[str, Asked], found: dict[str, Any], changes: dict[str, Changes], file: str, *, written: bool
) -> None:
    """Print what became of each tool, and what exactly was changed."""
    if options.current().json:
        servers = {name: {**_data(one, found[name]), "changes": changes[name]} for name, one in asked.items()}
        show_json({"file": file, "written": written, "servers": servers})
        return
    for name, one in asked.items():
        show(f"{name}: {one.locked.server or 'a server without a name'}, {_count(len(one.locked.tools))}")
        for word in ("new", "changed", "gone"):
            for tool in getattr(found[name], word):
                show(f"  {word:8} {name}_{tool}")
                for line in lines_of(changes[name][tool]) if tool in changes[name] else ():
                    show(f"    {line}")
        for tool, why in one.flagged.items():
            show(f"  look at  {tool}: {why}")
        for tool, why in one.refused.items():
            show(f"  refused  {tool}: {why}")
    say(f"wrote {file}" if written else f"{file} was left as it is")


def _data(one: Asked, found: Any) -> dict[str, Any]:
    return {
        "server": one.locked.server,
        "protocol": one.locked.protocol,
        "tools": sorted(one.locked.tools),
        "new": found.new,
        "changed": found.changed,
        "gone": found.gone,
        "flagged": one.flagged,
        "refused": one.refused,
    }


def _count(number: int) -> str:
    return f"{number} tool{'s' * (number != 1)}"
