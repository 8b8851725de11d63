"""The parts that the state of a run is made of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.runs.events import ApprovalAsked, ApprovalDecided, EdgeTaken
    from runner.runs.record import Record


@dataclass(slots=True)
class PhaseState:
    """What is known of a phase in one scope."""

    visits: int = 0
    open: bool = False
    history: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """Where a workflow's walk stands: at which phase, and whether that one was left and an edge is due."""

    at: str = ""
    left: bool = False
    last: str = ""
    phases: defaultdict[str, PhaseState] = field(default_factory=lambda: defaultdict(PhaseState))
    taken: defaultdict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    edge: EdgeTaken | None = None
    """The last edge that was taken."""
    judged: EdgeTaken | None = None
    """The last one that an expression or a bound decided: the reason for all that came after it."""


@dataclass(slots=True)
class Mark:
    """When something began: on the clock, and on the run's working time."""

    time: float
    work: float


@dataclass(slots=True)
class Spent:
    """Model calls, tokens and millionths of a US dollar under a path; `held`: set aside for calls that go on."""

    turns: int = 0
    tokens: int = 0
    cost: int = 0
    held: int = 0


@dataclass(slots=True)
class Charge:
    """What an attempt of a model call costs, in millionths of a US dollar: as set aside, then as it came to."""

    time: float
    amount: int
    is_paid: bool
    """Not for an answer of a recording."""
    is_open: bool = True


@dataclass(slots=True)
class Asked:
    """An approval: the question and, once there is one, the answer."""

    question: ApprovalAsked
    answer: ApprovalDecided | None = None
