"""Steps that hold others stand only as phases."""

from __future__ import annotations

import pytest

from runner.project.findings import Loc
from runner.project.meant.nested import told

BRANCH = ("phases", "look", "parallel", "more")


@pytest.mark.parametrize(
    "loc, keys, what",
    [
        (BRANCH, ["parallel"], "branches hold one step: a parallel stands in none"),
        (BRANCH, ["foreach", "agent"], "branches hold one step: a foreach stands in none"),
        (("finally",), ["parallel"], "`finally` holds one step: no parallel"),
        (("finally",), ["foreach", "tool"], "`finally` holds one step: no foreach"),
        (("phases", "look"), ["foreach", "parallel"], "each item is one step: a parallel stands in none"),
    ],
)
def test_a_step_inside_of_a_step_is_told(loc: Loc, keys: list[str], what: str) -> None:
    """With the workflow that may hold it."""
    found = told(loc, keys)
    assert found is not None
    assert found[0] == what
    assert "workflow: NAME" in found[1]


@pytest.mark.parametrize(
    "loc, keys",
    [
        (BRANCH, ["agent"]),
        (("phases", "look"), ["parallel", "join"]),
        (("phases", "look"), ["foreach", "agent"]),
        (("phases", "look", "foreach"), ["parallel"]),
        (("tools", "x", "parallel", "y"), ["parallel"]),
        ((), ["parallel", "foreach"]),
    ],
)
def test_what_may_stand_there_is_not_told(loc: Loc, keys: list[str]) -> None:
    """Nor a key of that name in other places."""
    assert told(loc, keys) is None
