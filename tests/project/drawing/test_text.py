"""Texts in pictures: widths in columns, lines, and what is cut off."""

from __future__ import annotations

import pytest

from runner.project.drawing.text import columns, cut, visible, wrapped


@pytest.mark.parametrize("text, width", [("abc", 3), ("日本", 4), ("e\u0301", 1), ("…", 1), ("", 0)])
def test_columns_are_counted(text: str, width: int) -> None:
    """Signs of East Asia are two wide, accents none."""
    assert columns(text) == width


def test_hidden_signs_are_written_out() -> None:
    """On one line."""
    assert visible("a\n b\x1b\u200bé") == "a b\\x1b\\u200bé"


@pytest.mark.parametrize(
    "text, short", [("abcdef", "abcdef"), ("abcdefg", "abcde…"), ("日本語日", "日本…"), ("abcd  fgh", "abcd…")]
)
def test_what_is_too_long_is_cut(text: str, short: str) -> None:
    """It takes no more than its columns."""
    assert cut(text, 6) == short


@pytest.mark.parametrize(
    "text, lines",
    [
        ("", ()),
        ("one two three", ("one two", "three")),
        ("onetwothreefour", ("onetwoth", "reefour")),
        ("日本語日本語", ("日本語日", "本語")),
        ("a b c d e f g h i j k l m", ("a b c d", "e f g h…")),
        ("abcdefgh abcdefgh abcdefgh", ("abcdefgh", "abcdefg…")),
    ],
)
def test_texts_are_broken_into_lines(text: str, lines: tuple[str, ...]) -> None:
    """At blanks where there are any, inside words else; two lines at most."""
    assert wrapped(text, 8, 2) == lines
