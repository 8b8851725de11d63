"""Where items stand on their layers: an order with few crossings, then places that keep lines straight."""

from __future__ import annotations

from itertools import accumulate, combinations, pairwise
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.drawing.items import Item
    from runner.project.drawing.layers import Layered

SWEEPS = 12
GAP = 22.0
"""Between two items of a layer."""
_MAIN = 400.0
"""The weight of what lies on the main way."""
_PULLS = {"bend": 8.0, "end": 0.2}
"""How much a line's other end pulls, by what is there; all else pulls by 1."""
_STAYS = {"bend": 4.0, "end": 0.2}
"""How hard an item is to push aside."""


def order(found: Layered) -> None:
    """Put the items of each layer into an order in which few lines cross."""
    best, least = [list(layer) for layer in found.layers], _crossings(found)
    back = {id(route.stops[1]) for route in found.routes if route.goes_back}
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        layers = found.layers[1:] if downward else found.layers[-2::-1]
        for layer in layers:
            _sort(layer, back, downward=downward)
        count = _crossings(found)
        if count < least:
            best, least = [list(layer) for layer in found.layers], count
    found.layers[:] = best


def _sort(layer: list[Item], back: set[int], *, downward: bool) -> None:
    """By the middle of what each is joined to; lines that go back stand to the right, where they are going."""
    ranks: dict[int, float] = {}
    for index, item in enumerate(layer):
        joined = item.before if downward else item.after
        middle = sum(one.x for one in joined) / len(joined) if joined else item.x
        ranks[id(item)] = middle + (0.45 if id(item) in back else 0) if joined else index
    layer.sort(key=lambda item: ranks[id(item)])
    _number(layer)


def _number(layer: list[Item]) -> None:
    """While the order is sought, x is an item's place in it."""
    for index, item in enumerate(layer):
        item.x = index


def _crossings(found: Layered) -> int:
    count = 0
    for layer in found.layers:
        _number(layer)
    for layer in found.layers:
        pairs = [(upper.x, lower.x) for upper in layer for lower in upper.after]
        count += sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for one, other in combinations(pairs, 2))
    return count


def place(found: Layered) -> None:
    """Give every item its x: as near as the order allows to what it is joined to."""
    for layer in found.layers:
        _spread(layer, [item.x * 40 for item in layer])
    for _ in range(SWEEPS):
        for layer in found.layers:
            _spread(layer, [_middle(item, item.before) for item in layer])
        for layer in reversed(found.layers):
            _spread(layer, [_middle(item, item.after) for item in layer])
    for layer in reversed(found.layers):
        _straighten(layer)
    _shift(found)


def _middle(item: Item, joined: Sequence[Item]) -> float:
    """Where an item would stand best; one that is joined to nothing there stays."""
    weights = [_MAIN if one.is_main else _PULLS.get(one.kind, 1.0) for one in joined]
    return sum(one.x * weight for one, weight in zip(joined, weights, strict=True)) / sum(weights) if joined else item.x


def _spread(layer: list[Item], wanted: list[float]) -> None:
    gaps = [(one.width + other.width) / 2 + GAP for one, other in pairwise(layer)]
    weights = [_MAIN if item.is_main else _STAYS.get(item.kind, 1.0) for item in layer]
    for item, x in zip(layer, spread(wanted, gaps, weights), strict=True):
        item.x = x


def spread(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places in this order, each at least its gap behind the last, that are nearest to the wanted ones.

    Neighbours that are too close move together, the heavier the less: least squares under an order, by pooling.
    """
    offsets = [*accumulate(gaps, initial=0.0)]
    pools: list[tuple[float, float, int]] = []
    for place, offset, weight in zip(wanted, offsets, weights, strict=False):
        pool = ((place - offset) * weight, weight, 1)
        while pools and pools[-1][0] / pools[-1][1] >= pool[0] / pool[1]:
            before = pools.pop()
            pool = (pool[0] + before[0], pool[1] + before[1], pool[2] + before[2])
        pools.append(pool)
    levels = [total / weight for total, weight, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]


def _straighten(layer: list[Item]) -> None:
    """Move bends above the next bend of their line, as far as their neighbours leave room."""
    for index, item in enumerate(layer):
        if item.kind == "bend" and item.after and item.after[0].kind == "bend":
            room = (item.width + GAP) / 2
            low = layer[index - 1].right + room if index else -inf
            high = layer[index + 1].left - room if index + 1 < len(layer) else inf
            if low <= high:
                item.x = min(max(item.after[0].x, low), high)


def _shift(found: Layered) -> None:
    """Let the leftmost item begin at 0."""
    left = min(item.left for layer in found.layers for item in layer)
    for layer in found.layers:
        for item in layer:
            item.x = round(item.x - left, 1)
