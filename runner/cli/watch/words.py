"""Each event in words: the lines that say what happened, for a person who watches or reads the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runner.cli.display import moment, money, one_line, seconds
from runner.cli.watch import alerts, choice, models
from runner.cli.watch.again import NOTHING_ANSWERED, Answered, is_over
from runner.cli.watch.calls import call, summary
from runner.cli.watch.dry import told
from runner.cli.watch.excerpt import MOST, WIDE, brief, fitted
from runner.cli.watch.failures import hint, of_all, of_calls, own_hint, whole
from runner.cli.watch.fleets import fleet, indented
from runner.cli.watch.line import NOTHING, Line
from runner.cli.watch.talks import failed_calls
from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    EdgeTaken,
    ItemLeft,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunWaiting,
    SandboxTaken,
    StepForeseen,
    TimerSet,
    ToolCalled,
    ToolInterrupted,
    ToolReturned,
)
from runner.spec.layout import short

if TYPE_CHECKING:
    from runner.runs.record import Record
    from runner.runs.state import RunState

MARKS = {"ok": "✓", "no": "✗", "failed": "!", "skipped": "–", "cancelled": "×"}
STYLES = {"ok": "green", "no": "red", "failed": "red", "skipped": "dim", "cancelled": "yellow"}
VERDICTS = {"pass": "green", "fail": "red", "error": "red", "cancelled": "yellow"}
SAID = {"approve": "approved", "deny": "denied", "expired": "expired", "void": "void"}
CLAIMS = {"wake": "goes on after the wait", "resume": "goes on after an interruption"}


def lines(event: AnyEvent, state: RunState, answered: Answered = NOTHING_ANSWERED) -> list[Line]:
    """What an event says to a person; `state` is the fold of all events up to it, itself included.

    The questions `answered` before are told no more.
    """
    words = _WORDS.get(type(event))
    return words(event, state) if words and not is_over(event, state, answered) else []


# ----------------------------------------------------------------------------------------------- a run's life


def _queued(event: RunQueued, _state: RunState) -> list[Line]:
    again = f", rerun of {event.rerun_of}" if event.rerun_of else ""
    again += f", goes on with {event.previous}" if event.previous else ""
    dry = ", dry run" if event.dry else ""
    return [Line(f"run {event.run}: {event.title}, revision {short(event.revision)}{again}{dry}", "dim")]


def _claimed(event: RunClaimed, _state: RunState) -> list[Line]:
    return [Line(CLAIMS[event.why], "dim")] if event.why in CLAIMS else []


def _waiting(event: RunWaiting, _state: RunState) -> list[Line]:
    on = (f"{one.kind}{f' at {one.path}' if one.path else ''}{f': {one.why}' if one.why else ''}" for one in event.on)
    return [Line(f"waits for {' and '.join(on)}", "yellow")]


def _sandbox(event: SandboxTaken, _state: RunState) -> list[Line]:
    return [Line(f"works in the sandbox {event.sandbox} ({event.how})", "dim")]


def _cancel(event: RunCancelRequested, _state: RunState) -> list[Line]:
    by = f" by {event.by}" if event.by else ""
    return [Line(f"cancel asked for{by}{f': {event.note}' if event.note else ''}", "yellow")]


def _ended(event: RunEnded, state: RunState) -> list[Line]:
    name, is_dry = (choice.name(state, state.queued), state.queued.dry) if state.queued else ("", False)
    figures = f"{took(event.work, event.waited)}, {event.usage.total:,} tokens"
    if event.cost_micros or event.unpriced:
        figures += f", {money(event.cost_micros, event.unpriced)}"
    why = of_all(event.why, state)
    return [
        Line(f"{verdict(event.verdict, is_dry=is_dry)}  {name}  {figures}", f"bold {VERDICTS[event.verdict]}"),
        Line(f"  {whole(why)}"),
        *(Line(f"  {words}", "red") for words in failed_calls(state)),
        *(hint(event.evidence.get("hint", ""), "  ") if why == event.why else []),
    ]


def verdict(word: str, *, is_dry: bool) -> str:
    """`PASS`, and that it is one of a dry run."""
    return f"{word.upper()}{' (dry run)' if is_dry else ''}"


def took(work: float, waited: float) -> str:
    """How long something took: the time that was worked on it, and beside it the time that it waited."""
    return f"{seconds(work)}{f', waited {seconds(waited)}' if waited >= NOTHING else ''}"


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
    time = ""
    if mark:
        work = state.work - mark.work
        # Time without an owner is neither: no phase waited longer than its run.
        time = f"  {took(work, min(event.time - mark.time - work, state.waited))}"
    line = _record(f"{phase(event.path)}{time}", event.record, "", state)
    return [line, *own_hint(event.path, event.record.error, state, "  ")]


def _item_left(event: ItemLeft, state: RunState) -> list[Line]:
    line = _record(f"item {event.index}", event.record, "  ", state)
    return [line, *own_hint(event.path, event.record.error, state, "    ")]


def _record(name: str, record: Record, indent: str, state: RunState) -> Line:
    fault = f": {whole(of_calls(record.error.message, state))}" if record.error else ""
    status = "" if record.status == "ok" else f"  {record.status}"
    return Line(f"{indent}{MARKS[record.status]} {name}{status}{fault}", STYLES[record.status])


def _edge(event: EdgeTaken, _state: RunState) -> list[Line]:
    if event.exhausted:
        return [Line(f"→ {event.to}: the other way was taken {event.max} of {event.max} times", "yellow")]
    if event.max is None:
        return []
    return [Line(f"→ {event.to} ({event.count} of {event.max})", "yellow")]


# ----------------------------------------------------------------------------------------------------- tools


def _called(event: ToolCalled, state: RunState) -> list[Line]:
    return [Line(f"  {call(event, state)}", "dim")]


def _returned(event: ToolReturned, state: RunState) -> list[Line]:
    record = event.record
    if event.dry and record.ok:  # the line above says all of it
        return []
    table = _answers(event, state)
    fault = record.error if not table else None  # the table tells what befell each host
    what = whole(fault.message) if fault else one_line(summary(record.output))
    time = "cancelled" if record.status == "cancelled" else seconds(event.seconds)  # nobody saw a cut off call end
    text = f"  {MARKS[record.status]} {event.tool}  {time}  {what}"
    return [Line(text.rstrip(), STYLES[record.status]), *hint(fault.hint if fault else "", "    "), *table]


def _answers(event: ToolReturned, state: RunState) -> list[Line]:
    """What many hosts answered; that of a run's only call is what the run gives, and shown then."""
    is_all = state.queued is not None and state.queued.kind == "tool" and event.path.count("/") == 1
    return [] if is_all else indented(fleet(event.record.output, MOST, WIDE))


def _foreseen(event: StepForeseen, _state: RunState) -> list[Line]:
    return [
        Line(f"  would {told(event)}: {event.decision}{f' ({one_line(event.rule)})' if event.rule else ''}", "cyan")
    ]


def _interrupted(event: ToolInterrupted, _state: RunState) -> list[Line]:
    what = {"again": "it is done again", "ask": "a person is asked", "fail": "it counts as failed"}[event.decision]
    return [Line(f"  {event.tool} was interrupted; {what}", "yellow")]


# --------------------------------------------------------------------------------------------- people and time


def _asked(event: ApprovalAsked, state: RunState) -> list[Line]:
    run = f"run {event.run}{f' ({state.queued.title})' if state.queued else ''}"
    return [
        Line(f"? {one_line(event.ask)}", "bold yellow"),
        *(Line(f"  {line}") for line in fitted(brief(event))),
        Line(f"  {run}, step {event.path or 'the run itself'}", "dim"),
        Line(f"  runner approve {event.approval}   (or with --deny)", "yellow"),
    ]


def _decided(event: ApprovalDecided, _state: RunState) -> list[Line]:
    return [Line(f"  {decision(event)}", "yellow")]


def decision(event: ApprovalDecided) -> str:
    """`denied by ada: not today`."""
    by = f" by {event.by}" if event.by else ""
    return f"{SAID[event.decision]}{by}{f': {one_line(event.note)}' if event.note else ''}"


_WORDS: dict[type, Callable[[Any, RunState], list[Line]]] = {
    RunQueued: _queued,
    RunClaimed: _claimed,
    RunWaiting: _waiting,
    SandboxTaken: _sandbox,
    RunCancelRequested: _cancel,
    RunEnded: _ended,
    PhaseEntered: _entered,
    PhaseSkipped: _skipped,
    PhaseLeft: _left,
    PhaseFailed: _left,
    ItemLeft: _item_left,
    EdgeTaken: _edge,
    **choice.WORDS,
    **models.WORDS,
    **alerts.WORDS,
    ToolCalled: _called,
    ToolReturned: _returned,
    ToolInterrupted: _interrupted,
    StepForeseen: _foreseen,
    ApprovalAsked: _asked,
    ApprovalDecided: _decided,
    TimerSet: lambda event, _state: [Line(f"  until {moment(event.until)}", "dim")],
}
