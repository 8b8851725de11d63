"""Events of alerts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli.display import one_line
from runner.cli.watch.line import Line
from runner.runs.events import AlertFired, AlertHeld, AlertResolved, AlertUnknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.state import RunState


def _held(event: AlertHeld, _state: RunState) -> list[Line]:
    runs = f"{event.count} run{'s' * (event.count != 1)} in a row"
    return [Line(f"alert {event.workflow}.{event.alert} {event.state} ({runs}): {one_line(event.text)}", "yellow")]


def _fired(event: AlertFired, _state: RunState) -> list[Line]:
    return [Line(f"alert {event.workflow}.{event.alert} fires: {one_line(event.text, 400)}", "bold red")]


def _resolved(event: AlertResolved, _state: RunState) -> list[Line]:
    return [Line(f"alert {event.workflow}.{event.alert} is over: {one_line(event.why)}", "green")]


def _unknown(event: AlertUnknown, _state: RunState) -> list[Line]:
    return [Line(f"alert {event.workflow}.{event.alert} cannot be judged: {one_line(event.error, 400)}", "yellow")]


WORDS: dict[type, Callable[[Any, RunState], list[Line]]] = {
    AlertHeld: _held,
    AlertFired: _fired,
    AlertResolved: _resolved,
    AlertUnknown: _unknown,
}
