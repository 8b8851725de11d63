"""How long a server asks to wait: Retry-After in all its forms, and what it says is left of its rate limits."""

from __future__ import annotations

import math
import re
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOW = 0.1
"""The part of a limit below which calls are slowed down."""
SHORT = 60.0
"""Seconds up to which a limit is worth waiting for: that of a minute. That of a day is left to refuse by itself."""
_KINDS = ("-requests", "-tokens", "-input-tokens", "-output-tokens", "")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_EPOCH = 1e9
"""Numbers above are points in time: seconds since 1970, milliseconds from 1e12 on."""
_MILLISECONDS = 1e12


def wait_of(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """The seconds that a server asks to wait; None when it does not say.

    `retry-after-ms` in milliseconds goes before `retry-after`, in seconds (with a fraction, too) or an HTTP date.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after", "").strip()
    seconds = _number(said)
    return seconds if seconds is not None else _until(said, now())


def pause_of(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float:
    """The seconds that nobody should ask, so that the server need not refuse: 0 while enough of its limits is left.

    Below a tenth of a limit the pause grows with what is missing, up to the time when the limit is full again.
    """
    return max((_pause(*said, now()) for kind in _KINDS for said in _said(headers, kind)), default=0.0)


def _said(headers: Mapping[str, str], kind: str) -> list[tuple[str, str, str]]:
    """What is left, of how much, and until when, as OpenAI and most others call it, and as Anthropic does."""
    styles = ("x-ratelimit-{}" + kind, "anthropic-ratelimit" + kind + "-{}")
    found = [[headers.get(style.format(word), "") for word in ("remaining", "limit", "reset")] for style in styles]
    return [(left, limit, reset) for left, limit, reset in found if left and limit and reset]


def _pause(left: str, limit: str, reset: str, now: float) -> float:
    remaining, most, seconds = _number(left), _number(limit), _reset(reset.strip(), now)
    if remaining is None or not most or seconds is None or seconds > SHORT:
        return 0.0
    low = most * LOW
    return seconds * (1 - remaining / low) if remaining < low else 0.0


def _reset(text: str, now: float) -> float | None:
    """Seconds from now: told as such, as `1m30.5s`, or as a point in time."""
    number = _number(text)
    if number is not None:
        if number < _EPOCH:
            return number
        return max(0.0, (number / 1000 if number >= _MILLISECONDS else number) - now)
    if parts := _PART.findall(text):
        return sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    try:
        return max(0.0, datetime.fromisoformat(text).timestamp() - now)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _until(text: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
