"""Events of people and of time: approvals and timers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.runs.events.base import Event


class ApprovalAsked(Event):
    """A question to a person; `shown` is the sha256 of exactly what the person sees."""

    type: Literal["approval.asked"] = "approval.asked"
    approval: str
    reason: Literal["phase", "policy", "interrupted", "revision"]
    ask: str
    show: str = ""
    tool: str = ""
    arguments: dict[str, Any] | None = None
    by: list[str] = Field(default_factory=list)
    deadline: float
    shown: str
    rule: str = ""
    agent: str = ""
    """Who wants to make the call; empty where a phase does."""
    targets: list[str] = Field(default_factory=list)
    """Where it runs: all hosts of it."""
    cwd: str = ""
    """The folder that it runs in; empty on hosts, where it is the login's own."""
    env: list[str] = Field(default_factory=list)
    """Names of the variables that it is given besides those of every command; values are never shown."""
    revision: str = ""
    """The files that it would be done by."""


class ApprovalDecided(Event):
    """The answer of a person, or the deadline's; `void` when what asked was cancelled and needs none."""

    type: Literal["approval.decided"] = "approval.decided"
    approval: str
    decision: Literal["approve", "deny", "expired", "void"]
    by: str = ""
    note: str = ""


class TimerSet(Event):
    """The step goes on at `until`, seconds since the epoch."""

    type: Literal["timer.set"] = "timer.set"
    until: float


class TimerFired(Event):
    """The time has come."""

    type: Literal["timer.fired"] = "timer.fired"
