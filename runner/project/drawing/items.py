"""What takes room in a picture: boxes with their texts broken into lines, ends, the words on lines, and bends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.project.drawing.text import columns, cut, visible, wrapped

if TYPE_CHECKING:
    from runner.project.drawing.chart import Box

TITLE = 8.0
"""Width of a column of a title, 13 pixels high and bold."""
TEXT = 6.7
"""Width of a column of any other text, 11 pixels high."""
TITLE_LINE = 18.0
TEXT_LINE = 15.0
PADDING = 10.0
NARROWEST = 96.0
ROW = 660.0
"""Branches that are wider together stand in several rows."""
GAP = 12.0
_COLUMNS = 34
_LINES = 3
_ROUND = {"agent": 14.0, "tool": 3.0, "workflow": 3.0, "approval": 12.0, "wait": 20.0, "parallel": 6.0, "end": 13.0}
"""How far the corners of each kind are cut or rounded: there no line begins or ends."""


@dataclass(eq=False, slots=True)
class Item:
    """Something of a size on a layer; x is its middle, y its upper rim."""

    layer: int
    width: float
    height: float
    kind: str = "bend"
    """A kind of box, or end, start, words, bend."""
    name: str = ""
    lines: tuple[str, ...] = ()
    """The texts in it: of a box those below its title."""
    title: str = ""
    box: Box | None = None
    is_main: bool = False
    """Whether it lies on the way that is gone when all is well."""
    parts: tuple[Item, ...] = ()
    """The branches, placed from the item's upper left corner."""
    x: float = 0.0
    y: float = 0.0
    before: list[Item] = field(default_factory=list)
    """The items of the layer above that a line comes from."""
    after: list[Item] = field(default_factory=list)

    @property
    def round(self) -> float:
        """How far its corners are cut off."""
        return _ROUND.get(self.kind, 0.0)

    @property
    def reach(self) -> float:
        """How far from its middle a line may begin or end."""
        return max(0.0, self.width / 2 - self.round - 4) if self.kind in _ROUND else 0.0

    def make_room(self, lines: int) -> None:
        """Be so wide that so many lines can begin or end at a rim."""
        wider = max(0.0, 2 * (self.round + 4) + 14 * (lines - 1) - self.width)
        self.width += wider
        for part in self.parts:
            part.x += wider / 2

    @property
    def left(self) -> float:
        """Its left rim."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Its right rim."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Its lower rim."""
        return self.y + self.height


def box_item(box: Box, layer: int) -> Item:
    """A phase, with room for its texts and branches."""
    title = cut(visible(box.name), _COLUMNS)
    lines = tuple(line for text in (*box.each, *box.words) for line in wrapped(visible(text), _COLUMNS, _LINES))
    width = max(NARROWEST, columns(title) * TITLE, *(columns(line) * TEXT for line in lines))
    width += 2 * max(PADDING + 4, _ROUND[box.kind])
    height = PADDING + TITLE_LINE + len(lines) * TEXT_LINE + PADDING - 3
    item = Item(layer, width, height, box.kind, box.name, lines, title, box)
    return _with_parts(item, box) if box.branches else item


def _with_parts(item: Item, box: Box) -> Item:
    """A block: its texts, and below them its branches in rows."""
    parts = [box_item(branch, 0) for branch in box.branches]
    rows = _rows(parts)
    item.width = max(item.width, max(_breadth(row) for row in rows) + 2 * GAP)
    y = item.height
    for row in rows:
        x, height = (item.width - _breadth(row)) / 2, max(part.height for part in row)
        for part in row:
            part.x, part.y = x + part.width / 2, y + (height - part.height) / 2
            x += part.width + GAP
        y += height + GAP
    item.height, item.parts = y, tuple(parts)
    return item


def _rows(parts: list[Item]) -> list[list[Item]]:
    """Rows of about the same number of branches."""
    count = 1
    while True:
        length = -(-len(parts) // count)
        rows = [parts[start : start + length] for start in range(0, len(parts), length)]
        if length == 1 or all(_breadth(row) <= ROW for row in rows):
            return rows
        count += 1


def _breadth(row: list[Item]) -> float:
    return sum(part.width for part in row) + GAP * (len(row) - 1)


def end_item(name: str, layer: int) -> Item:
    """One of pass, fail and error, at the end of a line."""
    return Item(layer, columns(name) * TEXT + 30, 26.0, "end", name, (), name)


def start_item() -> Item:
    """Where a run begins."""
    return Item(0, 14.0, 14.0, "start")


def words_item(words: tuple[str, ...], layer: int) -> Item:
    """The words on a line, or a bend of a line without any."""
    lines = tuple(line for text in words for line in wrapped(visible(text), _COLUMNS, _LINES))
    if not lines:
        return bend_item(layer)
    width = max(columns(line) for line in lines) * TEXT + 8
    return Item(layer, width, len(lines) * TEXT_LINE + 4, "words", "", lines)


def bend_item(layer: int) -> Item:
    """A place that a line goes through."""
    return Item(layer, 4.0, 0.0)
