"""`runner runs logs`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.follow import print_output
from runner.cli.watch.again import NOTHING_ANSWERED, answered_before, tell_answered
from runner.cli.watch.plain import JsonLines, Lines
from runner.runs.events import RunEnded

if TYPE_CHECKING:
    from runner.runs.events import AnyEvent
    from runner.runs.store import Store

PAUSE = 0.2


@click.command
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
def logs(run: str, *, follow: bool) -> None:
    """Print what happened in a run; -f follows it, and tells of earlier questions only what is still open."""
    with place.store() as store:
        row = store.find(run)
        answered = answered_before(store, row.id) if follow else NOTHING_ANSWERED
        printer = JsonLines() if options.current().json else Lines(answered, err=False)
        tell_answered(row.id, answered)
        for event in _until_end(store, row.id) if follow else store.events(row.id):
            printer.take(event)
            if isinstance(event, RunEnded) and row.kind == "tool":
                print_output(event)


def _until_end(store: Store, run: str) -> Iterator[AnyEvent]:
    """The events of a run as any process writes them."""
    seen = -1
    while True:
        for event in store.events(run, seen):
            seen = event.seq
            yield event
            if event.type == "run.ended":
                return
        time.sleep(PAUSE)
