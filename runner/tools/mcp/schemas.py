"""A server's JSON Schemas: made whole without fetching anything, made visible, and read as what a tool takes."""

from __future__ import annotations

from typing import Any

from runner.spec.cuts import begin_of
from runner.spec.plain import Type, optional
from runner.spec.types import Fields
from runner.spec.values import Mismatch
from runner.tools.mcp.hidden import escaped, has_hidden

MOST_VALUES = 5_000
"""Values of one schema, references filled in."""
MOST_DEPTH = 40
_WORDS = frozenset({"description", "title", "$comment"})
_LEFT_OUT = frozenset({"$schema", "$id", "$anchor", "$defs", "definitions"})
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


class Unusable(ValueError):
    """Why a tool's schema cannot be used."""


def whole(schema: Any) -> dict[str, Any]:
    """The properties and what must be given, local references filled in; raises `Unusable`."""
    if not isinstance(schema, dict):
        raise Unusable("its schema is no object")
    if schema.get("type", "object") != "object":
        raise Unusable("its schema is not that of an object")
    filled = _Filling(schema).of(schema, (), 0)
    properties = filled.get("properties", {})
    if not isinstance(properties, dict) or not all(isinstance(one, dict | bool) for one in properties.values()):
        raise Unusable("its properties are no schemas")
    _refuse_broken(properties)
    required = filled.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise Unusable("what it requires is no list of names")
    return {
        "properties": {name: one if isinstance(one, dict) else {} for name, one in properties.items()},
        "required": [name for name in properties if name in required],
    }


def fields(params: dict[str, Any]) -> Fields:
    """What a tool takes, of what `whole` gave; a value is checked by its schema when the first one comes."""
    required = params.get("required", ())
    types = {name: _type(schema) for name, schema in params.get("properties", {}).items()}
    return Fields({name: kind if name in required else optional(kind) for name, kind in types.items()})


class _Filling:
    """Fills in the references of one schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._left = MOST_VALUES

    def of(self, node: Any, within: tuple[str, ...], depth: int, *, names: bool = False) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MOST_DEPTH:
            raise Unusable("its schema is too large")
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, list):
            return [self.of(item, within, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        if not names and (found := next((key for key in _REFERENCES if key in node), None)):
            return self._referred(node, found, within, depth)
        return {
            self._text(key): self._value(key, value, within, depth, names=names)
            for key, value in node.items()
            if names or key not in _LEFT_OUT
        }

    def _value(self, key: str, value: Any, within: tuple[str, ...], depth: int, *, names: bool) -> Any:
        if not names and key in _WORDS and isinstance(value, str):
            return escaped(value)
        return self.of(value, within, depth + 1, names=not names and key in ("properties", "patternProperties"))

    def _referred(self, node: dict[str, Any], key: str, within: tuple[str, ...], depth: int) -> Any:
        target = node[key]
        if key != "$ref" or not isinstance(target, str) or not target.startswith("#"):
            raise Unusable(f"its schema points elsewhere ({begin_of(str(target), 80)!r}), and nothing is fetched")
        rest = {name: value for name, value in node.items() if name != key}
        if target in within:
            return self.of(rest, within, depth + 1)  # it holds itself: from here on anything
        found = self.of(self._at(target), (*within, target), depth + 1)
        return {**(found if isinstance(found, dict) else {}), **self.of(rest, within, depth + 1)}

    def _at(self, pointer: str) -> Any:
        node: Any = self._root
        for part in pointer.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        if node is None:
            raise Unusable(f"its schema has nothing at {begin_of(pointer, 80)!r}")
        return node

    def _text(self, text: str) -> str:
        if has_hidden(text):
            raise Unusable("its parameters hold characters that nobody sees")
        return text


def _refuse_broken(properties: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    for name, schema in properties.items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise Unusable(f"the schema of its parameter {name} is none: {begin_of(error.message, 200)}") from error


def _type(schema: dict[str, Any]) -> Type:
    validators: list[Any] = []

    def check(value: Any) -> Any:
        if not validators:
            from jsonschema import Draft202012Validator
            from referencing import Registry

            validators.append(Draft202012Validator(schema, registry=Registry()))
        for fault in validators[0].iter_errors(value):
            raise Mismatch(begin_of(fault.message, 500), tuple(fault.absolute_path))
        return value

    return Type(schema, "a text" if schema.get("type") == "string" else "a value", check)
