"""Events of phases, of their branches and items, and of the edges between them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.runs.events.base import Event
from runner.runs.record import Record


class PhaseEntered(Event):
    """A visit begins; a foreach's list is kept here, once."""

    type: Literal["phase.entered"] = "phase.entered"
    visit: int
    kind: str
    items: list[Any] | None = None


class PhaseSkipped(Event):
    """The phase's `when` was false."""

    type: Literal["phase.skipped"] = "phase.skipped"
    visit: int
    expression: str
    values: dict[str, Any]


class PhaseLeft(Event):
    """A visit is over and its record stands (ok, no or cancelled)."""

    type: Literal["phase.left"] = "phase.left"
    record: Record


class PhaseFailed(Event):
    """A visit could not be done."""

    type: Literal["phase.failed"] = "phase.failed"
    record: Record


class BranchStarted(Event):
    """A branch of a parallel block begins."""

    type: Literal["branch.started"] = "branch.started"


class BranchLeft(Event):
    """A branch of a parallel block is over and its record stands."""

    type: Literal["branch.left"] = "branch.left"
    record: Record


class ItemStarted(Event):
    """An item of a foreach begins."""

    type: Literal["item.started"] = "item.started"
    index: int


class ItemLeft(Event):
    """An item of a foreach is over and its record stands."""

    type: Literal["item.left"] = "item.left"
    index: int
    record: Record


class EdgeTaken(Event):
    """The way out of a phase: which entry of which list, why, and how often it was taken so far."""

    type: Literal["edge.taken"] = "edge.taken"
    via: Literal["next", "errors"]
    index: int
    to: str
    expression: str = ""
    values: dict[str, Any] = Field(default_factory=dict)
    count: int = 1
    max: int | None = None
    exhausted: bool = False
