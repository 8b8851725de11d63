"""`runner runs why`: the verdict, its evidence, and every edge with its expression, its values and its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, one_line, show, show_json
from runner.cli.runs.files import files_of
from runner.cli.runs.lines import EdgeLines
from runner.cli.runs.standing import GOES_ON, standing
from runner.cli.watch.excerpt import brief, excerpt, fitted
from runner.cli.watch.failures import WHOLE, whole
from runner.cli.watch.talks import talks, talks_data
from runner.cli.watch.words import decision, verdict
from runner.runs.choices import choice_data, choice_words
from runner.runs.events import EdgeTaken, PhaseFailed, PhaseLeft, PhaseSkipped
from runner.runs.state import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.events import RunEnded
    from runner.runs.record import Record
    from runner.runs.rows import RunRow
    from runner.runs.state import RunState

EDGE = frozenset({"path", "via", "index", "to", "expression", "values", "count", "max", "exhausted", "decided_by"})
"""Parts of the evidence that the edges above have said already."""
FAULT = frozenset({"phase", "error", "hint"})
"""Those that are told in words."""


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
        state = fold(events)
        status = standing(store, row, state).status
    ways = [event for event in events if isinstance(event, EdgeTaken | PhaseSkipped)]
    records = {event.path: event.record for event in events if isinstance(event, PhaseLeft | PhaseFailed)}
    if options.current().json:
        show_json(_data(row, state, ways, places, records))
        return
    if row.rerun_of:
        show(f"rerun of {row.rerun_of}, revision {files_of(row)}")
    for label, words in choice_words(state):
        show(f"{label} {one_line(words, 400)}")
    for way in ways:
        _print_way(way, places, _left_as(way.path, records, state))
    if state.ended is not None:
        _print_end(state.ended, places, is_dry=row.dry)
    else:
        _print_waits(row, state, status)
    for name, path, words in talks(state):
        show(f"    {name}: {path}: {words}")


def _left_as(path: str, records: Mapping[str, Record], state: RunState) -> str:
    """What a visit left that an edge leads on from, when it is not simply ok: ` no (denied by ada)`."""
    record = records.get(path)
    if record is None or record.status == "ok":
        return ""
    answers = [asked.answer for asked in state.asked.values() if asked.question.path == path]
    said = decision(answers[-1]) if answers and answers[-1] else whole(record.error.message) if record.error else ""
    return f" {record.status}{f' ({said})' if said else ''}"


def _print_way(way: EdgeTaken | PhaseSkipped, places: EdgeLines, left: str) -> None:
    at = places.of(way)
    line = f"  {at}" if at else ""
    if isinstance(way, PhaseSkipped):
        show(f"{way.path} skipped{line}")
        _print_condition(f"when {way.expression} (false)", way.values)
        return
    count = f"  {way.count} of {way.max}" if way.max is not None else ""
    exhausted = ", exhausted" if way.exhausted else ""
    show(f"{way.path}{left} → {way.to}  {way.via}[{way.index}]{count}{exhausted}{line}")
    if way.expression:
        _print_condition(f"when {way.expression}" if way.via == "next" else way.expression, way.values)


def _print_condition(condition: str, values: Mapping[str, Any]) -> None:
    show(f"    {condition}")
    for name, value in values.items():
        show(f"      {name} = {one_line(as_json(value))}")


def _print_end(ended: RunEnded, places: EdgeLines, *, is_dry: bool) -> None:
    first, *more = excerpt(ended.why, 40, WHOLE)
    show(f"{verdict(ended.verdict, is_dry=is_dry)}: {first}")
    error = str(ended.evidence.get("error") or "")
    for line in [*more, *(excerpt(error, 40, WHOLE) if error and error not in ended.why else [])]:
        show(f"    {line}")
    if hint := ended.evidence.get("hint"):
        show(f"    hint: {one_line(hint, 400)}")
    if (path := ended.evidence.get("phase")) and (at := places.of_phase(str(path))):
        show(f"    at {at}")
    for name, value in ended.evidence.items():
        if name not in EDGE | FAULT and value not in (None, "", {}, []):
            show(f"    {name}: {one_line(value if isinstance(value, str) else as_json(value), 400)}")
    for path in ended.red:
        show(f"    red: {path}")


def _print_waits(row: RunRow, state: RunState, status: str) -> None:
    show(f"{status.upper()}: no verdict yet")
    if status == "interrupted":
        show(f"    {GOES_ON.format(run=row.id)}")
    for asked in state.asked.values():
        if asked.answer is None:
            show(f"    waits for an answer: {one_line(asked.question.ask)}  (runner approve {asked.question.approval})")
            for line in fitted(brief(asked.question)):
                show(f"      {line}")


def _data(
    row: RunRow,
    state: RunState,
    ways: list[EdgeTaken | PhaseSkipped],
    places: EdgeLines,
    records: Mapping[str, Record],
) -> dict[str, Any]:
    ended = state.ended
    return {
        "id": row.id,
        "status": row.status,
        "verdict": row.verdict,
        "why": row.why,
        "rerun_of": row.rerun_of,
        **choice_data(state),
        "evidence": ended.evidence if ended else {},
        "red": ended.red if ended else [],
        **talks_data(state),
        "edges": [
            {
                **way.model_dump(exclude={"v", "run"}),
                "file": places.of(way),
                "status": records[way.path].status if way.path in records else "skipped",
            }
            for way in ways
            if way.type == "edge.taken"
        ],
        "skipped": [way.model_dump(exclude={"v", "run"}) for way in ways if way.type == "phase.skipped"],
    }
