"""Sums of money: whole millionths of a US dollar, so that no sum of them is ever a little off."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import Field

MICROS = 1_000_000
"""Millionths in a dollar."""
_NOISE = Decimal("1e-12")
"""Of a dollar: below this is what binary figures add of their own."""

Dollars = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
"""US dollars, as files say them: up to so many that their millionths still fit where they are kept."""


def micros(dollars: float | Decimal) -> int:
    """Millionths of a dollar, a part of one counted whole; a float is taken for the figure that it is written as."""
    exact = dollars if isinstance(dollars, Decimal) else Decimal(str(dollars))
    return int((exact.quantize(_NOISE) * MICROS).to_integral_value(ROUND_CEILING))


def format_micros(amount: int) -> str:
    """An amount in words: cents, and below a dollar as many more digits as say something."""
    if amount == 0 or amount >= MICROS:
        return f"${amount / MICROS:,.2f}"
    digits = f"{amount / MICROS:.4f}" if amount >= MICROS // 10_000 else f"{amount / MICROS:.6f}"
    whole, _, rest = digits.partition(".")
    return f"${whole}.{rest.rstrip('0').ljust(2, '0')}"
