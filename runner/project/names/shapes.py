"""What is known of a value, as a JSON Schema, and whether a path leads into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.prompts import ITEM
from runner.spec.words import did_you_mean

Schema = Mapping[str, Any]
OPEN: Schema = {}
"""A value of which nothing is known: every path into it passes."""
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
PLAIN = {"string": "a text", "integer": "a number", "number": "a number", "boolean": "a truth value"}
"""Kinds of values that hold no others."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one path that a template reads."""

    code: str
    what: str
    hint: str = ""
    is_warning: bool = False


def closed(properties: Mapping[str, Schema]) -> Schema:
    """The schema of a mapping that has these keys and no other."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def choice(words: Iterable[str]) -> Schema:
    """The schema of a text that is one of these."""
    return {"type": "string", "enum": list(words)}


def walk(schema: Schema, owner: str, parts: Sequence[str]) -> Fault | None:
    """The fault of the first part that cannot be there; `owner` is what has the schema, in words of a template."""
    for part in parts:
        schema = without_null(schema)
        kind = schema.get("type")
        if kind == "object" and "properties" in schema and part != ITEM:
            if part not in schema["properties"]:
                return None if _is_open(schema) else _unknown(owner, part, schema["properties"])
        elif kind == "array" and not (part.isdigit() or part == ITEM):
            return Fault("unknown-name", f"`{owner}` is a list and has no `{part}`", _list_hint(owner, part))
        elif kind in PLAIN and not (part.isdigit() or part == ITEM):
            hint = (
                f"write `{owner} | {_FILTERS[part]}`" if part in _FILTERS else f"it is one value: leave out `.{part}`"
            )
            return Fault("unknown-name", f"`{owner}` is {PLAIN[kind]} and has no `{part}`", hint)
        schema = step(schema, part)
        owner = f"{owner}{part}" if part == ITEM else f"{owner}.{part}"
    return None


def follow(schema: Schema, parts: Sequence[str]) -> Schema:
    """What is known of the value that a path leads to; nothing when the path may lead anywhere."""
    for part in parts:
        schema = step(without_null(schema), part)
    return without_null(schema)


def step(schema: Schema, part: str) -> Schema:
    """What is known of a part of a value."""
    if schema.get("type") == "array" and (part.isdigit() or part == ITEM):
        return schema.get("items") or OPEN
    found: Schema = schema.get("properties", {}).get(part, OPEN) if schema.get("type") == "object" else OPEN
    return found


_FILTERS = {
    **dict.fromkeys(("length", "len", "size", "count"), "length"),
    **{name: name for name in ("first", "last", "lower", "upper", "trim")},
}
"""What is asked of a value by its name elsewhere, and by a filter here."""


def _list_hint(owner: str, part: str) -> str:
    if part in _FILTERS:
        return f"write `{owner} | {_FILTERS[part]}`"
    return f"go over it: {{% for x in {owner} %}}{{{{ x }}}}{{% endfor %}}"


def _unknown(owner: str, part: str, known: Mapping[str, Schema]) -> Fault:
    hint = did_you_mean(part, known) or f"it has: {', '.join(known) or 'nothing'}"
    return Fault("unknown-name", f"`{owner}` has no `{part}`", hint)


def _is_open(schema: Schema) -> bool:
    return schema.get("additionalProperties", True) is not False or "patternProperties" in schema


def without_null(schema: Any) -> Schema:
    """The schema of the value when it is there; a JSON Schema may also be true or false."""
    if isinstance(schema, bool):
        return OPEN
    kinds = schema.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": rest[0]} if len(rest) == 1 else OPEN
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    return without_null(choices[0]) if len(choices) == 1 else schema
