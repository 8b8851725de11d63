"""A chart laid out: every box with its place, every line with its bends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from runner.project.drawing.chart import Box
from runner.project.drawing.items import Item, box_item
from runner.project.drawing.layers import layered
from runner.project.drawing.placing import order, place
from runner.project.drawing.ports import Ports
from runner.project.drawing.tracks import Track, level

if TYPE_CHECKING:
    from runner.project.drawing.chart import Chart, Line
    from runner.project.drawing.layers import Layered, Net, Route

MARGIN = 16.0
_ABOVE = 12.0
_BELOW = 16.0
"""Room for an arrow."""
_STEP = 11.0
"""Between two levels."""
_LANE = 14.0
_TO_LANE = 18.0

Point = tuple[float, float]
Stroke = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line as it is drawn: strokes between which its words stand; the last one ends at its target."""

    line: Line
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All items with their places and all lines with their bends, inside a width and a height."""

    items: tuple[Item, ...]
    lines: tuple[Drawn, ...]
    width: float
    height: float
    last: Item | None
    """`finally`."""


def picture_of(chart: Chart) -> Picture:
    """Lay a chart out."""
    found = layered(chart)
    order(found)
    place(found)
    router = _Router(found)
    router.set_heights()
    lines = tuple(Drawn(route.line, router.strokes(route)) for route in found.routes)
    items = tuple(item for layer in found.layers for item in layer if item.kind != "bend")
    for item in items:
        for part in item.parts:
            part.x, part.y = part.x + item.left, part.y + item.y
    points = [point for line in lines for stroke in line.strokes for point in stroke]
    width = max([item.right for item in items] + [x for x, _ in points])
    height = max([item.bottom for item in items] + [y for _, y in points])
    if chart.last is None:
        return Picture(items, lines, width, height, None)
    last = _last(chart.last, items[0].x, height)
    return Picture(items, lines, max(width, last.right), last.bottom, last)


def _last(box: Box, x: float, bottom: float) -> Item:
    """`finally` stands below all else, as it comes after any end."""
    item = box_item(Box(box.name, box.kind, ("after any end", *box.words)), 0)
    item.x, item.y = max(x, item.width / 2), bottom + 2 * _BELOW
    return item


def _room(levels: int, *, arrows: bool) -> float:
    """The height between two layers; above boxes there are arrows."""
    return (_ABOVE + _STEP * (levels - 1) if levels else 0.0) + (_BELOW if arrows else _ABOVE)


class _Router:
    """Finds the bends of all lines, layer by layer, and with them how far apart the layers stand."""

    def __init__(self, found: Layered) -> None:
        self._found = found
        self._ports = Ports(found)
        self._tracks: list[dict[Net, Track]] = [{} for _ in found.layers]
        """For the room below each layer."""
        self._heights: dict[tuple[int, Net], float] = {}
        """The y of each track."""
        self._lanes: dict[Net, float] = {}
        for route in found.routes:
            self._enter(route)

    def set_heights(self) -> None:
        """Give layers, tracks and lanes their places."""
        y = 0.0
        for index, layer in enumerate(self._found.layers):
            height = max((item.height for item in layer), default=0.0)
            for item in layer:
                if item.kind == "bend":
                    item.height = height
                item.y = round(y + (height - item.height) / 2, 1)
            y += height
            tracks = self._tracks[index]
            count = level(list(tracks.values()))
            for net, track in tracks.items():
                self._heights[index, net] = y + _ABOVE + _STEP * track.level
            y += _room(count, arrows=index % 2 == 1)
        self._set_lanes()

    def strokes(self, route: Route) -> tuple[Stroke, ...]:
        """The bends of a line, from its source to its target."""
        if not route.goes_back:
            return self._forward(route)
        source, words, target = route.stops
        first = self._stretch(route, 0, source, words)
        net = route.trunk
        lane, x = self._lanes[net], self._ports.into(target, net)
        leave, arrive = self._heights[words.layer, ("back", *net)], self._heights[target.layer - 1, ("back", *net)]
        last = ((words.x, words.bottom), (words.x, leave), (lane, leave), (lane, arrive), (x, arrive), (x, target.y))
        return (first, last) if words.lines else ((*first, *last),)

    def _forward(self, route: Route) -> tuple[Stroke, ...]:
        strokes: list[Stroke] = []
        points: list[Point] = []
        for index, (upper, lower) in enumerate(pairwise(route.stops)):
            points += self._stretch(route, index, upper, lower)
            if lower.lines and lower.kind == "words":
                strokes.append(tuple(points))
                points = []
        return (*strokes, tuple(points))

    def _stretch(self, route: Route, index: int, upper: Item, lower: Item) -> Stroke:
        start, end = self._ports.out(upper, lower), self._ports.into(lower, upper)
        y = self._heights[upper.layer, route.net(index)]
        return ((start, upper.bottom), (start, y), (end, y), (end, lower.y))

    def _enter(self, route: Route) -> None:
        """Note which nets run below which layers, and from where to where."""
        stops = route.stops[:2] if route.goes_back else route.stops
        for index, (upper, lower) in enumerate(pairwise(stops)):
            track = self._track(upper.layer, route.net(index))
            track.tops.append(self._ports.out(upper, lower))
            track.bottoms.append(self._ports.into(lower, upper))
        if route.goes_back:
            _, words, target = route.stops
            net = ("back", *route.trunk)
            self._track(words.layer, net).tops.append(words.x)
            self._track(target.layer - 1, net).bottoms.append(self._ports.into(target, route.trunk))

    def _track(self, layer: int, net: Net) -> Track:
        return self._tracks[layer].setdefault(net, Track(net))

    def _set_lanes(self) -> None:
        """Give each net that goes back a lane to the right of all that it passes; the shortest one the nearest."""
        spans: dict[Net, tuple[int, int]] = {}
        for route in self._found.routes:
            if route.goes_back:
                low, high = spans.get(route.trunk, (route.stops[2].layer, 0))
                spans[route.trunk] = low, max(high, route.stops[1].layer)
        taken: list[tuple[int, int, float]] = []
        for net, (top, bottom) in sorted(spans.items(), key=lambda one: (one[1][1] - one[1][0], one[1])):
            rims = [item.right for layer in self._found.layers[top : bottom + 1] for item in layer]
            beside = [x + _LANE - _TO_LANE for low, high, x in taken if low <= bottom + 1 and top - 1 <= high]
            self._lanes[net] = max(*rims, *beside) + _TO_LANE if beside else max(rims) + _TO_LANE
            taken.append((top, bottom, self._lanes[net]))
