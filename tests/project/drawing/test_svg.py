"""A workflow as a picture: well-formed, nothing on top of anything else, and every line from its box to its box."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from random import Random
from typing import Any

from runner.project.drawing.chart import Box, Chart, Line, chart_of
from runner.project.drawing.items import Item
from runner.project.drawing.picture import Drawn, Picture, picture_of
from runner.project.drawing.svg import svg
from tests.project.drawing.charts import chart_by_chance

NAMES = {"s": "http://www.w3.org/2000/svg"}
NEAR = 0.2
"""Places are rounded to tenths."""
BUILD = """
execute: {agent: coder, message: m}
verify:
  parallel: {tests: {tool: run_tests}, read: {agent: reader, message: m}}
  next: [{when: phases.verify.ok, to: pass}, {to: repair, max: 2}]
repair: {agent: coder, message: m, next: verify, errors: [{match: any, to: error}]}
"""


def parsed(chart: Chart) -> ET.Element:
    """The picture, read as XML."""
    return ET.fromstring(svg(chart))  # noqa: S314 - it was made a moment ago


def test_phases_branches_ends_and_lines_are_marked_for_a_page(project_of: Callable[..., Any]) -> None:
    """Their attributes are what a live view colours them by."""
    root = parsed(chart_of(project_of(BUILD).workflows["build"]))
    groups = [
        {key: value for key, value in one.attrib.items() if key != "class"} for one in root.iterfind(".//s:g", NAMES)
    ]
    assert [group for group in groups if "data-phase" in group] == [
        {"data-phase": "execute"},
        {"data-phase": "verify"},
        {"data-phase": "verify", "data-branch": "tests"},
        {"data-phase": "verify", "data-branch": "read"},
        {"data-phase": "repair"},
    ]
    assert sorted(group["data-end"] for group in groups if "data-end" in group) == ["error", "fail", "pass"]
    assert {"data-from": "repair", "data-to": "verify", "data-via": "next"} in groups
    assert {"data-from": "verify", "data-to": "fail", "data-via": "exhausted"} in groups


def test_it_can_be_heard_and_seen_in_light_and_dark(project_of: Callable[..., Any]) -> None:
    """Titles for readers, styles for both schemes, and nothing from elsewhere."""
    chart = chart_of(project_of(BUILD).workflows["build"])
    root = parsed(chart)
    titles = [one.text for one in root.iterfind(".//s:title", NAMES)]
    assert titles[0] == "Workflow build"
    assert "verify: all of these" in titles
    assert "verify to repair: else, max 2" in titles
    assert root.attrib["role"] == "img"
    assert "prefers-color-scheme:dark" in svg(chart)
    assert svg(chart).count("http") == 1
    assert "@import" not in svg(chart)


def test_long_texts_are_cut_and_told_whole() -> None:
    """In the box as much as fits, in its title all."""
    name, words = "n" * 80, "when " + "x " * 200
    root = parsed(Chart("x", "", (Box(name, "tool", ("tool t", words.strip())),), (Line(name, "pass", "next"),)))
    shown = [one.text or "" for one in root.iterfind(".//s:text", NAMES)]
    assert max(map(len, shown)) <= 34
    assert f"{'n' * 33}…" in shown
    assert f"{name}: tool t; {words.strip()}" in [one.text for one in root.iterfind(".//s:title", NAMES)]


def test_what_xml_cannot_hold_is_written_out() -> None:
    """Controls, halves of signs, changes of direction."""
    chart = Chart("x", "\x00\ud800", (Box("a", "tool", ("\x1b[31m \u202e</text>",)),), (Line("a", "pass", "next"),))
    assert "\\x1b[31m \\u202e</text>" in [one.text for one in parsed(chart).iterfind(".//s:text", NAMES)]
    assert parsed(chart).findtext("s:desc", "", NAMES) == "\\x00\\ud800"


def test_a_straight_way_is_drawn_straight() -> None:
    """Boxes of one column stand below one another."""
    names = ["a", "a_longer_name", "b"]
    lines = tuple(Line(one, other, "next") for one, other in pairwise([*names, "pass"]))
    picture = picture_of(Chart("x", "", tuple(Box(name, "tool", ("tool t",)) for name in names), lines))
    assert len({item.x for item in picture.items}) == 1
    assert all(len({x for stroke in line.strokes for x, _ in stroke}) == 1 for line in picture.lines)


def test_every_picture_is_whole(seed: int, rounds: Callable[[int], int]) -> None:
    """Of whatever chart: XML, no two things in one place, no line through a box, each line from rim to rim."""
    random = Random(seed)
    for _ in range(rounds(600)):
        chart = chart_by_chance(random)
        parsed(chart)
        picture = picture_of(chart)
        assert list(faults(picture)) == []
        boxes = [item.name for item in picture.items if item.box]
        assert sorted(boxes) == sorted(box.name for box in chart.boxes)
        assert len(picture.lines) == len(chart.lines) + 1


def faults(picture: Picture) -> Iterator[str]:
    """All that is wrong with a picture."""
    yield from places(picture)
    for line in picture.lines:
        yield from ends(line, picture)
        for start, end in (pair for stroke in line.strokes for pair in pairwise(stroke)):
            if start[0] != end[0] and start[1] != end[1]:
                yield f"{line} is slanted"
            yield from (f"{line.line} runs through {item}" for item in picture.items if through(start, end, item))


def places(picture: Picture) -> Iterator[str]:
    """What stands on another thing, sticks out of its block, or is outside of the picture."""
    parts = [(item, part) for item in picture.items for part in item.parts]
    for group in (picture.items, *(item.parts for item in picture.items)):
        yield from (f"{one} on {other}" for one, other in combinations(group, 2) if overlap(one, other))
    for item, part in parts:
        if part.left < item.left or part.right > item.right or part.bottom > item.bottom:
            yield f"{part} sticks out of {item}"
    for thing in [*picture.items, *([picture.last] if picture.last else [])]:
        if thing.left < -NEAR or thing.right > picture.width + NEAR or thing.bottom > picture.height + NEAR:
            yield f"{thing} is outside"


def overlap(one: Item, other: Item) -> bool:
    """Whether two things share a place."""
    return (
        one.left < other.right - NEAR
        and other.left < one.right - NEAR
        and one.y < other.bottom
        and other.y < one.bottom
    )


def ends(drawn: Drawn, picture: Picture) -> Iterator[str]:
    """What is wrong with the two ends of a line: each must be on the flat part of a rim of its thing."""
    (x, y), (to_x, to_y) = drawn.strokes[0][0], drawn.strokes[-1][-1]
    sources = [item for item in picture.items if (item.box and item.name == drawn.line.source) or item.kind == "start"]
    if not any(
        abs(y - item.bottom) < NEAR and item.left + item.round <= x <= item.right - item.round for item in sources
    ):
        yield f"{drawn.line} does not begin at its box"
    targets = [item for item in picture.items if item.name == drawn.line.target]
    if not any(
        abs(to_y - item.y) < NEAR and item.left + item.round <= to_x <= item.right - item.round for item in targets
    ):
        yield f"{drawn.line} does not end at its box"


def through(start: tuple[float, float], end: tuple[float, float], item: Item) -> bool:
    """Whether a stretch of a line runs through a thing, not only along its rim."""
    (low_x, high_x), (low_y, high_y) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return low_x < item.right - 1 and high_x > item.left + 1 and low_y < item.bottom - 1 and high_y > item.y + 1
