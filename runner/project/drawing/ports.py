"""Where on its items each line begins and ends: straight below or above what it leads to, where that can be."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from runner.project.drawing.placing import spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.drawing.items import Item
    from runner.project.drawing.layers import Layered, Net

APART = 12.0
"""Between two lines at the same rim, where there is room."""
_CLOSEST = 7.0
_STRAIGHT = 1000.0
"""The weight of a line that can go straight."""
Origin = int | tuple[str, ...]
"""The identity of an item, or the name of a net."""


class Ports:
    """The x at which each line meets an item."""

    def __init__(self, found: Layered) -> None:
        self._out: dict[tuple[int, Origin], float] = {}
        self._into: dict[tuple[int, Origin], float] = {}
        returning: defaultdict[int, dict[Origin, float]] = defaultdict(dict)
        for route in found.routes:
            if route.goes_back:
                returning[id(route.stops[-1])][route.trunk] = route.stops[-1].right
        for item in (item for layer in found.layers for item in layer):
            below: dict[Origin, float] = {id(one): one.x for one in item.after}
            above: dict[Origin, float] = {id(one): one.x for one in item.before}
            self._out |= {(id(item), other): x for other, x in _places(item, below).items()}
            self._into |= {(id(item), other): x for other, x in _places(item, above | returning[id(item)]).items()}

    def out(self, item: Item, towards: Item) -> float:
        """At the lower rim of an item, for the line to one below."""
        return self._out[id(item), id(towards)]

    def into(self, item: Item, origin: Item | Net) -> float:
        """At the upper rim of an item, for the line from one above, or for a net that comes back to it."""
        return self._into[id(item), origin if isinstance(origin, tuple) else id(origin)]


def _places(item: Item, wanted: Mapping[Origin, float]) -> dict[Origin, float]:
    """The nearest places on a rim, in the order of what is wanted, apart from one another."""
    if not item.reach or not wanted:
        return dict.fromkeys(wanted, item.x)
    low, high = item.x - item.reach, item.x + item.reach
    ordered = sorted(wanted.items(), key=lambda one: one[1])
    aims = [min(max(x, low), high) for _, x in ordered]
    gap = _gap(aims, low, high)
    weights = [_STRAIGHT if low < aim < high else 1.0 for aim in aims]
    nearest = spread(aims, [gap] * (len(aims) - 1), weights)
    return {key: x for (key, _), x in zip(ordered, _inside(nearest, low, high, gap), strict=True)}


def _gap(aims: list[float], low: float, high: float) -> float:
    """As much as leaves those that can go straight where they are, if the rest then still are lines to the eye."""
    inner = [aim for aim in aims if low < aim < high] or [(low + high) / 2]
    before, behind = aims.count(low) or 1, aims.count(high) or 1
    narrow = min((inner[0] - low) / before, (high - inner[-1]) / behind)
    return min(APART, max(_CLOSEST, narrow), (high - low) / max(1, len(aims) - 1))


def _inside(places: list[float], low: float, high: float, gap: float) -> list[float]:
    """The same places, moved between two ends."""
    found = list(places)
    for index, place in enumerate(found):
        found[index] = max(place, low + gap * index)
    for index in reversed(range(len(found))):
        found[index] = min(found[index], high - gap * (len(found) - 1 - index))
    return [round(place, 1) for place in found]
