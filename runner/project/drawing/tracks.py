"""The room between two layers: on which track each net runs from side to side, so that few lines cross or overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.drawing.layers import Net

STRAIGHT = 0.5
_NEAR = 5.0
"""Two lines that stand closer than this would look like one."""
_OVERLAP = 20
"""An overlap is as bad as so many crossings."""
BESIDE = 1e6
"""The x of a lane at the side, whose place is not known yet."""


@dataclass(slots=True)
class Track:
    """A net between two layers: where it comes from above, where it goes to below."""

    net: Net
    tops: list[float] = field(default_factory=list)
    bottoms: list[float] = field(default_factory=list)
    level: int = 0
    """Counted from above."""

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(*self.tops, *self.bottoms, BESIDE)

    @property
    def right(self) -> float:
        """Where it ends; one that only comes or only goes turns to the side."""
        return max((*self.tops, *self.bottoms)) if self.tops and self.bottoms else BESIDE

    @property
    def is_straight(self) -> bool:
        """Whether it needs no track."""
        return self.right - self.left < STRAIGHT


def level(tracks: Sequence[Track]) -> int:
    """Give each net its level; returns how many there are."""
    rows = _ordered([track for track in tracks if not track.is_straight])
    for index, track in enumerate(rows):
        rivals = [other for other in rows[:index] if _must_part(other, track)]
        track.level = max((other.level + 1 for other in rivals), default=0)
    return max((track.level + 1 for track in rows), default=0)


def _ordered(rows: list[Track]) -> list[Track]:
    """From above to below; neighbours change places as long as that makes it better."""
    rows.sort(key=lambda one: sum(_cost(one, other) - _cost(other, one) for other in rows))
    for _ in rows:
        for index in range(len(rows) - 1):
            upper, lower = rows[index], rows[index + 1]
            if _cost(lower, upper) < _cost(upper, lower):
                rows[index], rows[index + 1] = lower, upper
    return rows


def _cost(upper: Track, lower: Track) -> int:
    """How bad it is to have one above the other: the upper's ends cross the lower, the lower's beginnings the upper."""
    crossing = sum(lower.left < x < lower.right for x in upper.bottoms)
    crossing += sum(upper.left < x < upper.right for x in lower.tops)
    return crossing + _OVERLAP * sum(abs(x - other) < _NEAR for x in upper.bottoms for other in lower.tops)


def _must_part(one: Track, other: Track) -> bool:
    """Whether two nets would touch on the same level, or stand in each other's way when they change places."""
    meet = one.left <= other.right + _NEAR and other.left <= one.right + _NEAR
    return meet or _cost(one, other) != _cost(other, one)
