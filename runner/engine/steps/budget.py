"""Limits of runs, workflows, phases and agents: what is left of each, read from the run's state (rule R10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.errors import BudgetSpent
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.agents import Limits
    from runner.runs.state import RunState


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits that hold for everything under `path`, counted from the mark of that path."""

    path: str
    limits: Limits
    name: str
    """Whose limits they are, in words: `phase execute`."""
    place: str
    """Where they are written: `phase execute of workflows/ship.yaml`."""

    def more(self, limit: str) -> str:
        """How one of them is raised."""
        return f"`limits: {{{limit}: …}}` of {self.place} raises it"


def check(state: RunState, budgets: Iterable[Budget], now: float) -> None:
    """Raise `BudgetSpent` for the first limit that is used up: nothing more may begin under it."""
    for budget in budgets:
        _check_clocks(state, budget, now)
        spent, limits = state.spent[budget.path], budget.limits
        if limits.turns is not None and spent.turns >= limits.turns:
            _stop(budget, "turns", f"{spent.turns} of {limits.turns} model calls")
        if limits.tokens is not None and spent.tokens >= limits.tokens:
            _stop(budget, "tokens", f"{spent.tokens} of {limits.tokens} tokens")


def check_clocks(state: RunState, budgets: Iterable[Budget], now: float) -> None:
    """As `check`, for what is no model call: time and deadline only."""
    for budget in budgets:
        _check_clocks(state, budget, now)


def seconds_left(state: RunState, budgets: Iterable[Budget], now: float) -> float | None:
    """Seconds until the first time or deadline is used up if work goes on; None when there is none."""
    left = [
        end
        for budget in budgets
        for end in (_work_left(state, budget, now), _wall_left(state, budget, now))
        if end is not None
    ]
    return min(left, default=None)


def no_later(moment: float, state: RunState, budgets: Iterable[Budget]) -> float:
    """A moment, or the earliest wall-clock deadline before it; in seconds since the epoch."""
    ends = [
        state.marks[budget.path].time + budget.limits.deadline
        for budget in budgets
        if budget.limits.deadline is not None and budget.path in state.marks
    ]
    return min([moment, *ends])


def _check_clocks(state: RunState, budget: Budget, now: float) -> None:
    work, wall = _work_left(state, budget, now), _wall_left(state, budget, now)
    if work is not None and work <= 0:
        _stop(budget, "time", f"{format_duration(budget.limits.time or 0)} of working time")
    if wall is not None and wall <= 0:
        _stop(budget, "deadline", f"the deadline of {format_duration(budget.limits.deadline or 0)}")


def _work_left(state: RunState, budget: Budget, now: float) -> float | None:
    mark = state.marks.get(budget.path)
    if budget.limits.time is None or mark is None:
        return None
    return budget.limits.time - (state.work_now(now) - mark.work)


def _wall_left(state: RunState, budget: Budget, now: float) -> float | None:
    mark = state.marks.get(budget.path)
    if budget.limits.deadline is None or mark is None:
        return None
    return budget.limits.deadline - (now - mark.time)


def _stop(budget: Budget, limit: str, spent: str) -> None:
    message = f"{budget.name} has used up its limit `{limit}`: {spent}"
    raise BudgetSpent(message, owner=budget.path, limit=limit, hint=budget.more(limit))
