"""`runner doctor`: what would keep runs from working, and what to do about each thing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.display import safe, say, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.cli.doctor.lines import Line

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command
@click.option(
    "--online",
    is_flag=True,
    help="Ask the model servers and log in on the hosts, too: one cheap call each, with the keys.",
)
def doctor(*, online: bool) -> int:
    """Look for what would keep runs from working: files, keys, models, hosts, port, sandbox, git, store.

    Values of keys are never shown. Exits with 0 when nothing fails, else with 1; warnings do not count.
    """
    lines = []
    for line in _lines(online=online):
        lines.append(line)
        if not options.current().json:
            _print(line)
    failed = sum(line.level == "fail" for line in lines)
    if options.current().json:
        show_json({"ok": not failed, "lines": [line.to_dict() for line in lines]})
    elif failed:
        say(f"{failed} of {len(lines)} fail", fg="red")
    return 1 if failed else 0


def _print(line: Line) -> None:
    click.echo(f"{click.style(f'{line.level:<5}', fg=_COLORS[line.level])}{line.area:<8}{safe(line.what)}")
    if line.hint:
        show(f"{'':<13}{line.hint}")


def _lines(*, online: bool) -> Iterator[Line]:
    """In the order in which things are mended."""
    from runner.cli.doctor import envfile, hosts, keys, machine, models, sandbox, servers
    from runner.cli.doctor.files import read

    logging.getLogger("dotenv.main").disabled = True  # what it complains of is told here, with its line
    root = place.root()
    project, line = read(root)
    yield line
    yield from envfile.check(root)
    if project is not None:
        yield from keys.check(project)
        yield from models.check(project, online=online)
        yield from servers.check(place.storage())
        yield from hosts.check(project, online=online)
        yield from machine.check_port(project, place.storage())
        yield from sandbox.check(project, place.storage())
    yield from machine.check_git(root)
    yield from machine.check_store(place.storage())
