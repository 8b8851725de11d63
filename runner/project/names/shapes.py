"""What is known of a value, as a JSON Schema, and whether a path leads into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


ANSWER = "x-answer"
"""The key of a text's schema that says whose answer it is, where that declares no fields."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an agent in a step."""

    agent: str
    step: str
    """The step in words."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one path that a template reads."""

    code: str
    what: str
    hint: str = ""
    is_warning: bool = False
    way: tuple[str, ...] = ()
    """The way from the value to the part that is not there."""
    answer: Answer | None = None
    """Whose answer declares no fields, where one of it is read."""
    in_output: bool = False
    """Whether the part stands in the `output` of the record that has it not."""
    given: str = ""
    """The input of a named prompt whose value, as it is given, has no such part."""


def closed(properties: Mapping[str, Schema]) -> Schema:
    """The schema of a mapping that has these keys and no other."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def choice(words: Iterable[str]) -> Schema:
    """The schema of a text that is one of these."""
    return {"type": "string", "enum": list(words)}


def walk(schema: Schema, owner: str, parts: Sequence[str]) -> Fault | None:
    """The fault of the first part that cannot be there; `owner` is what has the schema, in words of a template."""
    for index, part in enumerate(parts):
        known = without_null(schema)
        if fault := _fault(known, owner, part):
            return replace(fault, way=tuple(parts[: index + 1]))
        schema = step(known, part)
        owner = f"{owner}{part}" if part == ITEM else f"{owner}.{part}"
    return None


def _fault(schema: Schema, owner: str, part: str) -> Fault | None:
    kind = schema.get("type")
    if kind == "object" and "properties" in schema and part != ITEM:
        if part in schema["properties"] or _is_open(schema):
            return None
        return _unknown(owner, part, schema["properties"])
    if kind not in ("array", *PLAIN) or part.isdigit() or part == ITEM:
        return None
    if kind == "array":
        return Fault("unknown-name", f"`{owner}` is a list and has no `{part}`", _list_hint(owner, part, schema))
    is_filter = part in _FILTERS
    hint = f"write `{owner} | {_FILTERS[part]}`" if is_filter else f"it is one value: leave out `.{part}`"
    answer = None if is_filter else schema.get(ANSWER)
    return Fault("unknown-name", f"`{owner}` is {PLAIN[kind]} and has no `{part}`", hint, answer=answer)


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


_RECORD = frozenset({"output", "status", "ok"})
"""Fields by which a record is known."""
_FILTERS = {
    **dict.fromkeys(("length", "len", "size", "count"), "length"),
    **{name: name for name in ("first", "last", "lower", "upper", "trim")},
}
"""What is asked of a value by its name elsewhere, and by a filter here."""


def _list_hint(owner: str, part: str, schema: Schema) -> str:
    if part in _FILTERS:
        return f"write `{owner} | {_FILTERS[part]}`"
    read = f"x.{part}" if part in step(schema, ITEM).get("properties", ()) else "x"
    return f"go over it: {{% for x in {owner} %}}{{{{ {read} }}}}{{% endfor %}}"


def _unknown(owner: str, part: str, known: Mapping[str, Schema]) -> Fault:
    what = f"`{owner}` has no `{part}`"
    if known.keys() >= _RECORD and part in follow(known["output"], ()).get("properties", ()):
        return Fault("unknown-name", what, f"it stands in its `.output`: read `.output.{part}`", in_output=True)
    return Fault("unknown-name", what, did_you_mean(part, known) or f"it has: {', '.join(known) or 'nothing'}")


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
