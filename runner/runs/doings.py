"""What a run has done, step by step, as its events tell it: each kind of doing by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    BranchLeft,
    BranchStarted,
    ItemLeft,
    ItemStarted,
    ModelReplied,
    ModelRequested,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
    PromptRendered,
    RunEnded,
    ToolCalled,
    ToolReturned,
)
from runner.runs.state import fold

Values = Mapping[str, Any]
"""What is known of one doing, or of all by path."""


@dataclass(frozen=True, slots=True)
class Visit:
    """How a phase, branch or item was left, and the seconds since it was entered."""

    status: str
    took: float


def visits(events: Iterable[AnyEvent]) -> dict[str, Visit]:
    """How each phase, branch and item was left."""
    begun: dict[str, float] = {}
    left: dict[str, Visit] = {}
    for event in events:
        match event:
            case PhaseEntered() | BranchStarted() | ItemStarted():
                begun[event.path] = event.time
                left[event.path] = Visit("open", 0.0)
            case PhaseSkipped():
                left[event.path] = Visit("skipped", 0.0)
            case PhaseLeft() | PhaseFailed() | BranchLeft() | ItemLeft():
                left[event.path] = Visit(event.record.status, event.time - begun.get(event.path, event.time))
    return left


def prompts(events: Sequence[AnyEvent]) -> Mapping[str, Values]:
    """The texts that agents were given."""
    rendered = (event for event in events if isinstance(event, PromptRendered))
    return {one.path: {"agent": one.agent, "system": one.system, "message": one.message} for one in rendered}


def models(events: Sequence[AnyEvent]) -> Mapping[str, Values]:
    """Which model was asked with which tools, and what it answered."""
    said: dict[str, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, ModelRequested):
            said[event.path] = {"model": event.model, "tools": event.tools}
        elif isinstance(event, ModelReplied):
            asked = [{"tool": call.tool, "arguments": call.arguments} for call in event.calls]
            said.setdefault(event.path, {}).update(text=event.text, calls=asked)
    return said


def calls(events: Sequence[AnyEvent]) -> Mapping[str, Values]:
    """Each call of a tool: with what, by which rule, and what came of it."""
    made: dict[str, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, ToolCalled):
            made[event.path] = {name: getattr(event, name) for name in ("tool", "arguments", "target", "rule")}
        elif isinstance(event, ToolReturned):
            record = event.record
            made.setdefault(event.path, {"tool": event.tool}).update(
                status=record.status, output=record.output, error=record.error.message if record.error else None
            )
    return made


def answers(events: Sequence[AnyEvent]) -> Mapping[str, Values]:
    """What people were asked, and what they said."""
    asked = {event.approval: event for event in events if isinstance(event, ApprovalAsked)}
    given = {event.approval: event for event in events if isinstance(event, ApprovalDecided)}
    return {
        f"{one.path} ({one.reason})": {
            "ask": one.ask,
            "decision": given[name].decision if name in given else "open",
            "note": given[name].note if name in given else "",
        }
        for name, one in asked.items()
    }


def outcome(events: Sequence[AnyEvent]) -> Values:
    """How the run ended."""
    ended = next((event for event in events if isinstance(event, RunEnded)), None)
    if ended is None:
        return {"verdict": f"none yet ({fold(events).status})"}
    return {"verdict": ended.verdict, "why": ended.why, "output": ended.output, "red": ended.red}


def figures(events: Sequence[AnyEvent]) -> dict[str, float]:
    """Tokens, calls and seconds of the whole run."""
    state = fold(events)
    return {
        "tokens_in": state.spent_tokens_in,
        "tokens_out": state.spent_tokens_out,
        "cost_micros": state.spent[""].cost,
        "model_calls": len(state.attempts),
        "tool_calls": len(state.results),
        "work": state.work,
        "waited": state.waited,
    }
