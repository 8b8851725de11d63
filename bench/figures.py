"""What was measured: a figure each, as a ratio to something bare that ran beside it, and the goal it is held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD = ("measure", "runner", "beside it", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; without a goal it is there to be read beside the others."""

    what: str
    ours: str
    beside: str
    value: float
    goal: float | None = None
    side: Literal["at most", "at least"] = "at most"

    @property
    def verdict(self) -> str:
        """`met` or `missed`; nothing without a goal."""
        if self.goal is None:
            return ""
        is_met = self.value <= self.goal if self.side == "at most" else self.value >= self.goal
        return "met" if is_met else "missed"


def table(figures: list[Figure]) -> str:
    """All figures, a line each, in columns."""
    rows = [HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(_cells(row, widths)).rstrip() for row in rows)


def _row(figure: Figure) -> tuple[str, ...]:
    sign = "<=" if figure.side == "at most" else ">="
    goal = "" if figure.goal is None else f"{sign} {figure.goal:,g}"
    value = f"{figure.value:,.2f}" if figure.value < 1000 else f"{figure.value:,.0f}"  # noqa: PLR2004 - digits that say something
    return figure.what, figure.ours, figure.beside, value, goal, figure.verdict


def _cells(row: tuple[str, ...], widths: list[int]) -> list[str]:
    first, *others = [
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return [first, *others]
