"""What a value that is no number was probably meant as."""

from __future__ import annotations

import pytest

from runner.project.parsing.numbers import is_endless, meant


@pytest.mark.parametrize(
    "written, whole, wanted",
    [
        ("10x", True, "10"),
        ("2 times", True, "2"),
        ("100k", True, "100000"),
        ("1.5k", True, "1500"),
        ("2M", True, "2000000"),
        ("100_000", True, "100000"),
        ("1,000,000", True, "1000000"),
        ("100 000", True, "100000"),
        ("100.000", True, "100000"),
        ("ten", True, "10"),
        (3.0, True, "3"),
        (1e5, True, "100000"),
        ("5$", False, "5"),
        ("$0.50", False, "0.50"),
        ("0,50", False, "0.50"),
        ("5 EUR", False, "5"),
        ("1,000", False, "1000"),
    ],
)
def test_other_ways_to_write_a_number_are_known(written: object, whole: bool, wanted: str) -> None:
    """Units, sizes, thousands, commas, words."""
    assert meant(written, whole=whole) == wanted


@pytest.mark.parametrize("written", [1.5, "1.5", "0,5", "many", "10 apples", "", True, None, [], "1,00,000", "-3x"])
def test_what_is_no_whole_number_is_left_alone(written: object) -> None:
    """No guess."""
    assert meant(written, whole=True) == ""


def test_words_for_no_limit_are_known() -> None:
    """And nothing else is taken for one."""
    assert all(map(is_endless, ("unlimited", "Infinite", "none", -1)))
    assert not any(map(is_endless, ("ten", 0, False, "")))
