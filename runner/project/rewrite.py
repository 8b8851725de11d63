"""How a value of the wrong type is written instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project import fields
from runner.project.words import as_hint, shown

if TYPE_CHECKING:
    from runner.project.fields import Place

_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_USUAL = {"a whole number": 8, "a number": 0.5}
"""Numbers to show where the field has no default."""


def retyped(value: Any, wanted: str) -> str:
    """How the same value is written as the wanted type."""
    if wanted == "a mapping" and (pairs := _pairs(value)):
        return f"write {{{', '.join(f'{name}: {shown(text)}' for name, text in pairs)}}}"
    if isinstance(value, str):
        if wanted == "true or false" and value.lower() in _TRUTHS:
            return f"write {_TRUTHS[value.lower()]}"
        if "number" in wanted and re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
            return "write it without quotes"
        return _as_list(value) if wanted == "a list" else ""
    if "a text" in wanted and isinstance(value, bool | int | float):
        return f'quote it: "{str(value).lower()}"'
    return ""


def _as_list(text: str) -> str:
    """How the words of a text are written as a list."""
    if text.startswith("-"):
        return "write a blank behind each -: `- entry`"
    words = [word.strip() for word in text.split(",")] if "," in text else text.split()
    return f"write it in brackets: [{', '.join(map(shown, words))}]"


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Names with their values, where each entry is written `NAME=value` or `- NAME: value`; else nothing."""
    entries = value if isinstance(value, list) else [value]
    found = [_pair(entry) for entry in entries]
    return [pair for pair in found if pair] if all(found) else []


def _pair(entry: Any) -> tuple[str, str] | None:
    if isinstance(entry, str) and (written := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", entry)):
        return written[1], written[2]
    if isinstance(entry, dict) and len(entry) == 1:
        [(name, text)] = entry.items()
        return (name, text) if isinstance(name, str) and isinstance(text, str) else None
    return None


def how_to_write(place: Place, wanted: str, *, is_list: bool) -> str:
    """What stands at a place: the keys of its mapping, a number to go by, or what the field is for."""
    keys = _keys(place)
    if keys:
        return f"known keys: {', '.join(keys)}"
    purpose = as_hint(place.purpose)
    if is_list and "a mapping" in wanted:
        return f"write `name: …` without a - before it: {purpose}"
    if wanted in _USUAL:
        info = place.known.get(str(place.loc[-1])) if place.loc else None
        is_set = info is not None and isinstance(info.default, int | float)
        number = info.default if info is not None and is_set else _USUAL[wanted]
        return f"write {wanted}, such as {number}{': ' if purpose else ''}{purpose}"
    return purpose


def _keys(place: Place) -> list[str]:
    """The keys of the only model that a place may hold, those that it needs first."""
    known = fields.only_model(place.declared)
    needed = [name for name, info in known.items() if info.is_required()]
    return [f"{name} (required)" for name in needed] + [name for name in known if name not in needed]
