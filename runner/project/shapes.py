"""What is known of a value, as a JSON Schema, and whether a path leads into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.spec.words import did_you_mean

Schema = Mapping[str, Any]
OPEN: Schema = {}
"""A value of which nothing is known: every path into it passes."""
TEXT: Schema = {"type": "string"}
_PLAIN = {"string": "a text", "integer": "a number", "number": "a number", "boolean": "a truth value"}


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


def walk(schema: Schema, owner: str, parts: Sequence[str]) -> Fault | None:
    """The fault of the first part that cannot be there; `owner` is what has the schema, in words of a template."""
    for part in parts:
        schema = _without_null(schema)
        kind = schema.get("type")
        if kind == "object" and schema.get("properties"):
            if part not in schema["properties"]:
                return None if _is_open(schema) else _unknown(owner, part, schema["properties"])
            schema = schema["properties"][part]
        elif kind == "array" and not part.isdigit():
            return Fault(
                "unknown-name",
                f"`{owner}` is a list and has no `{part}`",
                f"go over it: {{% for x in {owner} %}}{{{{ x }}}}{{% endfor %}}",
            )
        elif kind == "array":
            schema = schema.get("items") or OPEN
        elif kind in _PLAIN and not part.isdigit():
            return Fault("unknown-name", f"`{owner}` is {_PLAIN[kind]} and has no `{part}`")
        else:
            return None
        owner = f"{owner}.{part}"
    return None


def _unknown(owner: str, part: str, known: Mapping[str, Schema]) -> Fault:
    hint = did_you_mean(part, known) or f"it has: {', '.join(known)}"
    return Fault("unknown-name", f"`{owner}` has no `{part}`", hint)


def _is_open(schema: Schema) -> bool:
    return schema.get("additionalProperties", True) is not False or "patternProperties" in schema


def _without_null(schema: Any) -> Schema:
    """The schema of the value when it is there; a JSON Schema may also be true or false."""
    if isinstance(schema, bool):
        return OPEN
    kinds = schema.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": rest[0]} if len(rest) == 1 else OPEN
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    return _without_null(choices[0]) if len(choices) == 1 else schema
