"""A name that stands twice in a list of names is warned of, and nothing else that is there twice."""

from __future__ import annotations

import pytest

from runner.project.checks.twice import check


@pytest.mark.parametrize(
    "data, place",
    [
        ({"tools": ["a", "b/*", "a"]}, ("tools", 2)),
        ({"defaults": {"tags": ["x", "x"]}}, ("defaults", "tags", 1)),
        ({"tools": {"a": {"agents": ["x", "y", "x"]}}}, ("tools", "a", "agents", 2)),
        ({"phases": {"p": {"approval": {"by": ["x", "x"]}}}}, ("phases", "p", "approval", "by", 1)),
        (
            {"phases": {"p": {"parallel": {"q": {"approval": {"by": ["x", "x"]}}}}}},
            ("phases", "p", "parallel", "q", "approval", "by", 1),
        ),
    ],
)
def test_a_name_that_stands_twice_is_told_at_the_second(data: object, place: tuple[str | int, ...]) -> None:
    """It is the second that may have been meant to be another."""
    assert [(one.loc, one.severity) for one in check("a.yaml", data)] == [(place, "warning")]


@pytest.mark.parametrize(
    "data",
    [
        {"tools": ["files/*", "-read", "files/*"]},
        {"tools": {"a": {"command": ["echo", "x", "x"]}}},
        {"phases": {"p": {"with": {"tags": ["x", "x"], "tools": ["y", "y"]}}}},
        {"tools": [{}, {}, None, None]},
        ["x", "x"],
    ],
)
def test_what_may_well_stand_twice_is_passed_over(data: object) -> None:
    """Words of a command, arguments, and selectors between which something is taken away."""
    assert list(check("a.yaml", data)) == []
