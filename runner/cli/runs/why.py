"""`runner runs why`: the verdict, its evidence, and every edge with its expression, its values and its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, one_line, show, show_json
from runner.cli.runs.lines import EdgeLines
from runner.runs.events import EdgeTaken, PhaseSkipped
from runner.runs.state import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.rows import RunRow
    from runner.runs.state import RunState

EDGE = frozenset({"path", "via", "index", "to", "expression", "values", "count", "max", "exhausted", "decided_by"})
"""Parts of the evidence that the edges above have said already."""


@click.command
@click.argument("run")
def why(run: str) -> None:
    """Explain the verdict: every edge that was taken, its expression and the values it had."""
    explain(run)


def explain(run: str) -> None:
    """Print what `why` prints of a run."""
    with place.store() as store:
        row = store.find(run)
        events = store.events(row.id)
        places = EdgeLines(store.revisions.files(row.revision) or {}, row.name)
    ways = [event for event in events if isinstance(event, EdgeTaken | PhaseSkipped)]
    state = fold(events)
    if options.current().json:
        show_json(_data(row, state, ways, places))
        return
    for way in ways:
        _print_way(way, places)
    _print_end(row, state)


def _print_way(way: EdgeTaken | PhaseSkipped, places: EdgeLines) -> None:
    at = places.of(way)
    line = f"  {at}" if at else ""
    if isinstance(way, PhaseSkipped):
        show(f"{way.path} skipped{line}")
        _print_condition(f"when {way.expression} (false)", way.values)
        return
    count = f"  {way.count} of {way.max}" if way.max is not None else ""
    exhausted = ", exhausted" if way.exhausted else ""
    show(f"{way.path} → {way.to}  {way.via}[{way.index}]{count}{exhausted}{line}")
    if way.expression:
        _print_condition(f"when {way.expression}" if way.via == "next" else way.expression, way.values)


def _print_condition(condition: str, values: Mapping[str, Any]) -> None:
    show(f"    {condition}")
    for name, value in values.items():
        show(f"      {name} = {one_line(as_json(value))}")


def _print_end(row: RunRow, state: RunState) -> None:
    ended = state.ended
    if ended is None:
        show(f"{row.status.upper()}: no verdict yet")
        _print_waits(state)
        return
    show(f"{ended.verdict.upper()}: {ended.why}")
    for name, value in ended.evidence.items():
        if name not in EDGE and value not in (None, "", {}, []):
            show(f"    {name} = {one_line(value if isinstance(value, str) else as_json(value), 400)}")
    for path in ended.red:
        show(f"    red: {path}")


def _print_waits(state: RunState) -> None:
    for asked in state.asked.values():
        if asked.answer is None:
            show(f"    waits for an answer: {one_line(asked.question.ask)}  (runner approve {asked.question.approval})")


def _data(row: RunRow, state: RunState, ways: list[EdgeTaken | PhaseSkipped], places: EdgeLines) -> dict[str, Any]:
    ended = state.ended
    return {
        "id": row.id,
        "status": row.status,
        "verdict": row.verdict,
        "why": row.why,
        "evidence": ended.evidence if ended else {},
        "red": ended.red if ended else [],
        "edges": [
            {**way.model_dump(exclude={"v", "run"}), "file": places.of(way)} for way in ways if way.type == "edge.taken"
        ],
        "skipped": [way.model_dump(exclude={"v", "run"}) for way in ways if way.type == "phase.skipped"],
    }
