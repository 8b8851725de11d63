"""What people see: nothing in it acts on their terminal."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.cli.display import as_json, one_line, safe, seconds


@pytest.mark.parametrize(
    "text,shown",
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("50\r100", "50\\r100"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\u3164b\u115f\uffa0\u034f\ufff8", "a\\u3164b\\u115f\\uffa0\\u034f\\ufff8"),
        ("a\u200bb\u2066c\ufeff", "a\\u200bb\\u2066c\\ufeff"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half \ud800", "half \\ud800"),
        ("\x9b2J", "\\x9b2J"),
        ("état du disque\n\tü → 漢字", "état du disque\n\tü → 漢字"),
    ],
)
def test_what_acts_on_a_terminal_or_hides_is_written_out(text: str, shown: str) -> None:
    """Escapes, carriage returns, directions and what has no width; letters of all languages stay."""
    assert safe(text) == shown


def test_no_character_that_is_made_to_act_or_to_hide_is_left() -> None:
    """Of all of Unicode's controls, formats, separators of lines and halves of pairs; tabs and line ends are text."""
    kinds = ("Cc", "Cf", "Zl", "Zp", "Cs")
    acting = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in kinds]
    assert [letter for letter in acting if safe(letter) == letter] == ["\t", "\n"]


@given(st.text(st.characters(exclude_categories=[])))
def test_json_for_the_eye_is_the_same_json(text: str) -> None:
    """Whatever was written out in it is read back as it was, and nothing is left that acts."""
    shown = as_json({"text": text})
    assert json.loads(shown)["text"] == text
    assert safe(shown) == shown


def test_one_line_is_one_line_of_its_width() -> None:
    """Line breaks become blanks, what is too long ends with a sign."""
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 300, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "value,words", [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.2, "59 s"), (125, "2 m 05 s"), (3720, "1 h 02 m")]
)
def test_a_stretch_of_time_is_told_in_its_own_size(value: float, words: str) -> None:
    """Tenths for seconds, minutes and hours without them."""
    assert seconds(value) == words
