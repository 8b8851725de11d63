"""`runner hosts`: the machines that commands can run on, which of them are trusted, and how one becomes so."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.consent import agrees
from runner.cli.display import one_line, say, seconds, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import fact, heading
from runner.errors import RunnerError, UsageError
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.project.about.places import Places
    from runner.project.project import Project
    from runner.targets.hosts.dialer import Dialer
    from runner.targets.hosts.probing import Shown

hosts = LazyGroup(
    "hosts",
    {
        "ls": ("runner.cli.hosts:ls", "List the hosts."),
        "show": ("runner.cli.hosts:show_host", "Show a host: how it is reached, its groups, whether it is trusted."),
        "trust": ("runner.cli.hosts:trust", "Show the key of a host, and trust it once you say so."),
    },
    help="The machines that commands can run on over SSH, and which of them are trusted.",
)
_AT_ONCE = 64
_online = click.option("--online", is_flag=True, help="Log in on them, too: says which can be reached.")


@click.command
@_online
def ls(*, online: bool) -> int:
    """List the hosts. With `--online` it exits with 1 when one of them cannot be reached."""
    project = place.project()
    found = _about(project, project.hosts, online=online)
    if options.current().json:
        show_json(found)
        return _code(found)
    head = ("NAME", "ADDRESS", "PORT", "USER", "GROUPS", "WHERE", "TRUSTED", *(["ONLINE"] if online else []))
    table(head, [_row(one) for one in found])
    for one in found:
        if "online" in one and not one["online"]["reached"]:
            say(one["online"]["says"], fg="red")
            if hint := one["online"]["hint"]:
                say(f"  hint: {hint}")
    return _code(found)


def _code(found: list[dict[str, Any]]) -> int:
    return int(any("online" in one and not one["online"]["reached"] for one in found))


@click.command
@click.argument("name")
@_online
def show_host(name: str, *, online: bool) -> int:
    """Show a host: how it is reached, its groups, whether it is trusted. `--online`: 1 if it refuses us."""
    project = place.project()
    pick("host", project.hosts, name)
    (about,) = _about(project, [name], online=online)
    if options.current().json:
        show_json(about)
        return _code([about])
    heading(about)
    fact("address", f"{about['user']}@{about['address']}:{about['port']}")
    fact("through", about["jump"])
    fact("groups", ", ".join(about["groups"]))
    fact("key", about["key"])
    for secret in ("password", "sudo_password"):
        fact(secret, about[secret])
    fact("trusted", ", ".join(about["trusted"]) or f"no: `runner hosts trust {name}`")
    if online:
        fact("online", _says(about["online"]))
        fact("hint", about["online"]["hint"])
    return _code([about])


@click.command
@click.argument("name")
@click.option("--yes", is_flag=True, help="Trust it without asking: you have compared the fingerprint already.")
def trust(name: str, *, yes: bool) -> None:
    """Show the key of a host, and write it into known_hosts once you say so. Nothing is told to the host."""
    from runner.targets.hosts import known
    from runner.targets.hosts.probing import shown_key

    project = place.project()
    dialer = _dialer(project)
    if name not in _on_the_way(project, dialer):
        pick("host", project.hosts, name)
    shown = shown_key(dialer, name)
    fingerprint = known.fingerprint(shown.key)
    told = {"name": name, "entry": shown.name, "type": shown.kind, "fingerprint": fingerprint}
    if shown.is_trusted:
        _told({**told, "trusted": True, "changed": False}, f"{name} is trusted: {shown.kind} {fingerprint}")
        return
    _show_key(name, shown, fingerprint)
    if not yes and not _confirmed(name, changed=bool(shown.trusted)):
        raise UsageError(f"{name} is not trusted: nothing was written")
    file = known.trust(shown.name, shown.kind, shown.key, project.root)
    _told({**told, "trusted": True, "changed": True}, f"{name} is trusted from now on: written to {file}")


def _told(data: dict[str, Any], words: str) -> None:
    if options.current().json:
        show_json(data)
    else:
        say(words)


def _show_key(name: str, shown: Shown, fingerprint: str) -> None:
    """The key, beside the trusted one where that is another."""
    from runner.targets.hosts import known

    if shown.trusted:
        say(f"{name} ({shown.name}) SHOWS ANOTHER KEY THAN THE TRUSTED ONE. Somebody may stand in between.", fg="red")
        say(f"  trusted  {known.shown(shown.trusted)}")
        say(f"  shown    {shown.kind} {fingerprint}")
    else:
        say(f"{name} ({shown.name}) shows the key")
        say(f"  {shown.kind} {fingerprint}")
    say("Compare it on the host itself: for file in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $file; done")


def _confirmed(name: str, *, changed: bool) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked", hint="compare the fingerprint, then add --yes")
    return agrees(f"Trust {'this new key of ' if changed else ''}{name}?")


def _dialer(project: Project) -> Dialer:
    from runner.secrets import find
    from runner.targets.hosts.dialer import Dialer

    return Dialer(project.hosts, project.root, find(project.secrets, project.root).fill)


def _on_the_way(project: Project, dialer: Dialer) -> set[str]:
    """What hosts are reached through: these may be trusted without being hosts of the project."""
    ways = [dialer.jumps(name) for name in project.hosts]
    return {*project.hosts, *(jump for way in ways for jump in way)}


def _about(project: Project, names: Iterable[str], *, online: bool) -> list[dict[str, Any]]:
    from runner.project.about.places import Places

    dialer, places = _dialer(project), Places(project)
    found = [_facts(project, dialer, name, places) for name in names]
    if online:
        for about, said in zip(found, log_in(dialer, [one["name"] for one in found]), strict=True):
            about["online"] = said
    return found


def log_in(dialer: Dialer, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of each host whether it lets us in, and how long that took; all at once."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda name: _log_in(dialer, name), names))


def _facts(project: Project, dialer: Dialer, name: str, places: Places) -> dict[str, Any]:
    """All that is known of a host without asking it."""
    from runner.targets.hosts import known
    from runner.targets.hosts.spec import EVERY

    spec = project.hosts[name]
    file, line = _defined(project, name, places)
    reached = dialer.where(name)
    trusted = known.trusted(known.entry_name(reached.address, reached.port), project.root)
    return {
        "name": name,
        "file": file,
        "line": line,
        "address": reached.address,
        "port": reached.port,
        "user": reached.user,
        "groups": list(dict.fromkeys([EVERY, *spec.groups])),
        "jump": ", ".join(dialer.jumps(name)) or None,
        "key": spec.key,
        "password": spec.password,
        "sudo_password": spec.sudo_password,
        "trusted": [known.shown([one]) for one in trusted],
    }


def _defined(project: Project, name: str, places: Places) -> tuple[str, int]:
    """The file and line that a host is from."""
    from runner.targets.hosts.inventory import read_inventory

    inventory = project.settings.inventory
    if inventory is None or name in project.settings.hosts:
        return SETTINGS, places.line(SETTINGS, ("hosts", name))
    return inventory, read_inventory(project.files[inventory], inventory).lines[name]


def _log_in(dialer: Dialer, name: str) -> dict[str, Any]:
    """Whether it lets us in, and how long that took."""
    from runner.targets.hosts.faults import not_reached
    from runner.targets.hosts.line import PATIENCE

    began = time.monotonic()
    try:
        dialer.connect(name, PATIENCE).close()
    except Exception as error:  # noqa: BLE001 - each is told in its host's line
        fault: RunnerError = not_reached(name, error)
        return {"reached": False, "seconds": None, "says": fault.message, "hint": fault.hint}
    return {"reached": True, "seconds": round(time.monotonic() - began, 3), "says": "", "hint": ""}


def _says(online: dict[str, Any]) -> str:
    return f"lets us in, after {seconds(online['seconds'])}" if online["reached"] else one_line(online["says"])


def _row(about: dict[str, Any]) -> tuple[object, ...]:
    return (
        about["name"],
        about["address"],
        about["port"],
        about["user"],
        ", ".join(about["groups"][1:]),
        f"{about['file']}:{about['line']}",
        "yes" if about["trusted"] else "no",
        *([_says(about["online"]) if about["online"]["reached"] else "no"] if "online" in about else []),
    )
