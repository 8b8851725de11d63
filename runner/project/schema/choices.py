"""Choices as chains of if, then and else: by the value of a key, by the shape, by which key is there."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
SHAPES: dict[str, Schema] = {
    "text": {"type": "string"},
    "listed": {"type": "array"},
    "named": {"type": "object", "required": ["use"]},
    "several": {"type": "object", "required": ["cases"]},
}
"""The conditions of members that a shape decides, by their tags."""


def by_value(key: str, members: dict[str, Schema]) -> Schema:
    """The value of a key decides: a model's provider."""
    values: dict[str, list[str]] = {}
    for value, member in members.items():
        values.setdefault(member["$ref"], []).append(value)
    ways = [
        ({"required": [key], "properties": {key: {"enum": these}}}, {"$ref": reference})
        for reference, these in values.items()
    ]
    return {"type": "object", "required": [key], "properties": {key: {"enum": list(members)}}} | _chain(ways, {})


def by_shape(members: dict[str, Schema]) -> Schema:
    """A text or a list is one member, a mapping with a certain key another, and any other mapping the last."""
    *first, last = members
    ways = [(SHAPES[tag], members[tag]) for tag in first]
    plain = [str(SHAPES[tag]["type"]) for tag in first if SHAPES[tag]["type"] != "object"]
    return {"type": [*plain, "object"] if plain else "object"} | _chain(ways, members[last])


def by_key(members: dict[str, Schema], offered: Schema) -> Schema:
    """The key that is there decides; `foreach` stands beside another one, so it is looked for first.

    `offered` are the keys to propose, and to say, as long as none is there.
    """
    order = sorted(members, key=lambda name: name != "foreach")
    names = [name for name in members if name != "foreach"]
    words = f"Exactly one of {', '.join(names)} says what it is."
    none = {"properties": offered, "anyOf": [{"required": [name], "errorMessage": words} for name in names]}
    ways = [({"type": "object", "required": [name]}, members[name]) for name in order]
    return {"type": "object"} | _chain(ways, none)


def _chain(ways: list[tuple[Schema, Schema]], rest: Schema) -> Schema:
    """The schema of the first condition that holds, else the rest."""
    for condition, then in reversed(ways):
        rest = {"if": condition, "then": then} | ({"else": rest} if rest else {})
    return rest
