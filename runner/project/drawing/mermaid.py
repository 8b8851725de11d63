"""A chart as a flowchart in the text format Mermaid, which many hosts of git show as a picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.project.drawing.text import visible
from runner.project.flow import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.drawing.chart import Box, Chart, Line

_SHAPES = {
    "agent": ("(", ")"),
    "tool": ("[", "]"),
    "workflow": ("[[", "]]"),
    "approval": ("{{", "}}"),
    "wait": ("([", "])"),
}
_SIGNS = re.compile(r"""[^\w .,:=+'/?!()\[\]{}…↻-]|\d+\.(?= )""")
"""All that the format, its HTML labels or its Markdown could act on; a figure with a point would begin a list."""


def mermaid(chart: Chart) -> str:
    """The text of a chart, with a line end at its end."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    yield "flowchart TD"
    yield "  start(( )) --> " + _id(chart.boxes[0].name)
    for box in chart.boxes:
        yield from _box(box, _id(box.name))
    used = dict.fromkeys(line.target for line in chart.lines if line.target in ENDS)
    for end in used:
        yield f'  {_id(end)}((("{end}")))'
    for line in chart.lines:
        yield f"  {_id(line.source)} {_arrow(line)} {_id(line.target)}"
    if chart.last is not None:
        yield from _box(chart.last, _id("finally"))
        for end in used:
            yield f"  {_id(end)} -.- {_id('finally')}"
    yield from _styles(chart, list(used))


def _box(box: Box, identifier: str) -> Iterator[str]:
    if box.branches:
        title = " · ".join((f"<b>{_escaped(box.name)}</b>", *map(_escaped, box.words)))  # it may have one line only
        yield f'  subgraph {identifier}["{title}"]'
        yield "    direction LR"
        for branch in box.branches:
            yield from (f"  {row}" for row in _box(branch, f"{identifier}.{branch.name}"))
        yield "  end"
        return
    opening, closing = _SHAPES[box.kind]
    yield f'  {identifier}{opening}"{_label(box)}"{closing}'


def _label(box: Box) -> str:
    return "<br/>".join((f"<b>{_escaped(box.name)}</b>", *map(_escaped, (*box.each, *box.words))))


def _arrow(line: Line) -> str:
    arrow = "-.->" if line.via == "errors" else "-->"
    words = "<br/>".join(filter(None, map(_escaped, line.words)))
    return f'{arrow}|"{words}"|' if words else arrow


def _styles(chart: Chart, ends: list[str]) -> Iterator[str]:
    """A phase for each item is marked by its rim, good and bad ends by their colour."""
    yield "  classDef each stroke-width:3px,stroke-dasharray:8 3"
    yield "  classDef good stroke:#1a7f37,stroke-width:2px"
    yield "  classDef bad stroke:#cf222e,stroke-width:2px"
    for box in (*chart.boxes, *([chart.last] if chart.last else ())):
        if box.each:
            yield f"  class {_id(box.name)} each"
    for end in ends:
        yield f"  class {_id(end)} {'good' if end == 'pass' else 'bad'}"


def _id(name: str) -> str:
    """An identifier that is no word of the format (`end`), whatever the phase is called."""
    return f"{'end' if name in ENDS else 'phase'}_{name}"


def _escaped(text: str) -> str:
    shown = visible(text).replace("$$", "$ $")  # two of them begin a formula, however they are written
    return _SIGNS.sub(lambda found: "".join(map(_code, found[0])), shown)


def _code(sign: str) -> str:
    return sign if sign.isdigit() else f"#{ord(sign)};"
