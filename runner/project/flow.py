"""The fields that lead from one phase to another."""

from __future__ import annotations

from typing import Literal

from runner.spec import Expression, Items, Positive, Spec

ENDS = ("pass", "fail", "error")
"""Where an edge may lead besides a phase."""
ENDS_ELSEWHERE = {
    **dict.fromkeys(("end", "done", "finish", "finished", "complete", "completed", "stop", "exit", "return"), "pass"),
    **dict.fromkeys(("success", "succeed", "succeeded", "ok", "passed", "null", "none"), "pass"),
    **dict.fromkeys(("failed", "failure", "abort", "cancel", "no", "reject", "halt", "break"), "fail"),
    **dict.fromkeys(("errors", "raise", "throw", "crash", "panic"), "error"),
}
"""What other systems call an end of the run, and what it is called here."""


class Edge(Spec):
    """One way out of a phase."""

    to: str
    """Where it leads: a phase, or pass, fail, error."""
    when: Expression | None = None
    """The expression that must be true; the first entry that is true is taken, and the last one has none."""
    max: Positive | None = None
    """How often it may be taken in a run."""
    exhausted: str = "fail"
    """Where to go instead once it was taken `max` times."""


class ErrorEdge(Spec):
    """Where to go after a failure."""

    match: Literal["timeout", "budget", "tool", "model", "output", "policy", "unavailable", "any"]
    """The kind of failure that it is for."""
    to: str
    """Where it leads: a phase, or pass, fail, error."""
    max: Positive | None = None
    """How often it may be taken in a run."""
    exhausted: str = "fail"
    """Where to go instead once it was taken `max` times."""


class Flow(Spec):
    """What phases have and branches and items have not."""

    next: str | Items[Edge] | None = None
    """Where to go then: a name, or a list of which the first true entry is taken; by default the following phase."""
    errors: Items[ErrorEdge] = ()
    """Where to go after a failure; without a matching entry the run ends in error."""
