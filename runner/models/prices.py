"""What files say of the price of a model."""

from __future__ import annotations

from runner.spec import Spec
from runner.spec.money import Dollars


class Price(Spec):
    """What a model costs, in US dollars for a million tokens."""

    input: Dollars
    """Tokens that it reads."""
    output: Dollars
    """Tokens that it writes, thinking included."""
    cached: Dollars | None = None
    """Tokens that it reads from the provider's cache; by default as `input`."""
    written: Dollars | None = None
    """Tokens that are put into the provider's cache; by default as `input`."""
