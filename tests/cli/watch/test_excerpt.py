"""The beginning of long texts."""

from __future__ import annotations

import pytest

from runner.cli.watch.excerpt import brief, excerpt, quoted
from runner.runs.events import ApprovalAsked


@pytest.mark.parametrize(
    "text,lines",
    [
        ("one\ntwo\n", ["one", "two"]),
        ("1\n2\n3\n4", ["1", "2", "… 2 more lines"]),
        ("12345678901\r", ["1234567890… 3 more characters"]),
        ("a\x1b[2Kb", ["a\\x1b[2Kb"]),
    ],
)
def test_what_is_left_out_is_counted(text: str, lines: list[str]) -> None:
    """Lines and characters; nothing acts on a terminal."""
    assert excerpt(text, 2, 10) == lines


def asked(show: str) -> ApprovalAsked:
    """A question about this."""
    return ApprovalAsked(run="x", path="a/1", approval="x-1", reason="phase", ask="?", show=show, deadline=9, shown="")


def test_a_question_about_much_says_where_the_rest_is() -> None:
    """A short one is whole; nothing that is quoted can pass for words of ours."""
    assert brief(asked("rm -rf x\nrunner approve y")) == ["│ rm -rf x", "│ runner approve y"]
    assert brief(asked("")) == []
    long = asked("\n".join("123456789"))
    assert brief(long)[-2:] == ["│ … 1 more line", "all of it: runner runs show x"]
    assert quoted(long)[-1] == "│ 9"
