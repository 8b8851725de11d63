"""`runner runs cancel` and `runner runs resume`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runner.cli import local, place
from runner.cli.client import find, person
from runner.cli.commands import PATIENCE, PAUSE, give, is_attended
from runner.cli.display import say
from runner.cli.follow import follow
from runner.cli.watch.again import answered_before, tell_answered
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.runs.store import Store


@click.command
@click.argument("run")
@click.option("--note", default="", help="Why, for the record.")
def cancel(run: str, note: str) -> None:
    """Stop a run, with all that it has started.

    A run that nobody works on is ended here, with its `finally`.
    """
    with place.store() as store:
        row = store.find(run)
        if row.status == "ended":
            raise UsageError(f"run {row.id} has ended already ({row.verdict})")
        if is_attended(store, row):
            give(store, "cancel", row.id, {"by": person(), "note": note})
        else:
            local.cancel(place.project(), row, note)
        is_over = _has_ended(store, row.id)
    say(f"run {row.id} is cancelled" if is_over else f"run {row.id} is told to stop; it does what is due `finally`")


def _has_ended(store: Store, run: str) -> bool:
    """Whether a run has ended, after a moment for it to do so."""
    end = time.monotonic() + PATIENCE
    while (row := store.run(run)) is not None and row.status != "ended" and time.monotonic() < end:
        time.sleep(PAUSE)
    return row is not None and row.status == "ended"


@click.command
@click.argument("run")
def resume(run: str) -> int:
    """Go on with a run that nobody works on, and watch it.

    A daemon goes on with such runs by itself; without one the run is worked on here.
    """
    with place.store() as store:
        row = store.find(run)
        if row.status == "ended":
            raise UsageError(f"run {row.id} has ended already ({row.verdict})")
        is_called = bool(store.inbox.pending([row.id]))
        asked, answered = store.approvals(run=row.id), answered_before(store, row.id)
        daemon = find(store.folder)
        if daemon is None and not is_called and row.status != "waiting" and is_attended(store, row):
            raise UsageError(f"run {row.id} is being worked on", hint=f"watch it: `runner runs logs -f {row.id}`")
    if row.status == "waiting" and asked and not is_called:
        raise UsageError(f"run {row.id} waits for an answer: {asked[0].ask}", hint=f"runner approve {asked[0].id}")
    tell_answered(row.id, answered)
    if daemon is None:
        return local.resume(place.project(), row, answered, is_called=is_called)
    if row.status != "running":
        daemon.ask("POST", f"/runs/{row.id}/resume")
    return follow(daemon.follow(row.id), answered=answered)
