"""Scripted replies that keep others from being given."""

from __future__ import annotations

from typing import Any

import pytest

from runner.models.scripted import ReplySpec
from runner.project.checks.covered_replies import check

CALLS = [{"tool": "look"}]


def told(*entries: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """Places and texts of what is said of these replies; an entry's line is its number."""
    specs = [ReplySpec.model_validate({"text": "x", **entry}) for entry in entries]
    return [(finding.loc, finding.what) for finding in check("replies.yaml", specs, lambda index: index + 1)]


@pytest.mark.parametrize(
    "upper, lower",
    [
        ({}, {"when": {"agent": "a"}}),
        ({"when": {"agent": "a"}}, {"when": {"agent": "a", "turn": 2}}),
        ({"when": {"agent": "a"}}, {"when": {"agent": "a"}, "calls": CALLS}),
        ({"when": {"agent": "a"}, "calls": CALLS}, {"when": {"agent": "a", "turn": 1, "phase": "b"}}),
        ({"when": {"contains": "disk"}}, {"when": {"contains": "disk full", "visit": 1}}),
        ({"when": {"agent": "a"}}, {"when": {"agent": "a"}}),
    ],
)
def test_a_wider_reply_above_a_narrower_one_is_told(upper: dict[str, Any], lower: dict[str, Any]) -> None:
    """The first that fits answers, so the one below is never given."""
    assert told(upper, lower) == [((0,), "this entry answers all that the one in line 2 is for")]


@pytest.mark.parametrize(
    "upper, lower",
    [
        ({"when": {"agent": "a", "turn": 2}}, {"when": {"agent": "a"}}),
        ({"when": {"agent": "a"}, "calls": CALLS}, {"when": {"agent": "a"}}),
        ({"when": {"agent": "a"}, "calls": CALLS}, {"when": {"agent": "a", "turn": 2}}),
        ({"when": {"agent": "a"}}, {"when": {"agent": "b", "turn": 1}}),
        ({"when": {"contains": "disk full"}}, {"when": {"contains": "disk"}}),
        ({"when": {"agent": "a", "contains": "x"}}, {"when": {"agent": "a", "turn": 2}}),
        ({"when": {"agent": "a"}}, {"when": {"phase": "b"}}),
    ],
)
def test_a_reply_that_leaves_something_to_those_below_is_not_told(upper: dict[str, Any], lower: dict[str, Any]) -> None:
    """What is narrower, or asks for something else, may stand above."""
    assert told(upper, lower) == []


def test_each_reply_is_told_once_at_the_first_that_covers_it() -> None:
    """Of two that cover the same one, only the upper is told of; long lists of lines are cut."""
    many = [{"when": {"agent": "a", "turn": turn}} for turn in range(1, 8)]
    found = told({"when": {"agent": "a"}}, {"when": {"agent": "a", "phase": "b"}}, *many)
    assert found == [((0,), "this entry answers all that the 8 below are for (lines 2, 3, 4, 5, 6, …)")]
