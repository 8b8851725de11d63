"""Calls of tools: the intent, the result, and what a crash left in between."""

from __future__ import annotations

from typing import Any, Literal

from runner.runs.events.base import Event
from runner.runs.record import Record


class ToolCalled(Event):
    """A tool is about to be run: its intent, on disk before its effect."""

    type: Literal["tool.called"] = "tool.called"
    tool: str
    arguments: dict[str, Any]
    risk: str
    target: str
    cwd: str
    argv: list[str] | None = None
    rule: str
    attempt: int = 1


class ToolReturned(Event):
    """A tool call is over and its record stands."""

    type: Literal["tool.returned"] = "tool.returned"
    tool: str
    record: Record
    seconds: float = 0.0
    untrusted: bool = False
    """Whether strangers may have written parts of what it gave."""
    target: str = ""
    """Where it ran or would have run; empty when that was not settled."""
    dry: bool = False
    """Whether the call was only foreseen, in a dry run: nothing was done."""


class ToolInterrupted(Event):
    """A crash came between intent and result; `decision` is what the files say to do."""

    type: Literal["tool.interrupted"] = "tool.interrupted"
    tool: str
    decision: Literal["again", "ask", "fail"]
