"""`runner runs ls`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from runner.cli import options, place
from runner.cli.display import moment, say, seconds, show_json, table
from runner.cli.runs.standing import GOES_ON, Standing, standing
from runner.cli.watch.line import NOTHING
from runner.runs.events import Verdict
from runner.runs.rows import RunStatus
from runner.spec.layout import short

if TYPE_CHECKING:
    from runner.runs.rows import RunRow


@click.command
@click.option("--status", type=click.Choice(get_args(RunStatus)), help="Only runs that stand so.")
@click.option("--verdict", type=click.Choice(get_args(Verdict)), help="Only runs that ended so.")
@click.option("--name", help="Only runs of this agent or workflow.")
@click.option("--revision", help="Only runs of the revision that begins so.")
@click.option("-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--before", metavar="ID", help="Only runs older than this one.")
def ls(limit: int, **filters: Any) -> None:
    """List runs, newest first."""
    with place.store() as store:
        rows = [(row, standing(store, row)) for row in store.runs(limit=limit, **filters)]
    if options.current().json:
        show_json([{**asdict(row), **how.figures()} for row, how in rows])
        return
    if not rows:
        say("no run is like that" if any(filters.values()) else "no runs yet")
        return
    table(("ID", "NAME", "STATUS", "PHASE", "BEGAN", "TOOK", "WAITED", "REVISION"), [_cells(*row) for row in rows])
    if any(how.is_interrupted for _row, how in rows):
        say(GOES_ON.format(run="ID"))


def _cells(row: RunRow, how: Standing) -> tuple[str, ...]:
    waited = seconds(how.waited) if how.waited >= NOTHING else ""
    times = (moment(row.queued_at), "" if row.started_at is None else seconds(how.work), waited)
    status = f"{how.status} (dry)" if row.dry else how.status
    return (row.id, row.name.removesuffix(":"), status, row.phase, *times, short(row.revision))
