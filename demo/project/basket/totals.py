"""What a basket costs."""

import os

from basket.prices import parse_price

DISCOUNT_FROM = 10_000
DISCOUNT_PERCENT = 10


def total(lines: list[tuple[str, int]]) -> int:
    """Cents for lines of a price and a quantity each."""
    return sum(parse_price(price) * quantity for price, quantity in lines)


def discounted(cents: int) -> int:
    """Ten percent off, from 100.00 on."""
    if cents > DISCOUNT_FROM:
        return cents - cents * DISCOUNT_PERCENT // 100
    return cents
