"""What a text that is no duration was probably meant as: `5 min` as 5m, `60-120s` as 60s..120s."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

_WORDS = {
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_UNITS = {word: unit for unit, words in _WORDS.items() for word in words}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*(?:and\s+)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CLOCK = re.compile(r"(\d+):(\d\d)")
_BETWEEN = re.compile(r"\s*(?:\.{2,}|…|-+>?|[\u2012-\u2015]|~|/|,(?!\d)|\bto\b|\band\b)\s*", re.IGNORECASE)


def meant(value: Any) -> str:
    """How the duration is written that a value was meant as, or two ways of one that may be both; else nothing."""
    text = "" if isinstance(value, bool) else str(value).strip().lower()
    if _NUMBER.fullmatch(text):
        return f"{text}s for seconds, {text}m for minutes"
    if clock := _CLOCK.fullmatch(text):
        first, second = int(clock[1]), int(clock[2])
        return f"{first}m{second}s or {first}h{second}m"
    return _united(text)


def meant_range(value: Any) -> str:
    """How the range is written that a value was meant as; a missing unit is that of the other end, else seconds."""
    ends = list(map(str, value.values() if isinstance(value, dict) else value)) if _is_pair(value) else None
    ends = ends or _BETWEEN.split(str(value).strip().lower())
    if len(ends) != 2:  # noqa: PLR2004 - a range has two ends
        return ""
    united = [_united(end) for end in ends]
    units = [re.sub(r"[^a-z]", "", end) for end in united]
    for index in (0, 1):
        if _NUMBER.fullmatch(ends[index]):
            united[index] = ends[index] + (units[1 - index] or "s")
    return "..".join(united) if all(united) else ""


def of_unit(key: str, value: Any, known: Collection[str]) -> str:
    """`for: 30s` for a key such as `seconds: 30`, `timeout: 5m` for `timeout-minutes: 5`; nothing for other keys."""
    start, _, unit = key.replace("-", "_").lower().rpartition("_")
    name = start or "for"
    if name not in known or unit not in _UNITS or isinstance(value, bool):
        return ""
    return f"{name}: {value}{_UNITS[unit]}" if _NUMBER.fullmatch(str(value)) else ""


def timeout_hint(word: str, classes: Collection[str]) -> str:
    """What to write in place of a word that is neither a class of timeouts nor a duration."""
    if written := meant(word):
        return f"write {written}"
    if within := meant_range(word):
        return f"a range stands in a class of `timeouts` in runner.yaml; here write its end: {within.split('..')[1]}"
    return did_you_mean(word, classes) or f"classes: {', '.join(classes)}; or write a duration such as 90s"


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | dict) and len(value) == 2  # noqa: PLR2004 - likewise


def _united(text: str) -> str:
    """A duration with the units of files, from one with words or capitals; nothing when it is none."""
    parts = _PART.findall(text)
    if not parts or "".join(_PART.split(text)[::3]).strip() or any(word not in _UNITS for _, word in parts):
        return ""
    return "".join(f"{number.replace(',', '.')}{_UNITS[word]}" for number, word in parts)
