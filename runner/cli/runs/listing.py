"""`runner runs ls` and `runner runs show`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from runner.cli import options, place
from runner.cli.display import moment, one_line, say, seconds, show_json, table
from runner.cli.display import show as show_text
from runner.cli.follow import output
from runner.cli.runs.standing import GOES_ON, Standing, standing
from runner.cli.watch.excerpt import excerpt, quoted
from runner.cli.watch.words import MARKS, NOTHING, took
from runner.runs.events import Verdict
from runner.runs.rows import RunStatus
from runner.runs.state import fold

if TYPE_CHECKING:
    from runner.runs.events import ApprovalAsked, RunEnded
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
        rows = [(row, standing(store, row)) for row in store.runs(limit=limit, **filters)]
    if options.current().json:
        show_json([{**asdict(row), **_figures(how)} for row, how in rows])
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
    return (row.id, row.name, how.status, row.phase, *times, row.revision[:SHORT])


def _figures(how: Standing) -> dict[str, Any]:
    return {"interrupted": how.is_interrupted, "work": how.work, "waited": how.waited}


@click.command
@click.argument("run")
def show(run: str) -> None:
    """Show one run, phase by phase."""
    with place.store() as store:
        row = store.find(run)
        state = fold(store.events(row.id))
        how = standing(store, row, state)
    if options.current().json:
        show_json(_data(row, state, how))
    else:
        _print(row, state, how)


def _data(row: RunRow, state: RunState, how: Standing) -> dict[str, Any]:
    ended = state.ended.model_dump(exclude={"v", "run", "seq", "time", "path", "type"}) if state.ended else {}
    phases = {
        path: {
            "visits": phase.visits,
            "open": phase.open,
            "history": [record.model_dump() for record in phase.history],
        }
        for path, phase in _phases(state)
    }
    inputs = state.queued.inputs if state.queued else {}
    return {**asdict(row), **_figures(how), "inputs": inputs, "phases": phases, **ended}


def _phases(state: RunState) -> list[tuple[str, PhaseState]]:
    return [
        (f"{scope}/{name}" if scope else name, phase)
        for scope, walked in state.scopes.items()
        for name, phase in walked.phases.items()
        if phase.visits
    ]


def _print(row: RunRow, state: RunState, how: Standing) -> None:
    dirty = " with changes" if row.dirty else ""
    commit = f", commit {row.commit[:SHORT]}{dirty}" if row.commit else ""
    show_text(f"{row.kind} {row.name}  {how.status.upper()}")
    if how.is_interrupted:
        show_text(f"  {GOES_ON.format(run=row.id)}")
    show_text(f"  run        {row.id}{f', started by {row.by}' if row.by else ''}")
    show_text(f"  began      {moment(row.queued_at)}")
    show_text(f"  took       {took(how.work, how.waited)}")
    show_text(f"  tokens     {state.spent_tokens_in:,} in, {state.spent_tokens_out:,} out")
    show_text(f"  revision   {row.revision[:SHORT]}{commit}")
    show_text(f"  workspace  {row.workspace}")
    for name, value in (state.queued.inputs if state.queued else {}).items():
        show_text(f"  input      {name} = {one_line(value)}")
    for path, phase in _phases(state):
        show_text(f"  {_mark(phase)} {path}{f' ×{phase.visits}' if phase.visits > 1 else ''}{_fault(phase)}")
    for asked in state.asked.values():
        if asked.answer is None:
            _print_question(asked.question)
    if state.ended is not None:
        _print_end(state.ended)


def _print_question(asked: ApprovalAsked) -> None:
    show_text(f"  ? {one_line(asked.ask)}  (step {asked.path or 'the run itself'})")
    for line in quoted(asked):
        show_text(f"    {line}")
    show_text(f"    runner approve {asked.approval}   (or with --deny)")


def _print_end(ended: RunEnded) -> None:
    for number, line in enumerate(excerpt(ended.why)):
        show_text(f"    {line}" if number else f"  {line}")
    if hint := ended.evidence.get("hint"):
        show_text(f"  hint: {hint}")
    if ended.output not in (None, ""):
        show_text(f"\n{output(ended.output)}")


def _mark(phase: PhaseState) -> str:
    return "▶" if phase.open or not phase.history else MARKS[phase.history[-1].status]


def _fault(phase: PhaseState) -> str:
    error = phase.history[-1].error if phase.history and not phase.open else None
    return f": {one_line(error.message)}" if error else ""
