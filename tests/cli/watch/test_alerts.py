"""Events of alerts in words."""

from __future__ import annotations

from typing import Any

import pytest

from runner.cli.watch.words import lines
from runner.runs.events import AlertFired, AlertHeld, AlertResolved, AlertUnknown, AnyEvent
from runner.runs.state import RunState

OF: dict[str, Any] = {"trigger": "watch every 5m", "workflow": "watch", "alert": "cpu", "about": "web1"}
SAID: dict[str, Any] = {**OF, "since": 1000.0, "text": "web1: 97 %\nof 2 processors"}


@pytest.mark.parametrize(
    "event, line",
    [
        (
            AlertHeld(**SAID, count=1, state="pending"),
            "alert watch.cpu pending (1 run in a row): web1: 97 % of 2 processors",
        ),
        (AlertFired(**SAID, count=3, expression="x"), "alert watch.cpu fires: web1: 97 % of 2 processors"),
        (AlertResolved(**SAID, fired=True, why="not (x)"), "alert watch.cpu is over: not (x)"),
        (AlertUnknown(**OF, error="`x`: no number"), "alert watch.cpu cannot be judged: `x`: no number"),
    ],
)
def test_what_happened_to_an_alert_is_one_line(event: AnyEvent, line: str) -> None:
    """In order: pending, firing, over, unknown."""
    assert [said.text for said in lines(event, RunState())] == [line]
