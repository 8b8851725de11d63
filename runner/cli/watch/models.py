"""The events of models in words: what they said, why another one is asked, what became of a long conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runner.cli.display import one_line, seconds
from runner.cli.watch.line import NOTHING, Line
from runner.cli.watch.shortened import shortening, summing
from runner.runs.events import (
    AttemptFailed,
    ContextShortened,
    IntentMatched,
    ModelHeld,
    ModelReplied,
    ModelRetried,
    SummaryMade,
)
from runner.runs.paths import is_aside

if TYPE_CHECKING:
    from runner.runs.state import RunState


def _replied(event: ModelReplied, state: RunState) -> list[Line]:
    """What a model thought and said on its way to its tools; its last word is the phase's output and shown there."""
    if is_aside(event.path):
        return []  # the event that follows tells what it was for
    is_last_word = not event.calls and state.queued is not None and state.queued.kind in ("agent", "chat")
    thought = [Line(f"  ~ {one_line(event.thinking)}", "dim")] if event.thinking.strip() else []
    said = [] if is_last_word or not event.text.strip() else [Line(f"  {one_line(event.text)}", "dim")]
    cut = [Line("  cut short at the most tokens that an answer may have", "yellow")] if event.finish == "length" else []
    return [*thought, *said, *cut]


def _attempt_failed(event: AttemptFailed, _state: RunState) -> list[Line]:
    again = " again" if event.then == event.model else ""
    wait = f" in {seconds(event.wait)}" if event.wait >= NOTHING else ""
    said = Line(f"  {one_line(event.error)}; {event.then} is asked{again}{wait}", "yellow")
    return [said] if event.then else []  # what fails with the last one tells it


def _held(event: ModelHeld, _state: RunState) -> list[Line]:
    """Why nothing seems to happen, or why another model is asked."""
    who = f"{event.model} ({event.server})"
    if event.seconds is None:
        what = f"waits for {who}"
    elif not event.seconds:
        what = f"{event.then} is asked, as {who} cannot be"
    elif event.then == event.model:
        what = f"waits {seconds(event.seconds)} for {who}"
    else:
        what = f"{event.then} is asked, as {who} is left alone for {seconds(event.seconds)}"
    return [Line(f"  {what}: {one_line(event.why)}", "yellow")]


WORDS: dict[type, Callable[[Any, RunState], list[Line]]] = {
    ModelReplied: _replied,
    ModelRetried: lambda event, _state: [Line(f"  asked again: {one_line(event.error)}", "yellow")],
    IntentMatched: lambda event, _state: [Line(f"  by rule: {one_line(event.phrase)}", "dim")],
    SummaryMade: lambda event, state: [Line(f"  {summing(event, state)}", "dim")],
    AttemptFailed: _attempt_failed,
    ModelHeld: _held,
    ContextShortened: lambda event, _state: [Line(f"  {shortening(event)}", "dim")],
}
