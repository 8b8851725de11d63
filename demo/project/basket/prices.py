"""Prices as text and as whole cents."""


def parse_price(text: str) -> int:
    """Cents that a text such as `12.50`, `0.5` or `1,299.50` says."""
    units, _, cents = text.partition(".")
    return int(units) * 100 + int(cents or 0)


def format_price(cents: int) -> str:
    """A price as people write it: 129950 is `1,299.50`."""
    return f"{cents // 100:,}.{cents % 100:02}"
