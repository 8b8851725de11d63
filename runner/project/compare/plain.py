"""Values of files as plain data that can be compared and shown."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from runner.spec import Spec
from runner.spec.types import Fields

_VALUES = frozenset({"default", "enum", "const", "examples"})
"""Keys of a schema whose values are data."""


def plain(value: Any) -> Any:
    """A value with all of its fields, those that are left out with their defaults."""
    match value:
        case Spec():
            return {_key(value, name): plain(getattr(value, name)) for name in type(value).model_fields}
        case Fields():
            return value.schema
        case Mapping():
            return {name: plain(one) for name, one in value.items()}
        case AbstractSet():
            return sorted(value)
        case list() | tuple():
            return [plain(one) for one in value]
    return value


def written(value: Any) -> Any:
    """A value as the files write it: only the fields that are given."""
    match value:
        case Spec():
            given = (name for name in type(value).model_fields if name in value.model_fields_set)
            return {_key(value, name): written(getattr(value, name)) for name in given}
        case Mapping():
            return {name: written(one) for name, one in value.items()}
        case list() | tuple():
            return [written(one) for one in value]
    return plain(value)


def without_words(schema: Any) -> Any:
    """A JSON Schema without its descriptions: what it lets through."""
    if isinstance(schema, list):
        return [without_words(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _part(key, value) for key, value in schema.items() if key != "description"}


def _part(key: str, value: Any) -> Any:
    if key in _VALUES:
        return value
    if key == "properties" and isinstance(value, dict):
        return {name: without_words(one) for name, one in value.items()}
    return without_words(value)


def _key(spec: Spec, name: str) -> str:
    return type(spec).model_fields[name].alias or name
