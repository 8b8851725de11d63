"""Each event in words: the lines that say what happened, for a person who watches or reads the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.cli.display import moment, one_line, seconds
from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    EdgeTaken,
    ItemLeft,
    ModelReplied,
    ModelRetried,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunWaiting,
    TimerSet,
    ToolCalled,
    ToolInterrupted,
    ToolReturned,
)

if TYPE_CHECKING:
    from runner.runs.record import Record
    from runner.runs.state import RunState

MARKS = {"ok": "✓", "no": "✗", "failed": "!", "skipped": "–", "cancelled": "×"}
STYLES = {"ok": "green", "no": "red", "failed": "red", "skipped": "dim", "cancelled": "yellow"}
VERDICTS = {"pass": "green", "fail": "red", "error": "red", "cancelled": "yellow"}
TAKEN_APART = ("text", "exit", "truncated", "spilled")
"""What every command's output has; its other fields say more in less room."""
SHOWN = 6
WIDE = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its style: a colour, `bold`, `dim`, or nothing."""

    text: str
    style: str = ""


def lines(event: AnyEvent, state: RunState) -> list[Line]:
    """What an event says to a person; `state` is the fold of all events up to it, itself included."""
    words = _WORDS.get(type(event))
    return words(event, state) if words else []


def summary(output: Any) -> str:
    """A tool's or an agent's output in a few words."""
    if not isinstance(output, Mapping):
        return one_line(output, 100) if output is not None else ""
    short = {name: _short(value) for name, value in output.items() if name not in TAKEN_APART}
    words = [f"{name}={value}" for name, value in short.items() if value]
    return "  ".join(words[:SHOWN]) or one_line(output.get("text", ""), 100)


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if value else ""
    return "" if value is None or value == "" else one_line(value, 40)


def call(event: ToolCalled, state: RunState) -> str:
    """A tool call as one would type it: the words of a command, else the arguments that were given."""
    if event.argv:
        words = ["…" if "\n" in word else word for word in event.argv]  # a script would hide the rest
        return one_line(f"{event.tool}: {' '.join(words)}", WIDE)
    given = _asked_for(event, state)
    return one_line(" ".join([event.tool, *(f"{name}={value}" for name, value in given.items())]), WIDE)


def _asked_for(event: ToolCalled, state: RunState) -> Mapping[str, Any]:
    """The arguments as the model gave them, without defaults, when a model did."""
    turn, _, number = event.path.rpartition("/call-")
    reply = state.replies.get(turn)
    if reply is None or not number.isdecimal() or int(number) > len(reply.calls):
        return event.arguments
    arguments = reply.calls[int(number) - 1].arguments
    return arguments if isinstance(arguments, Mapping) else event.arguments


# ----------------------------------------------------------------------------------------------- a run's life


def _queued(event: RunQueued, _state: RunState) -> list[Line]:
    return [Line(f"run {event.run}: {event.kind} {event.name}, revision {event.revision[:8]}", "dim")]


def _claimed(event: RunClaimed, _state: RunState) -> list[Line]:
    return [] if event.why == "start" else [Line(f"taken up again ({event.why})", "dim")]


def _waiting(event: RunWaiting, _state: RunState) -> list[Line]:
    return [Line(f"waits for {' and '.join(f'{one.kind} at {one.path}' for one in event.on)}", "yellow")]


def _cancel(event: RunCancelRequested, _state: RunState) -> list[Line]:
    by = f" by {event.by}" if event.by else ""
    return [Line(f"cancel asked for{by}{f': {event.note}' if event.note else ''}", "yellow")]


def _ended(event: RunEnded, state: RunState) -> list[Line]:
    name = state.queued.name if state.queued else ""
    waited = f", waited {seconds(event.waited)}" if event.waited else ""
    figures = f"{seconds(event.work)}{waited}, {event.usage.total:,} tokens"
    return [
        Line(f"{event.verdict.upper()}  {name}  {figures}", f"bold {VERDICTS[event.verdict]}"),
        Line(f"  {one_line(event.why, 400)}"),
    ]


# ------------------------------------------------------------------------------------------- phases and edges


def _entered(event: PhaseEntered, _state: RunState) -> list[Line]:
    again = f" (visit {event.visit})" if event.visit > 1 else ""
    return [Line(f"▶ {phase(event.path)}{again}", "bold")]


def phase(path: str) -> str:
    """A phase's path without its own visit."""
    return path.rpartition("/")[0]


def _skipped(event: PhaseSkipped, _state: RunState) -> list[Line]:
    return [Line(f"– {phase(event.path)} skipped: {one_line(event.expression)} is false", "dim")]


def _left(event: PhaseLeft | PhaseFailed, state: RunState) -> list[Line]:
    mark = state.marks.get(event.path)
    took = f"  {seconds(event.time - mark.time)}" if mark else ""
    return [_record(f"{phase(event.path)}{took}", event.record, "")]


def _item_left(event: ItemLeft, _state: RunState) -> list[Line]:
    return [_record(f"item {event.index + 1}", event.record, "  ")]


def _record(name: str, record: Record, indent: str) -> Line:
    fault = f": {one_line(record.error.message)}" if record.error else ""
    status = "" if record.status == "ok" else f"  {record.status}"
    return Line(f"{indent}{MARKS[record.status]} {name}{status}{fault}", STYLES[record.status])


def _edge(event: EdgeTaken, _state: RunState) -> list[Line]:
    if event.exhausted:
        return [Line(f"→ {event.to}: the other way was taken {event.max} of {event.max} times", "yellow")]
    if event.max is None:
        return []
    return [Line(f"→ {event.to} ({event.count} of {event.max})", "yellow")]


# -------------------------------------------------------------------------------------------- models and tools


def _replied(event: ModelReplied, state: RunState) -> list[Line]:
    """What a model said on its way to its tools; its last word is the phase's output and shown there."""
    is_last_word = not event.calls and state.queued is not None and state.queued.kind == "agent"
    return [] if is_last_word or not event.text.strip() else [Line(f"  {one_line(event.text)}", "dim")]


def _retried(event: ModelRetried, _state: RunState) -> list[Line]:
    return [Line(f"  asked again: {one_line(event.error)}", "yellow")]


def _called(event: ToolCalled, state: RunState) -> list[Line]:
    return [Line(f"  {call(event, state)}", "dim")]


def _returned(event: ToolReturned, _state: RunState) -> list[Line]:
    record = event.record
    what = record.error.message if record.error else summary(record.output)
    text = f"  {MARKS[record.status]} {event.tool}  {seconds(event.seconds)}  {one_line(what)}"
    return [Line(text.rstrip(), STYLES[record.status])]


def _interrupted(event: ToolInterrupted, _state: RunState) -> list[Line]:
    what = {"again": "it is done again", "ask": "a person is asked", "fail": "it counts as failed"}[event.decision]
    return [Line(f"  {event.tool} was interrupted; {what}", "yellow")]


# --------------------------------------------------------------------------------------------- people and time


def _asked(event: ApprovalAsked, _state: RunState) -> list[Line]:
    return [
        Line(f"? {one_line(event.ask)}", "bold yellow"),
        Line(f"  runner approve {event.approval}   (or with --deny)", "yellow"),
    ]


def _decided(event: ApprovalDecided, _state: RunState) -> list[Line]:
    said = {"approve": "approved", "deny": "denied", "expired": "expired", "void": "void"}[event.decision]
    by = f" by {event.by}" if event.by else ""
    return [Line(f"  {said}{by}{f': {one_line(event.note)}' if event.note else ''}", "yellow")]


def _timer(event: TimerSet, _state: RunState) -> list[Line]:
    return [Line(f"  until {moment(event.until)}", "dim")]


_WORDS: dict[type, Callable[[Any, RunState], list[Line]]] = {
    RunQueued: _queued,
    RunClaimed: _claimed,
    RunWaiting: _waiting,
    RunCancelRequested: _cancel,
    RunEnded: _ended,
    PhaseEntered: _entered,
    PhaseSkipped: _skipped,
    PhaseLeft: _left,
    PhaseFailed: _left,
    ItemLeft: _item_left,
    EdgeTaken: _edge,
    ModelReplied: _replied,
    ModelRetried: _retried,
    ToolCalled: _called,
    ToolReturned: _returned,
    ToolInterrupted: _interrupted,
    ApprovalAsked: _asked,
    ApprovalDecided: _decided,
    TimerSet: _timer,
}
