"""Prices of a small shop, in whole cents."""

from basket.prices import format_price, parse_price
from basket.totals import discounted, total

__all__ = ["discounted", "format_price", "parse_price", "total"]
