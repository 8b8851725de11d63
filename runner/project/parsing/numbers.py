"""What a value that is no number was probably meant as: `100k` as 100000, `5$` as 5, `0,50` as 0.50."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_SIZES = {"": 1, "k": 10**3, "m": 10**6, "mio": 10**6, "million": 10**6, "thousand": 10**3}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_THOUSANDS = re.compile(r"(?P<number>[1-9]\d{0,2}(?:(?P<sign>[,_ '’.])\d{3})(?:(?P=sign)\d{3})*)(?P<size>)")
_WITH_UNIT = re.compile(
    r"[$€£]? ?(?P<number>\d+(?:[.,]\d+)?) ?(?P<size>k|m|mio|million|thousand|)"
    r"(?: ?[$€£]| ?(?:x|times|turns?|tokens?|runs?|calls?|usd|eur|dollars?|tries))?"
)
_ENDLESS = frozenset({"unlimited", "infinite", "infinity", "inf", ".inf", "none", "no", "off", "never", "any", "-1"})


def meant(value: Any, *, whole: bool) -> str:
    """How the number is written that a value was meant as; nothing when it is none, or not a `whole` one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip(" ,").lower()
    if text in _WORDS:
        return str(_WORDS.index(text) + 1)
    if found := _THOUSANDS.fullmatch(text):
        if found["sign"] == "." and not whole:
            return ""
        number = Decimal(re.sub(r"\D", "", found["number"]))
    elif found := _WITH_UNIT.fullmatch(text):
        number = Decimal(found["number"].replace(",", ".")) * _SIZES[found["size"]]
    else:
        return ""
    is_whole = number == number.to_integral_value()
    return ("" if whole else str(number)) if not is_whole else str(int(number)) if whole else f"{number:f}"


def is_endless(value: Any) -> bool:
    """Whether a value says that there is no limit."""
    return str(value).strip().lower() in _ENDLESS and not isinstance(value, bool)
