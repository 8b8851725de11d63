"""`runner runs ls` and `runner runs show`."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from runner.cli import options, place
from runner.cli.display import moment, one_line, say, seconds, show_json, table
from runner.cli.display import show as show_text
from runner.cli.follow import output
from runner.cli.watch.words import MARKS
from runner.runs.events import Verdict
from runner.runs.rows import RunStatus
from runner.runs.state import fold

if TYPE_CHECKING:
    from runner.runs.parts import PhaseState
    from runner.runs.rows import RunRow
    from runner.runs.state import RunState

SHORT = 8


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
        rows = store.runs(limit=limit, **filters)
    if options.current().json:
        show_json([asdict(row) for row in rows])
    elif not rows:
        say("no run is like that")
    else:
        table(("ID", "NAME", "STATUS", "PHASE", "BEGAN", "TOOK", "REVISION"), [_cells(row) for row in rows])


def _cells(row: RunRow) -> tuple[str, ...]:
    status = row.verdict or row.status
    took = "" if row.started_at is None else seconds((row.ended_at or time.time()) - row.started_at)
    return (row.id, row.name, status, row.phase, moment(row.queued_at), took, row.revision[:SHORT])


@click.command
@click.argument("run")
def show(run: str) -> None:
    """Show one run, phase by phase."""
    with place.store() as store:
        row = store.find(run)
        state = fold(store.events(row.id))
    if options.current().json:
        show_json(_data(row, state))
    else:
        _print(row, state)


def _data(row: RunRow, state: RunState) -> dict[str, Any]:
    ended = state.ended.model_dump(exclude={"v", "run", "seq", "time", "path", "type"}) if state.ended else {}
    phases = {
        path: {
            "visits": phase.visits,
            "open": phase.open,
            "history": [record.model_dump() for record in phase.history],
        }
        for path, phase in _phases(state)
    }
    return {**asdict(row), "inputs": state.queued.inputs if state.queued else {}, "phases": phases, **ended}


def _phases(state: RunState) -> list[tuple[str, PhaseState]]:
    return [
        (f"{scope}/{name}" if scope else name, phase)
        for scope, walked in state.scopes.items()
        for name, phase in walked.phases.items()
        if phase.visits
    ]


def _print(row: RunRow, state: RunState) -> None:
    dirty = " with changes" if row.dirty else ""
    commit = f", commit {row.commit[:SHORT]}{dirty}" if row.commit else ""
    show_text(f"{row.kind} {row.name}  {(row.verdict or row.status).upper()}")
    show_text(f"  run        {row.id}{f', started by {row.by}' if row.by else ''}")
    show_text(f"  began      {moment(row.queued_at)}")
    show_text(f"  took       {seconds(state.work)}{f', waited {seconds(state.waited)}' if state.waited else ''}")
    show_text(f"  tokens     {state.spent_tokens_in:,} in, {state.spent_tokens_out:,} out")
    show_text(f"  revision   {row.revision[:SHORT]}{commit}")
    show_text(f"  workspace  {row.workspace}")
    for name, value in (state.queued.inputs if state.queued else {}).items():
        show_text(f"  input      {name} = {one_line(value)}")
    for path, phase in _phases(state):
        show_text(f"  {_mark(phase)} {path}{f' ×{phase.visits}' if phase.visits > 1 else ''}{_fault(phase)}")
    if state.ended is not None:
        show_text(f"  {state.ended.why}")
        if state.ended.output not in (None, ""):
            show_text(f"\n{output(state.ended.output)}")


def _mark(phase: PhaseState) -> str:
    return "▶" if phase.open or not phase.history else MARKS[phase.history[-1].status]


def _fault(phase: PhaseState) -> str:
    error = phase.history[-1].error if phase.history and not phase.open else None
    return f": {one_line(error.message)}" if error else ""
