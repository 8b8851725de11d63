"""Events of alerts, judged at the end of workflows in runs that a trigger began; one that is well leaves none."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pydantic import Field

from runner.runs.events.base import Event


class AlertKey(NamedTuple):
    """Which alert: each has a state of its own."""

    trigger: str
    workflow: str
    alert: str
    about: str


class _Alert(Event):
    """What all of them say."""

    trigger: str
    workflow: str
    alert: str
    about: str = ""

    @property
    def key(self) -> AlertKey:
        """Which alert it is of."""
        return AlertKey(self.trigger, self.workflow, self.alert, self.about)


class AlertHeld(_Alert):
    """Its condition holds: not for long enough yet, or still."""

    type: Literal["alert.held"] = "alert.held"
    state: Literal["pending", "firing"]
    count: int
    """In how many runs in a row by now."""
    since: float
    text: str


class AlertFired(_Alert):
    """Its condition holds for as many runs as it has to."""

    type: Literal["alert.fired"] = "alert.fired"
    count: int
    since: float
    text: str
    expression: str
    values: dict[str, Any] = Field(default_factory=dict)


class AlertResolved(_Alert):
    """Its condition holds no more, or nothing looks at it any more."""

    type: Literal["alert.resolved"] = "alert.resolved"
    fired: bool
    """Whether anybody was told of it."""
    since: float
    text: str
    """What it said last."""
    why: str


class AlertUnknown(_Alert):
    """Its condition cannot be worked out; its state stays."""

    type: Literal["alert.unknown"] = "alert.unknown"
    error: str


ALERTS = (AlertHeld, AlertFired, AlertResolved, AlertUnknown)
