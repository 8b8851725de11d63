"""What the cases came to: a line for each model, what failed, and all of it as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from runner.cli import options
from runner.cli.display import money, say, seconds, show_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.cli.testing.run import Ran


@dataclass(frozen=True)
class Report:
    """All cases that ran, and what is asked of them together."""

    ran: Sequence[Ran]
    min_pass: float
    max_latency: float | None

    @property
    def is_good(self) -> bool:
        """Whether enough cases passed, and fast enough."""
        return not self.faults()

    def faults(self) -> list[str]:
        """What is not as it should be of each model's cases together."""
        told = []
        for model, ran in self._by_model():
            passed, slow, on = _part_good(ran), percentile(_latencies(ran), 95), f" on {model}" if model else ""
            if passed < self.min_pass:
                told.append(f"{passed:.0%} of the cases passed{on}; {self.min_pass:.0%} have to")
            if self.max_latency is not None and slow is not None and slow > self.max_latency:
                told.append(
                    f"95 of 100 model calls took up to {seconds(slow)}{on}; {seconds(self.max_latency)} are allowed"
                )
        return told

    def show(self) -> None:
        """Print it."""
        if options.current().json:
            show_json(self.as_data())
            return
        table(("MODEL", "CASES", "PASSED", "QUALITY", "P50", "P95", "TOKENS", "COST"), [*map(_row, self._by_model())])
        for fault in self.faults():
            say(fault, fg="red")

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "ok": self.is_good,
            "faults": self.faults(),
            "models": [_summary(model, ran) for model, ran in self._by_model()],
            "cases": [_case(one) for one in self.ran],
        }

    def _by_model(self) -> list[tuple[str, list[Ran]]]:
        return [(model, list(ran)) for model, ran in groupby(self.ran, key=lambda one: one.model)]


def percentile(values: Sequence[float], part: int) -> float | None:
    """The least value that so many of a hundred do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * part / 100) - 1)] if ordered else None


def _row(of_model: tuple[str, Sequence[Ran]]) -> tuple[object, ...]:
    summary = _summary(*of_model)
    times = [seconds(value) if (value := summary["latency"][part]) is not None else "" for part in ("p50", "p95")]
    cost = "" if summary["cost_micros"] is None else money(summary["cost_micros"])
    name, tokens = summary["model"] or "as the agents say", f"{summary['tokens']:,}"
    return (name, summary["cases"], summary["passed"], f"{summary['quality']:.0%}", *times, tokens, cost)


def _summary(model: str, ran: Sequence[Ran]) -> dict[str, Any]:
    costs = [one.cost_micros for one in ran if one.cost_micros is not None]
    return {
        "model": model or None,
        "cases": len(ran),
        "passed": sum(one.is_good for one in ran),
        "quality": _part_good(ran),
        "latency": _shown(_latencies(ran)),
        "tokens": sum(one.tokens for one in ran),
        "cost_micros": sum(costs) if costs else None,
    }


def _case(one: Ran) -> dict[str, Any]:
    return {
        "name": one.case.name,
        "file": one.case.file,
        "model": one.model or None,
        "ok": one.is_good,
        "failures": one.failures,
        "verdict": one.verdict or None,
        "output": one.output,
        "seconds": round(one.seconds, 3),
        "latency": _shown(one.latencies),
        "tokens": {"input": one.input, "output": one.tokens - one.input},
        "cost_micros": one.cost_micros,
    }


def _shown(latencies: Sequence[float]) -> dict[str, float | None]:
    found = {"p50": percentile(latencies, 50), "p95": percentile(latencies, 95)}
    return {part: None if value is None else round(value, 3) for part, value in found.items()}


def _latencies(ran: Sequence[Ran]) -> list[float]:
    return [value for one in ran for value in one.latencies]


def _part_good(ran: Sequence[Ran]) -> float:
    return sum(one.is_good for one in ran) / len(ran)
