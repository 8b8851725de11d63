"""Tool calls and outputs in a few words."""

from __future__ import annotations

import pytest

from runner.cli.watch.calls import summary


@pytest.mark.parametrize(
    "output,text",
    [
        (
            {"passed": 8, "failed": 1, "failures": [{}], "text": "long", "exit": 1, "truncated": 0},
            "passed=8  failed=1  failures=[1]",
        ),
        ({"text": "only\nthis", "exit": 0}, "only this"),
        ({"text": "head and tail", "exit": 0, "truncated": 9, "blob": "ab12"}, "head and tail"),
        ("plain", "plain"),
        (None, ""),
    ],
)
def test_an_output_is_told_by_its_figures(output: object, text: str) -> None:
    """Else by the beginning of its text."""
    assert summary(output) == text
