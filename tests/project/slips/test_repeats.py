"""Keys that stand in a mapping a second time."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse

ANEW = [
    ("a:\n  b:\n    x: 1\n    y: 1\n    x: 2\n    y: 2\n", 5, "x and y begin", "as far to the left as `b:`"),
    ("a:\n  b:\n    x: 1\n    y: 1\n    x: 2\n    z: 2\n    y: 2\n", 5, "x and y begin", "as far to the left as `b:`"),
    ("a:\n  - x: 1\n    y: 1\n    y: 2\n    x: 2\n", 4, "y and x begin", "begin this line with `- `"),
    ("x: 1\ny: 1\nx: 2\ny: 2\n", 3, "x and y begin", "each is a file of its own"),
    ("a:\n  x: 1\n  y: 1\n  x: 2\n  y: 2\n", 4, "x and y begin", "below `a:` each stands once"),
    ("a:\n  b:\n    x: 1\n    y: 1\n    c:\n    x: 2\n    y: 2\n", 6, "x and y begin", "`c:` above it has nothing"),
]


@pytest.mark.parametrize("text, line, what, hint", ANEW)
def test_keys_that_begin_anew_are_told_once_with_the_line_that_is_gone(
    text: str, line: int, what: str, hint: str
) -> None:
    """At the first of them, whatever order they have the second time."""
    [fault] = parse("a.yaml", text.encode()).faults
    assert fault.code == "duplicate-key"
    assert fault.line == line
    assert fault.what.startswith(what)
    assert hint in fault.hint


def test_each_missing_line_is_told() -> None:
    """Two of them are two places."""
    faults = parse("a.yaml", ("a:\n  b:\n" + "    x: 1\n    y: 1\n" * 3).encode()).faults
    assert [(fault.line, fault.what) for fault in faults] == [(5, "x and y begin anew here"), (7, faults[0].what)]


@pytest.mark.parametrize(
    "text, lines",
    [
        ("a: 1\nb: 1\na: 2\n", [3]),
        ("a: 1\nb: 1\nc: 1\nb: 2\nd: 2\na: 2\n", [4, 6]),
        ("a: 1\na: 2\nb: 1\nb: 2\n", [2, 4]),
        ("x: {a: 1, b: 1, a: 2, b: 2}\n", [1, 1]),
    ],
)
def test_keys_that_stand_twice_one_by_one_are_told_one_by_one(text: str, lines: list[int]) -> None:
    """A single one, some apart, and those in braces."""
    faults = parse("a.yaml", text.encode()).faults
    assert [fault.line for fault in faults] == lines
    assert all(" stands here a second time; first in line " in fault.what for fault in faults)
