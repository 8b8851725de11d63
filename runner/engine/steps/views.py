"""What templates see of phases: plain data made of records (rule R4)."""

from __future__ import annotations

from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from runner.project.phases import ForeachPhase, ParallelPhase
from runner.runs.paths import TRY

if TYPE_CHECKING:
    from runner.project.phases import PhaseSpec
    from runner.runs.record import Record
    from runner.runs.state import RunState

BLANK: dict[str, Any] = {"status": None, "ok": False, "output": None, "error": None, "visits": 0}


def phase_view(state: RunState, scope: str, name: str, spec: PhaseSpec) -> dict[str, Any]:
    """A phase as `phases.NAME` shows it: its last record, its parts, and the history of all visits.

    A visit under way has no record yet and does not show: a run that goes on after a stop sees what it saw before.
    """
    known = state.scopes[scope].phases.get(name)
    history = known.history if known else []
    visits = [
        {**_record(record), **_parts(state, join(scope, name, visit), spec)}
        for visit, record in enumerate(history, start=1)
    ]
    last = visits[-1] if visits else {**BLANK, **_parts(state, join(scope, name, 0), spec)}
    return {**last, "history": visits}


def join(scope: str, name: str, visit: int) -> str:
    """The path of a phase's visit."""
    return f"{scope}/{name}/{visit}" if scope else f"{name}/{visit}"


def part_paths(state: RunState, path: str, spec: PhaseSpec) -> dict[str, str]:
    """Where the branches or items of a visit have their records; of a block that was tried again, its last try's."""
    if isinstance(spec, ForeachPhase):
        return {str(index): f"{path}/{index}" for index in range(len(state.items.get(path, [])))}
    if not isinstance(spec, ParallelPhase):
        return {}
    tries = (f"{path}/{TRY}{number}" for number in count(2))
    begun = takewhile(lambda place: any(f"{place}/{name}" in state.marks for name in spec.parallel), tries)
    *_, last = (path, *begun)
    return {name: f"{last}/{name}" for name in spec.parallel}


def _record(record: Record) -> dict[str, Any]:
    return record.model_dump()


def _parts(state: RunState, path: str, spec: PhaseSpec) -> dict[str, Any]:
    parts = {name: _part(state, place) for name, place in part_paths(state, path, spec).items()}
    return {"items": [*parts.values()]} if isinstance(spec, ForeachPhase) else parts


def _part(state: RunState, path: str) -> dict[str, Any]:
    record = state.left.get(path)
    return _record(record) if record else dict(BLANK)
