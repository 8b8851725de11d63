"""What a template's values say about its outcome: evidence for the journal, and words for a missing value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.prompts.filters import NAMES_OF_FILTERS
from runner.prompts.names import NamePath
from runner.prompts.sandbox import MissingValueError
from runner.spec.words import did_you_mean

LONGEST_TEXT = 200
MOST_ITEMS = 10
MOST_NAMES = 12
DEEPEST = 3
OTHER_SPELLINGS = {"null": "none", "yes": "true", "no": "false", "on": "true", "off": "false"}


def evidence(paths: Iterable[NamePath], values: Mapping[str, object]) -> dict[str, object]:
    """Give the value at the end of each path, cut to what a person reads; what is missing is None."""
    found: dict[str, object] = {}
    texts = {path.parts for path in paths}
    for parts in sorted(texts):
        if not any(other[: len(parts)] == parts and other != parts for other in texts):
            found[".".join(parts)] = _short(_follow(values, parts))
    return found


def words_for_missing(error: MissingValueError, paths: Iterable[NamePath], values: Mapping[str, object]) -> str:
    """Say what is missing of what, and what is there instead."""
    if error.hint:
        return error.hint.strip().removesuffix(".")
    if error.is_variable:
        other = OTHER_SPELLINGS.get(str(error.item))
        if other:
            return f"{error.item!r} is not defined; write {other}"
        return f"{error.item!r} is not defined; {_names('known here', values, error.item)}"
    where = _place(error, paths, values)
    if isinstance(error.owner, Mapping):
        return f"{where} has no item {error.item!r}; {_names('it has', error.owner, error.item)}"
    if isinstance(error.owner, list | tuple) and isinstance(error.item, int):
        return f"{where} has {len(error.owner)} items, none at {error.item}"
    hint = f"; write … | {error.item}" if error.item in NAMES_OF_FILTERS else ""
    return f"{where} is {_kind(error.owner)} and has no item {error.item!r}{hint}"


def _follow(values: object, parts: Iterable[str]) -> object:
    for part in parts:
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list | tuple) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        else:
            return None
    return values


def _short(value: object, depth: int = 0) -> object:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        if depth == DEEPEST:
            return f"… ({len(value)} items)"
        kept = {str(key): _short(value[key], depth + 1) for key in list(value)[:MOST_ITEMS]}
        return kept if len(value) <= MOST_ITEMS else kept | {"…": f"{len(value) - MOST_ITEMS} more"}
    if isinstance(value, list | tuple):
        if depth == DEEPEST:
            return f"… ({len(value)} items)"
        first = [_short(item, depth + 1) for item in value[:MOST_ITEMS]]
        return first if len(value) <= MOST_ITEMS else [*first, f"… {len(value) - MOST_ITEMS} more"]
    return value if value is None or isinstance(value, int | float) else _short(str(value))


def _names(title: str, known: Iterable[Any], asked: Any) -> str:
    names = sorted(map(str, known))
    if not names:
        return "there are none" if title == "known here" else "it is empty"
    meant = did_you_mean(str(asked), names)
    listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    return f"{title}: {listed}" + (f"; {meant}" if meant else "")


def _place(error: MissingValueError, paths: Iterable[NamePath], values: Mapping[str, object]) -> str:
    for path in paths:
        for end, part in enumerate(path.parts):
            if end and part == str(error.item) and _follow(values, path.parts[:end]) is error.owner:
                return repr(".".join(path.parts[:end]))
    return "the value"


def _kind(value: object) -> str:
    kinds = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return kinds.get(type(value), f"no plain data ({type(value).__name__})")
