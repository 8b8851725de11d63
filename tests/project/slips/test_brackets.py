"""Braces and brackets that are closed too early, or twice."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse

EARLY = [
    ("- {to: a}, max: 2", 9, "write `- {to: a, max: 2}`"),
    ("with: {a: b}, c: d}", 12, "write `with: {a: b, c: d}`"),
    ("with: {a: b}, c: d", 12, "write `with: {a: b, c: d}`; or begin a line of its own with `c: d`"),
    ("with: {}, c: d}", 8, "write `with: {c: d}`"),
    ('- {a: "x}"}, b: c # d}', 11, 'write `- {a: "x}", b: c}`'),
    ("tools: [a, b], c", 13, "write `tools: [a, b, c]`"),
    ("tools: [a, b], c]", 13, "write `tools: [a, b, c]`"),
    ("next: [{to: a}, max: 2}, {to: b}]", 14, "write `{to: a, max: 2}`"),
    ("a: {b: {c: d}, e: f}}", 13, "write `{c: d, e: f}`; or remove the last }"),
]
OTHERS = [
    ("errors: {a: b}, {c: d}", 14, "write `errors: [{a: b}, {c: d}]`"),
    ("- {a: b}, {c: d}", 8, "begin a line of its own, with `- `, for each"),
    ("command: [a], timeout: 3s", 15, "begin a line of its own with `timeout: 3s`"),
    ("next: [{to: a}, to: b}]", 17, "write `{to: b}`"),
    ("a: {b: {c: d}}}", 15, "remove it, or write before it the { that it closes"),
    ("a: [b, c]]", 10, "remove it, or write before it the [ that it closes"),
]


@pytest.mark.parametrize("row, column, hint", EARLY)
def test_what_stands_behind_a_closed_bracket_is_written_into_it(row: str, column: int, hint: str) -> None:
    """The whole row as it is meant, whether or not a second sign closes it."""
    [fault] = parse("a.yaml", f"{row}\n".encode()).faults
    assert fault.what.endswith(" is closed too early")
    assert (fault.column, fault.hint) == (column, hint)


@pytest.mark.parametrize("row, column, hint", OTHERS)
def test_what_belongs_to_nothing_in_the_brackets_is_told_its_own_place(row: str, column: int, hint: str) -> None:
    """Several entries, a second key, and a sign too many."""
    [fault] = parse("a.yaml", f"{row}\n".encode()).faults
    assert (fault.column, fault.hint) == (column, hint)


@pytest.mark.parametrize(
    "row",
    [
        "- {to: a},",
        "with: {a: b}, c",
        "a: [b, c}",
        "a: [b}]",
        "a: {b: [c],] d: e}",
        "a: {b: c} d",
        "x: {a: [b, c: {d: e}, f: g}",
    ],
)
def test_what_can_be_meant_in_other_ways_is_not_guessed(row: str) -> None:
    """A comma at the end, a word without its value, signs that do not match."""
    [fault] = parse("a.yaml", f"{row}\n".encode()).faults
    assert "too early" not in fault.what
    assert "closes nothing" not in fault.what
