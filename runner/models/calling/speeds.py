"""How fast a model answers here: figures of its last calls, from which the next deadline is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean, pstdev
from typing import NamedTuple

KEPT = 50
"""Calls that are remembered of each model: an hour of work on a busy day, so that a new machine is soon believed."""
ENOUGH = 5
"""Calls below which nothing is known."""


class Sample(NamedTuple):
    """One call that was answered: tokens sent and got, seconds to the first token and in all."""

    prompt: int
    output: int
    first: float
    seconds: float


class Figures(NamedTuple):
    """What a model is known for: seconds a thousand tokens of prompt, seconds a token of answer, tokens of an answer.

    Each is the mean and the spread (standard deviation) over its last calls.
    """

    first: tuple[float, float]
    token: tuple[float, float]
    output: tuple[float, float]
    calls: int


@dataclass(slots=True)
class Speed:
    """The last calls of one model on one server."""

    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Remember a call, and forget the oldest."""
        self.samples.append(sample)
        del self.samples[:-KEPT]

    def figures(self) -> Figures | None:
        """What is known by now; None while it is too little."""
        if len(self.samples) < ENOUGH:
            return None
        first = _of([sample.first / thousands(sample.prompt) for sample in self.samples])
        token = _of([(sample.seconds - sample.first) / max(1, sample.output) for sample in self.samples])
        return Figures(first, token, _of([float(sample.output) for sample in self.samples]), len(self.samples))


def thousands(tokens: int) -> float:
    """Thousands of tokens, one more: an empty prompt takes its time, too."""
    return 1 + tokens / 1000


def _of(values: list[float]) -> tuple[float, float]:
    return fmean(values), pstdev(values)
