"""`runner runs rerun`."""

from __future__ import annotations

import click

from runner.cli import local, place
from runner.cli.client import find
from runner.cli.follow import hand_over
from runner.engine.workbenches.versions import LIVE
from runner.errors import DaemonUnreachable
from runner.project.startable import startable


@click.command
@click.argument("run")
@click.option("--at", metavar="REVISION", help="With other files: a kept revision, a commit, or `live`.")
@click.option("--detach", is_flag=True, help="Leave it to the daemon, print its id and return.")
def rerun(run: str, at: str | None, *, detach: bool) -> int:
    """Start a run anew, with the same inputs and in the same workspace, and watch it.

    It begins with the files that the run began with, unless REVISION names others; `live` are those in use now.
    """
    with place.store() as store:
        row = store.find(run)
    daemon = find(place.storage())
    if daemon is None and detach:
        raise DaemonUnreachable("no daemon is up to leave the run to", hint="start one: `runner up -d`")
    phases: list[str] = []
    if at != LIVE:  # faults of other files are told here, with their places
        version = place.version(row.revision if at is None else at)
        at = None if at is None else version.name
        entry = startable(version.project, row.name)
        phases = [*entry.spec.phases] if entry else []
    if daemon is None:
        return local.rerun(place.project("" if at == LIVE else place.RULES), row.id, at or "", phases)
    return hand_over(daemon, daemon.rerun(row.id, at or ""), phases, detach=detach)
