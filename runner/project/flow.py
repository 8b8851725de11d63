"""The fields that lead from one phase to another."""

from __future__ import annotations

from typing import Literal

from runner.spec import Expression, Items, Positive, Spec

ENDS = ("pass", "fail", "error")
"""Where an edge may lead besides a phase."""


class Edge(Spec):
    """One way out of a phase."""

    to: str
    """A phase, or pass, fail, error."""
    when: Expression | None = None
    """An expression; the first entry whose expression is true is taken. The last entry has none."""
    max: Positive | None = None
    """Times the edge may be taken in a run."""
    exhausted: str = "fail"
    """Where to go instead when it was taken `max` times."""


class ErrorEdge(Spec):
    """Where to go after a failure."""

    match: Literal["timeout", "budget", "tool", "model", "output", "policy", "unavailable", "any"]
    """How it failed."""
    to: str
    """A phase, or pass, fail, error."""
    max: Positive | None = None
    """Times the edge may be taken in a run."""
    exhausted: str = "fail"
    """Where to go instead when it was taken `max` times."""


class Flow(Spec):
    """What phases have and branches and items have not."""

    next: str | Items[Edge] | None = None
    """Where to go then: a name, or a list of which the first true entry is taken; by default the following phase."""
    errors: Items[ErrorEdge] = ()
    """Where to go after a failure; without a matching entry the run ends in error."""
