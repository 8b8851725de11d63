"""A chart in layers from top to bottom: which box stands where, and through which layers each line goes.

Boxes stand on even layers, the words of lines between them on odd ones. Ways that close a loop go back up at the side:
without them the graph has no cycle. Lines to the same place join as soon as they have passed their own words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from runner.project.drawing.chart import Line
from runner.project.drawing.items import Item, bend_item, box_item, end_item, start_item, words_item
from runner.project.flow import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.drawing.chart import Chart

Net = tuple[str, ...]
"""What runs together: lines of one net may lie upon one another."""


@dataclass(frozen=True, slots=True)
class Route:
    """A line and the items it goes through, one on each layer; one that goes back has only its words between them."""

    line: Line
    stops: tuple[Item, ...]
    goes_back: bool

    @property
    def trunk(self) -> Net:
        """The net behind its words."""
        return ("to", self.line.target, "errors" if self.line.via == "errors" else "next")

    @property
    def branch(self) -> Net:
        """The net before its words."""
        return ("from", self.line.source, self.line.target, self.line.via)

    def net(self, index: int) -> Net:
        """The net of the stretch that begins at a stop."""
        return self.branch if index == 0 else self.trunk


@dataclass(slots=True)
class Layered:
    """All items by layer, from left to right, and the routes through them."""

    layers: list[list[Item]]
    routes: list[Route] = field(default_factory=list)


def layered(chart: Chart) -> Layered:
    """The layers of a chart, not yet ordered."""
    names = [box.name for box in chart.boxes]
    back = _closing(names, chart.lines)
    ranks = _ranks(names, [line for line in chart.lines if line not in back and line.target not in ENDS])
    boxes = {box.name: box_item(box, 2 + 2 * ranks[box.name]) for box in chart.boxes}
    start = start_item()
    found = Layered([[] for _ in range(2 * max(ranks.values()) + 5)])
    maker = _Maker(found, boxes)
    for item in (start, *boxes.values()):
        found.layers[item.layer].append(item)
    maker.first(start, boxes[names[0]])
    main = _main(chart.lines, back)
    for line in chart.lines:
        maker.add(line, goes_back=line in back, is_main=line in main)
    for box in boxes.values():
        box.make_room(max(len(box.before) + 1, len(box.after)))
    while not found.layers[-1]:
        found.layers.pop()
    return found


class _Maker:
    """Makes the routes, and the items that lines go through."""

    def __init__(self, found: Layered, boxes: dict[str, Item]) -> None:
        self._found = found
        self._boxes = boxes
        self._bends: dict[tuple[Net, int], Item] = {}
        self._ends: dict[tuple[str, str], Item] = {}

    def first(self, start: Item, box: Item) -> None:
        self._route(Line("", box.name, "next"), [start, self._put(bend_item(1)), box], goes_back=False)

    def add(self, line: Line, *, goes_back: bool, is_main: bool) -> None:
        source = self._boxes[line.source]
        words = self._put(words_item(line.words, source.layer + 1))
        words.is_main = is_main
        target = self._end(line, source.layer + 2) if line.target in ENDS else self._boxes[line.target]
        if goes_back:
            _join(source, words)
            self._found.routes.append(Route(line, (source, words, target), goes_back=True))
            return
        trunk = Route(line, (), goes_back=False).trunk
        bends = [self._bend(trunk, layer) for layer in range(source.layer + 2, target.layer)]
        for bend in bends:
            bend.is_main |= is_main
        self._route(line, [source, words, *bends, target], goes_back=False)

    def _route(self, line: Line, stops: list[Item], *, goes_back: bool) -> None:
        for upper, lower in pairwise(stops):
            _join(upper, lower)
        self._found.routes.append(Route(line, tuple(stops), goes_back))

    def _end(self, line: Line, layer: int) -> Item:
        """The end of that name below a box: each box has its own, so that no line has to go far for it."""
        key = (line.source, line.target)
        if key not in self._ends:
            self._ends[key] = self._put(end_item(line.target, layer))
        return self._ends[key]

    def _bend(self, trunk: Net, layer: int) -> Item:
        if (trunk, layer) not in self._bends:
            self._bends[trunk, layer] = self._put(bend_item(layer))
        return self._bends[trunk, layer]

    def _put(self, item: Item) -> Item:
        self._found.layers[item.layer].append(item)
        return item


def _join(upper: Item, lower: Item) -> None:
    if lower not in upper.after:
        upper.after.append(lower)
        lower.before.append(upper)


def _closing(names: list[str], lines: Iterable[Line]) -> set[Line]:
    """The lines that lead back to a box on the way to them, found by walking on from the first box."""
    leading = _by_source(lines)
    closing: set[Line] = set()
    done: set[str] = set()
    for root in names:
        trail = {root: iter(leading[root])} if root not in done else {}
        while trail:
            name, ways = next(reversed(trail.items()))
            line = next(ways, None)
            if line is None:
                trail.pop(name)
                done.add(name)
            elif line.target in trail:
                closing.add(line)
            elif line.target not in done and line.target not in ENDS:
                trail[line.target] = iter(leading[line.target])
    return closing


def _main(lines: Iterable[Line], back: set[Line]) -> set[Line]:
    """The first way on from each box that leads to another."""
    found: dict[str, Line] = {}
    for line in lines:
        if line.via == "next" and line not in back and line.target not in ENDS:
            found.setdefault(line.source, line)
    return set(found.values())


def _ranks(names: list[str], lines: list[Line]) -> dict[str, int]:
    """For each box the length of the longest way to it; the lines hold no cycle."""
    ranks = dict.fromkeys(names, 0)
    leading = _by_source(lines)
    missing = {name: sum(line.target == name for line in lines) for name in names}
    ready = [name for name in names if not missing[name]]
    while ready:
        name = ready.pop()
        for line in leading[name]:
            ranks[line.target] = max(ranks[line.target], ranks[name] + 1)
            missing[line.target] -= 1
            if not missing[line.target]:
                ready.append(line.target)
    return ranks


def _by_source(lines: Iterable[Line]) -> defaultdict[str, list[Line]]:
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.source].append(line)
    return found
