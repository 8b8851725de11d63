"""How a run stands, as lists and single views say it alike: its status, and the time that it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.runs.events import RunEnded
from runner.runs.owners import is_alive
from runner.runs.state import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.rows import RunRow
    from runner.runs.state import RunState
    from runner.runs.store import Store

GOES_ON = "interrupted: goes on at the next `runner up`, or by `runner runs resume {run}`"


@dataclass(frozen=True, slots=True)
class Standing:
    """`work` and `waited` are seconds so far; those of an interrupted run stopped with its last event."""

    status: str
    """A verdict once there is one; `interrupted` when the process that worked on the run is gone."""
    work: float
    waited: float
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By approval: what was decided and nobody has acted on yet."""

    @property
    def is_interrupted(self) -> bool:
        """Whether nobody works on a run that is not over and waits for nothing."""
        return self.status == "interrupted"

    def figures(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"interrupted": self.is_interrupted, "work": self.work, "waited": self.waited}


def standing(store: Store, row: RunRow, state: RunState | None = None) -> Standing:
    """How a run stands now; its events are read unless their fold is given or its last one says it all."""
    last = state.ended if state else _end(store, row)
    if last is not None:
        return Standing(last.verdict, last.work, last.waited)
    state = state or fold(store.events(row.id))
    if row.status == "running" and not is_alive(store.folder, row.owner):
        return Standing("interrupted", state.work, state.waited)
    now = time.time()
    since = max(0.0, now - state.last_time) if row.status == "waiting" else 0.0
    work = state.work_now(now) if row.status == "running" else state.work
    return Standing(row.status, work, state.waited + since, store.inbox.kept([row.id]))


def _end(store: Store, row: RunRow) -> RunEnded | None:
    events = store.events(row.id, row.last_seq - 1) if row.status == "ended" else []
    return next((event for event in events if isinstance(event, RunEnded)), None)
