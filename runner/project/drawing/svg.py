"""A chart as an SVG picture: for eyes in light and dark, for screen readers, and for a page that shows a run in it.

Every phase is a group with `data-phase` (a branch also `data-branch`), every end one with `data-end`, every line one
with `data-from`, `data-to` and `data-via`. All texts are escaped; nothing is fetched and no script is in it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from runner.project.drawing.items import PADDING, TEXT_LINE, TITLE_LINE
from runner.project.drawing.picture import MARGIN, picture_of
from runner.project.drawing.style import STYLE
from runner.project.drawing.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.drawing.chart import Box, Chart
    from runner.project.drawing.items import Item
    from runner.project.drawing.picture import Drawn, Picture, Point, Stroke

_RADIUS = 7.0
_ARROW = 7.0


def svg(chart: Chart) -> str:
    """The picture of a chart, with a line end at its end."""
    return "\n".join(_lines(chart, picture_of(chart))) + "\n"


def _lines(chart: Chart, picture: Picture) -> Iterator[str]:
    width, height = picture.width + 2 * MARGIN, picture.height + 2 * MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="workflow-graph" role="img" width="{width:.0f}"'
        f' height="{height:.0f}" viewBox="{-MARGIN:.0f} {-MARGIN:.0f} {width:.0f} {height:.0f}">'
    )
    yield f"<title>{_text(f'Workflow {chart.name}')}</title>"
    yield f"<desc>{_text(chart.description)}</desc>"
    yield f"<style>{STYLE}</style>"
    for drawn in picture.lines:
        yield from _line(drawn)
    for item in picture.items:
        yield from _item(item)
    if picture.last is not None:
        yield from _box(picture.last, 'class="phase finally" data-phase="finally"')
    yield "</svg>"


def _item(item: Item) -> Iterator[str]:
    if item.kind == "start":
        yield f'<circle class="start" cx="{item.x:.1f}" cy="{item.y + item.height / 2:.1f}" r="{item.width / 2:.1f}"/>'
    elif item.kind == "words":
        yield from _texts(item.lines, item.x, item.y + 12, "label")
    elif item.kind == "end":
        yield f'<g class="end {item.name}" data-end="{item.name}">{_rim(item, 13)}'
        yield f'<text x="{item.x:.1f}" y="{item.y + 17:.1f}">{item.name}</text></g>'
    else:
        yield from _box(item, f'class="phase {item.kind}" data-phase="{_text(item.name)}"')


# ---------------------------------------------------------------------------------------------------------- boxes


def _box(item: Item, about: str) -> Iterator[str]:
    """A box with its texts; the whole of what was cut off is in its title."""
    assert item.box is not None  # noqa: S101 - only boxes come here
    yield f"<g {about}><title>{_text(_whole(item.box))}</title>{_shape(item)}"
    yield from _texts((item.title,), item.x, item.y + PADDING + 11, "name")
    yield from _texts(item.lines, item.x, item.y + PADDING + TITLE_LINE + 9, "")
    for part in item.parts:
        names = f'data-phase="{_text(item.name)}" data-branch="{_text(part.name)}"'
        yield from _box(part, f'class="branch {part.kind}" {names}')
    yield "</g>"


def _whole(box: Box) -> str:
    return f"{box.name}: {'; '.join((*box.each, *box.words))}"


def _shape(item: Item) -> str:
    shape = _cut_corners(item) if item.kind == "approval" else _rim(item, min(item.round, item.height / 2))
    if item.kind == "workflow":
        bars = "".join(f"M{x:.1f} {item.y:.1f}v{item.height:.1f}" for x in (item.left + 7, item.right - 7))
        shape += f'<path class="mark" d="{bars}"/>'
    if item.box is not None and item.box.each:
        shape += _rim(item, max(0, item.round - 4), 4, 'class="mark"')
    return shape


def _rim(item: Item, radius: float, inset: float = 0.0, about: str = 'class="rim"') -> str:
    x, y, width, height = item.left + inset, item.y + inset, item.width - 2 * inset, item.height - 2 * inset
    return f'<rect {about} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"/>'


def _cut_corners(item: Item) -> str:
    left, right, top, bottom, cut = item.left, item.right, item.y, item.bottom, item.round
    middle = (top + bottom) / 2
    return (
        f'<path class="rim" d="M{left + cut:.1f} {top:.1f}H{right - cut:.1f}L{right:.1f} {middle:.1f}'
        f'L{right - cut:.1f} {bottom:.1f}H{left + cut:.1f}L{left:.1f} {middle:.1f}Z"/>'
    )


def _texts(lines: tuple[str, ...], x: float, y: float, kind: str) -> Iterator[str]:
    about = f' class="{kind}"' if kind else ""
    for index, line in enumerate(lines):
        yield f'<text{about} x="{x:.1f}" y="{y + index * TEXT_LINE:.1f}">{_text(line)}</text>'


def _text(text: str) -> str:
    return escape(visible(text))


# ---------------------------------------------------------------------------------------------------------- lines


def _line(drawn: Drawn) -> Iterator[str]:
    line = drawn.line
    words = f"{line.source or 'start'} to {line.target}{': ' if line.words else ''}{', '.join(line.words)}"
    yield (
        f'<g class="line {line.via}" data-from="{_text(line.source)}" data-to="{_text(line.target)}"'
        f' data-via="{line.via}"><title>{_text(words)}</title>'
    )
    # Each stroke is drawn from its end: the dashes of lines that join then lie upon one another.
    yield f'<path d="{"".join(_path(stroke[::-1]) for stroke in drawn.strokes)}"/>{_arrow(drawn.strokes[-1][-1])}</g>'


def _arrow(tip: Point) -> str:
    x, y = tip
    return f'<path class="arrow" d="M{x:.1f} {y:.1f}l-4 -{_ARROW:.0f}h8z"/>'


def _path(stroke: Stroke) -> str:
    """Straight stretches with round corners between them."""
    points = _without_idle(stroke)
    found = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _distance(before, corner) / 2, _distance(corner, after) / 2)
        one, other = _towards(corner, before, radius), _towards(corner, after, radius)
        found += f"L{one[0]:.1f} {one[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {other[0]:.1f} {other[1]:.1f}"
    return f"{found}L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _without_idle(stroke: Stroke) -> list[Point]:
    """The points at which it really turns."""
    points = [stroke[0]]
    for point in stroke[1:]:
        if _distance(points[-1], point) < 0.5:  # noqa: PLR2004 - less than anybody sees
            continue
        if len(points) > 1 and (
            points[-2][0] == points[-1][0] == point[0] or points[-2][1] == points[-1][1] == point[1]
        ):
            points.pop()
        points.append(point)
    return points


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(corner: Point, other: Point, length: float) -> Point:
    whole = _distance(corner, other) or 1.0
    return corner[0] + (other[0] - corner[0]) * length / whole, corner[1] + (other[1] - corner[1]) * length / whole
