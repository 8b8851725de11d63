"""The beginning of long texts."""

from __future__ import annotations

import re

import pytest

from runner.cli.watch.excerpt import brief, excerpt, quoted, wrapped
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
    assert brief(long)[3:6] == ["│ 4", "… 1 line …", "│ 6"]
    assert brief(long)[-2:] == ["│ 9", "cut in the middle; all of it: runner approve --show x-1"]
    assert quoted(long)[-1] == "│ 9"


def test_the_end_of_a_long_command_is_never_hidden() -> None:
    """What is left out is in the middle, and counted."""
    line, where = brief(asked(f"echo {'a' * 5000}; rm -rf /srv"))
    assert line.startswith("│ echo aaa")
    assert re.search(r"aaa… 4,\d{3} characters …aaa", line)
    assert line.endswith("aaa; rm -rf /srv")
    assert where == "cut in the middle; all of it: runner approve --show x-1"


def test_a_line_that_is_too_wide_goes_on_behind_another_sign() -> None:
    """So that its parts cannot be taken for lines; put together they are the line."""
    assert wrapped("abcdefg", 3) == ["│ abc", "┊ def", "┊ g"]
    assert wrapped("", 3) == ["│ "]
    long = "".join(chr(33 + number % 90) for number in range(1000))
    assert "".join(piece[2:] for piece in wrapped(long, 7)) == long


def test_lines_are_broken_by_columns_as_a_terminal_would() -> None:
    """Wide signs take two and accents none: else the terminal itself broke the line, and its rest stood unmarked."""
    assert wrapped("\u6f22" * 5, 4) == ["│ \u6f22\u6f22", "┊ \u6f22\u6f22", "┊ \u6f22"]
    assert wrapped("a\u6f22bc", 2) == ["│ a", "┊ \u6f22", "┊ bc"]
    assert wrapped("e\u0301e\u0301e\u0301", 2) == ["│ e\u0301e\u0301", "┊ e\u0301"]
    assert wrapped("\U0001f600" * 3, 5) == ["│ \U0001f600\U0001f600", "┊ \U0001f600"]


def test_tabs_are_written_out() -> None:
    """How far one goes is the terminal's to say."""
    assert quoted(asked("a\tb\n\tc")) == ["│ a\\tb", "│ \\tc"]
