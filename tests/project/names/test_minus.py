"""Names with a `-`, where it is a minus."""

from __future__ import annotations

import pytest

from runner.project.names.minus import meant
from runner.project.names.scopes import Scope
from runner.project.names.shapes import TEXT, closed
from runner.project.names.texts import Text
from runner.prompts import expression

SCOPE = Scope({"inputs": closed({"dry_run": TEXT, "a_b_c": TEXT, "x": TEXT}), "run": closed({"id": TEXT})})


def told(source: str) -> list[tuple[str, str]]:
    """What is said of an expression, with its hint."""
    text = Text(("when",), source, is_expression=True)
    faults = SCOPE.faults(expression(source).paths, is_bare=True)
    return [(fault.what, fault.hint) for _, fault in meant(faults, text, SCOPE)]


@pytest.mark.parametrize(
    "source, name, written",
    [
        ("inputs.dry-run", "inputs.dry-run", "write inputs.dry_run"),
        ("not inputs.dry-run and inputs.x", "inputs.dry-run", "write inputs.dry_run"),
        ("inputs.a-b-c == 'd'", "inputs.a-b-c", "write inputs.a_b_c"),
        ("dry-run", "dry-run", "write `inputs.dry_run`"),
    ],
)
def test_a_name_that_is_there_with_an_underscore_is_one_fault(source: str, name: str, written: str) -> None:
    """Its parts are not told of one by one."""
    assert told(source) == [(f"`-` is minus here: `{name}` is no name", written)]


def test_a_name_that_is_not_there_with_an_underscore_is_told_by_its_parts() -> None:
    """What else it may be is not known."""
    assert [what for what, _ in told("inputs.top-level")] == ["`inputs` has no `top`", "`level` is not known here"]


@pytest.mark.parametrize("source", ["inputs.x-1", "inputs.x - inputs.dry_run", "'inputs.dry-run' in inputs.x"])
def test_a_minus_that_is_meant_is_left_alone(source: str) -> None:
    """What can be read needs no mending."""
    assert told(source) == []
