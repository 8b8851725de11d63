"""What something costs at most, in model calls and time, and that in words."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING, NamedTuple

from runner.spec import format_duration

if TYPE_CHECKING:
    from runner.project.agents import Limits


class Cost(NamedTuple):
    """The most that something can take; `inf` where the files set no bound, and then `why`."""

    calls: float = 0
    seconds: float = 0.0
    why: str = ""
    waits: bool = False
    """Whether it also waits for people or timers."""

    def then(self, other: Cost) -> Cost:
        """This and the other, one after the other."""
        seconds = self.seconds + other.seconds
        return Cost(self.calls + other.calls, seconds, self.why or other.why, self.waits or other.waits)

    def times(self, count: float, abreast: int = 1) -> Cost:
        """This `count` times, `abreast` at once."""
        if not count:
            return Cost()
        rounds = count if count == inf else ceil(count / abreast)
        return Cost(_product(self.calls, count), _product(self.seconds, rounds), self.why, self.waits)

    def within(self, limits: Limits) -> Cost:
        """This, cut off by limits."""
        ends = [end for end in (limits.time, limits.deadline, self.seconds) if end is not None]
        calls = self.calls if limits.turns is None else min(self.calls, limits.turns)
        return Cost(calls, min(ends), self.why, self.waits)


def in_words(cost: Cost) -> str:
    """A cost as `check` prints it."""
    if inf in (cost.calls, cost.seconds):
        words = _partly_unbounded(cost)
    elif cost.calls:
        words = f"at most {_count(cost.calls)} and {format_duration(cost.seconds)}"
    else:
        words = f"no model calls and at most {format_duration(cost.seconds)}" if cost.seconds else "no model calls"
    return f"{words}, besides waiting for people and timers" if cost.waits else words


def _product(amount: float, count: float) -> float:
    return amount * count if amount else 0


def _partly_unbounded(cost: Cost) -> str:
    if cost.calls == cost.seconds:
        return f"unbounded because {cost.why}"
    if cost.calls == inf:
        return f"at most {format_duration(cost.seconds)}; model calls are unbounded because {cost.why}"
    return f"{'at most ' if cost.calls else ''}{_count(cost.calls)}; time is unbounded because {cost.why}"


def _count(calls: float) -> str:
    if not calls:
        return "no model calls"
    return "1 model call" if calls == 1 else f"{calls:.0f} model calls"
