"""Sums of money in whole millionths of a dollar."""

from __future__ import annotations

from decimal import Decimal

import pytest

from runner.spec.money import format_micros, micros


@pytest.mark.parametrize(
    "dollars, amount",
    [
        (0.0, 0),
        (0.0037756, 3776),
        (0.000003, 3),
        (0.1 + 0.2, 300_000),
        (3e-06 + 1e-22, 3),
        (1e-9, 1),
        (5, 5_000_000),
        (Decimal("0.0000001"), 1),
        (Decimal(20), 20_000_000),
    ],
)
def test_a_part_of_a_millionth_counts_whole_and_what_binary_figures_add_does_not(
    dollars: float | Decimal, amount: int
) -> None:
    """So that no sum is too small, and none is too large for a figure such as 0.30000000000000004."""
    assert micros(dollars) == amount


@pytest.mark.parametrize(
    "amount, words",
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (156, "$0.0002"),
        (3776, "$0.0038"),
        (50_000, "$0.05"),
        (99_999, "$0.10"),
        (101_500, "$0.1015"),
        (500_000, "$0.50"),
        (4_910_000, "$4.91"),
        (1_234_567_890, "$1,234.57"),
    ],
)
def test_an_amount_is_shown_with_the_digits_that_say_something(amount: int, words: str) -> None:
    """Cents for dollars, and more digits for what is less."""
    assert format_micros(amount) == words
