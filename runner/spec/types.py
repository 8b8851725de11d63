"""The types that YAML names: `str`, `[int]`, `{key: T}`, `T?`, `"a|b"`, and long forms with default and pattern."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from pydantic_core import PydanticCustomError, core_schema

from runner.spec import FIELD

MISSING: Final = object()
"""No default: the value must be given."""
_LONG = ("type", "schema", "default", "pattern", "description")
_FIELD = re.compile(FIELD)
_CHOICE = re.compile(r"[^|]+(\|[^|]+)+")


@dataclass(frozen=True)
class Type:
    """A type of a file: its JSON Schema, whether null is allowed, its default, and what checks a value."""

    schema: Mapping[str, Any]
    word: str
    """The type in words: `a text`."""
    check_value: Callable[[Any], Any]
    """The value, or `Mismatch`."""
    optional: bool = False
    default: Any = MISSING

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is MISSING and not self.optional

    def check(self, value: Any) -> Any:
        """The value with its defaults filled in; raises `Mismatch` saying where and what."""
        return None if value is None and self.optional else self.check_value(value)

    def from_text(self, text: str) -> Any:
        """The value that a command line's word stands for; raises `Mismatch`."""
        if self.schema.get("type") == "string" or self.word == "anything":
            return self.check(text)
        try:
            return self.check(json.loads(text))
        except json.JSONDecodeError:
            items = self.schema.get("type") == "array" and self.schema.get("items", {}).get("type") == "string"
            return self.check([part.strip() for part in text.split(",")] if items else text)


class Mismatch(ValueError):
    """A value that is not of its type; `at` leads to the part that is wrong."""

    def __init__(self, what: str, at: tuple[str | int, ...] = ()) -> None:
        self.what = what
        self.at = at
        super().__init__(f"{_path(at)}: {what}" if at else what)

    def inside(self, key: str | int) -> Mismatch:
        """The same fault, seen from the holder of `key`."""
        return Mismatch(self.what, (key, *self.at))


class BadType(ValueError):
    """What a file gives as a type is none; `at` leads to the part that is wrong."""

    def __init__(self, what: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


@dataclass(frozen=True)
class Fields:
    """Named types: what a tool takes, what an agent answers, what a workflow is started with."""

    types: Mapping[str, Type]

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> core_schema.CoreSchema:
        """Let pydantic fields be of this class."""
        return core_schema.no_info_plain_validator_function(_validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        """What editors are told."""
        return {"type": "object", "description": "Names, and a type each."}

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an object with these fields."""
        return {
            "type": "object",
            "properties": {name: dict(kind.schema) for name, kind in self.types.items()},
            "required": [name for name, kind in self.types.items() if kind.required],
            "additionalProperties": False,
        }

    def check(self, values: object) -> dict[str, Any]:
        """The values with defaults filled in; raises a `ValueError` that names every fault."""
        if not isinstance(values, Mapping):
            raise Mismatch(f"expected an object with {', '.join(self.types) or 'no fields'}, got {_shown(values)}")
        faults, checked = [self._unknown(name) for name in values if name not in self.types], {}
        for name, kind in self.types.items():
            try:
                checked[name] = self._value(name, kind, values)
            except Mismatch as mismatch:
                faults.append(str(mismatch))
        if faults:
            raise Mismatch("; ".join(faults))
        return checked

    def from_texts(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Values from a command line's words, not yet checked together; unknown names are kept for `check`."""
        values: dict[str, Any] = {}
        for name, text in texts.items():
            try:
                values[name] = self.types[name].from_text(text) if name in self.types else text
            except Mismatch as mismatch:
                raise mismatch.inside(name) from mismatch
        return values

    def _value(self, name: str, kind: Type, values: Mapping[str, Any]) -> Any:
        if name not in values:
            if kind.required:
                raise Mismatch("is missing", (name,))
            return None if kind.default is MISSING else kind.default
        try:
            return kind.check(values[name])
        except Mismatch as mismatch:
            raise mismatch.inside(name) from mismatch

    def _unknown(self, name: object) -> str:
        close = get_close_matches(str(name), self.types, n=1)
        known = f"did you mean {close[0]}?" if close else f"known: {', '.join(self.types) or 'none'}"
        return f"{name}: there is no such field; {known}"


def parse_type(data: object) -> Type:
    """The type that YAML data names; raises `BadType`."""
    if isinstance(data, str):
        return _word_type(data)
    if isinstance(data, list):
        if len(data) != 1:
            raise BadType("a list type holds exactly one type: [str]")
        return _list_of(_nested(data[0], 0))
    if isinstance(data, Mapping):
        return _long_type(data) if "type" in data or "schema" in data else _object_of(parse_fields(data))
    raise BadType(f'{_shown(data)} is no type; types are {", ".join(_PLAIN)}, [T], {{key: T}}, T? and "a|b"')


def parse_fields(data: object) -> Fields:
    """The named types of a mapping; raises `BadType`."""
    if isinstance(data, Fields):
        return data
    if not isinstance(data, Mapping):
        raise BadType(f"expected a mapping of names and types, got {_shown(data)}")
    for name in data:
        if not isinstance(name, str) or not _FIELD.fullmatch(name):
            raise BadType(
                f"{name!r} is no field name; use small letters, digits and _, beginning with a letter", (name,)
            )
    return Fields({name: _nested(kind, name) for name, kind in data.items() if not name.startswith("x-")})


# --------------------------------------------------------------------------------------------------- building blocks


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise Mismatch(f"expected a text, got {_shown(value)}")
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():  # models write 3.0
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Mismatch(f"expected a whole number, got {_shown(value)}")
    return value


def _number(value: Any) -> Any:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Mismatch(f"expected a number, got {_shown(value)}")
    return value


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise Mismatch(f"expected true or false, got {_shown(value)}")
    return value


_PLAIN = {
    "str": Type({"type": "string"}, "a text", _text),
    "int": Type({"type": "integer"}, "a whole number", _whole),
    "float": Type({"type": "number"}, "a number", _number),
    "bool": Type({"type": "boolean"}, "true or false", _truth),
    "path": Type({"type": "string", "format": "path"}, "a path", _text),
    "any": Type({}, "anything", lambda value: value),
}


def _word_type(word: str) -> Type:
    if word.endswith("?"):
        return _optional(_word_type(word[:-1]))
    if word in _PLAIN:
        return _PLAIN[word]
    if "|" in word:
        return _choice(word)
    close = get_close_matches(word, _PLAIN, n=1)
    hint = f"did you mean {close[0]}?" if close else f'types are {", ".join(_PLAIN)}, [T], {{key: T}}, T? and "a|b"'
    raise BadType(f"{word!r} is no type; {hint}")


def _choice(word: str) -> Type:
    options = [option.strip() for option in word.split("|")]
    if not _CHOICE.fullmatch(word) or not all(options):
        raise BadType(f'{word!r} is no choice; write the texts between bars: "yes|no"')
    if set(options) <= set(_PLAIN):
        raise BadType(f"{word!r} reads like a choice of types, but a choice is one of texts; use `any` or one type")

    def check(value: Any) -> Any:
        if value not in options or not isinstance(value, str):
            raise Mismatch(f"expected one of {', '.join(options)}, got {_shown(value)}")
        return value

    return Type({"type": "string", "enum": options}, f"one of {', '.join(options)}", check)


def _optional(kind: Type) -> Type:
    schema = {"anyOf": [dict(kind.schema), {"type": "null"}]} if kind.schema else {}
    return replace(kind, schema=schema, optional=True)


def _list_of(kind: Type) -> Type:
    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise Mismatch(f"expected a list, got {_shown(value)}")
        return [_inside(kind, index, item) for index, item in enumerate(value)]

    return Type({"type": "array", "items": dict(kind.schema)}, f"a list ({kind.word} each)", check)


def _object_of(fields: Fields) -> Type:
    return Type(fields.schema, "an object", fields.check)


def _long_type(data: Mapping[Any, Any]) -> Type:
    for key in data:
        if key not in _LONG:
            raise BadType(f"{key!r} says nothing about a type; known: {', '.join(_LONG)}", (key,))
    if "type" in data and "schema" in data:
        raise BadType("a type has either `type` or `schema`", ("schema",))
    kind = _schema_type(data["schema"]) if "schema" in data else _nested(data["type"], "type")
    if "pattern" in data:
        kind = _patterned(kind, data["pattern"])
    if "description" in data:
        kind = replace(kind, schema={**kind.schema, "description": _described(data["description"])})
    if "default" in data:
        kind = _defaulted(kind, data["default"])
    return kind


def _patterned(kind: Type, pattern: object) -> Type:
    if kind.schema.get("type") != "string" or not isinstance(pattern, str):
        raise BadType("a pattern is a text, and only for the types str and path", ("pattern",))
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise BadType(f"the pattern is no regular expression: {error}", ("pattern",)) from error

    def check(value: Any) -> Any:
        if not compiled.search(kind.check_value(value)):
            raise Mismatch(f"{_shown(value)} does not match the pattern {pattern}")
        return value

    return replace(kind, schema={**kind.schema, "pattern": pattern}, check_value=check)


def _described(description: object) -> str:
    if not isinstance(description, str):
        raise BadType("a description is a text", ("description",))
    return description


def _defaulted(kind: Type, default: Any) -> Type:
    try:
        checked = kind.check(default)
    except Mismatch as mismatch:
        raise BadType(f"the default does not fit: {mismatch}", ("default",)) from mismatch
    return replace(kind, schema={**kind.schema, "default": default}, default=checked)


def _schema_type(schema: object) -> Type:
    """A type in JSON Schema; references are refused, so that nothing is ever fetched."""
    if not isinstance(schema, Mapping):
        raise BadType("a schema is a mapping", ("schema",))
    if "$ref" in json.dumps(schema):
        raise BadType("a schema here holds no $ref", ("schema",))
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


def _nested(data: object, key: str | int) -> Type:
    try:
        return parse_type(data)
    except BadType as bad:
        raise BadType(bad.what, (key, *bad.at)) from bad


def _inside(kind: Type, key: str | int, value: Any) -> Any:
    try:
        return kind.check(value)
    except Mismatch as mismatch:
        raise mismatch.inside(key) from mismatch


def _path(at: tuple[str | int, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return text.removeprefix(".")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004 - one line of a terminal


def _validate(data: object) -> Fields:
    try:
        return parse_fields(data)
    except BadType as bad:
        code = "type"
        raise PydanticCustomError(code, "{what}", {"what": bad.what, "at": list(bad.at)}) from bad
