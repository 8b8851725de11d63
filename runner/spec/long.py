"""What the long form of a type adds to it: a pattern, a description, a default, a JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.spec.plain import BadType, Type, optional
from runner.spec.values import Mismatch, shown


def patterned(kind: Type, pattern: object) -> Type:
    """The type with a regular expression that its texts match."""
    texts = kind.bare
    if texts.get("type") != "string" or not isinstance(pattern, str):
        raise BadType("a pattern is a text, and only for the types str and path", ("pattern",))
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise BadType(f"the pattern is no regular expression: {error}", ("pattern",)) from error

    def check(value: Any) -> Any:
        if not compiled.search(kind.check_value(value)):
            raise Mismatch(f"{shown(value)} does not match the pattern {pattern}")
        return value

    patterned = replace(kind, schema={**texts, "pattern": pattern}, check_value=check)
    return optional(patterned) if kind.optional else patterned


def described(kind: Type, description: object) -> Type:
    """The type with a sentence about it."""
    if not isinstance(description, str):
        raise BadType("a description is a text", ("description",))
    return replace(kind, schema={**kind.schema, "description": description})


def defaulted(kind: Type, default: Any) -> Type:
    """The type with a value that stands for a missing one."""
    try:
        checked = kind.check(default)
    except Mismatch as mismatch:
        raise BadType(f"the default does not fit: {mismatch}", ("default",)) from mismatch
    return replace(kind, schema={**kind.schema, "default": default}, default=checked)


def of_schema(schema: object) -> Type:
    """A type in JSON Schema; references are refused, so that nothing is ever fetched."""
    if not isinstance(schema, Mapping):
        raise BadType("a schema is a mapping", ("schema",))
    if any(word in json.dumps(schema) for word in ("$ref", "$dynamicRef")):
        raise BadType("a schema here refers to no other: it holds no $ref", ("schema",))
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadType(f"it is no JSON Schema: {error.message}", ("schema", *error.absolute_path)) from error
    validator = Draft202012Validator(schema)

    def check(value: Any) -> Any:
        for fault in validator.iter_errors(value):
            raise Mismatch(fault.message, tuple(fault.absolute_path))
        return value

    return Type(dict(schema), "a value", check)
