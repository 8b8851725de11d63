"""The types that YAML names: `str`, `[int]`, `{key: T}`, `T?`, `"a|b"`, and long forms with default and pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from runner.spec import FIELD, other_types
from runner.spec.long import defaulted, described, of_schema, patterned
from runner.spec.plain import MISSING, PLAIN, BadType, Type, optional
from runner.spec.values import Mismatch, shown
from runner.spec.words import did_you_mean, nearest

__all__ = ["MISSING", "BadType", "Fields", "Mismatch", "Type", "parse_fields", "parse_type"]

_LONG = ("type", "schema", "default", "pattern", "description")
_FIELD = re.compile(FIELD)
_CHOICE = re.compile(r"[^|]+(\|[^|]+)+")


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
        """What editors are told; the schema of a file puts the language of types in its place."""
        return {"format": "fields"}

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an object with these fields."""
        return {
            "type": "object",
            "properties": {name: dict(kind.schema) for name, kind in self.types.items()},
            "required": [name for name, kind in self.types.items() if kind.required],
            "additionalProperties": False,
        }

    @property
    def for_text(self) -> list[str]:
        """Who a bare text may be for: `text`, or all texts that must be given; with one name it is clear."""
        if "text" in self.types:
            return ["text"]
        return [name for name, kind in self.types.items() if kind.required and kind.word == "a text"]

    def check(self, values: object) -> dict[str, Any]:
        """The values with defaults filled in; raises a `ValueError` that names every fault."""
        if not isinstance(values, Mapping):
            raise Mismatch(f"expected an object with {', '.join(self.types) or 'no fields'}, got {shown(values)}")
        faults, checked = [self._unknown(name) for name in values if name not in self.types], {}
        for name, kind in self.types.items():
            try:
                checked[name] = self._value(name, kind, values)
            except Mismatch as mismatch:
                faults.append(mismatch)
        if faults:
            raise faults[0] if len(faults) == 1 else Mismatch("; ".join(map(str, faults)))
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
            return None if kind.default is MISSING else deepcopy(kind.default)  # a run may change its own
        try:
            return kind.check(values[name])
        except Mismatch as mismatch:
            raise mismatch.inside(name) from mismatch

    def _unknown(self, name: object) -> Mismatch:
        known = did_you_mean(str(name), self.types) or f"known: {', '.join(self.types) or 'none'}"
        return Mismatch(f"there is no such field; {known}", (str(name),))


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
    raise BadType(f'{shown(data)} is no type; types are {", ".join(PLAIN)}, [T], {{key: T}}, T? and "a|b"')


def parse_fields(data: object) -> Fields:
    """The named types of a mapping; raises `BadType`."""
    if isinstance(data, Fields):
        return data
    if not isinstance(data, Mapping):
        raise BadType(f"expected a mapping of names and types, got {other_types.in_place_of_fields(data)}")
    if schema := other_types.of_schema(data):
        raise BadType(f"this is a JSON Schema; write {schema}")
    named = _without_extensions(data)
    types: dict[str, Type] = {}
    faults: list[BadType] = []
    for name, kind in named.items():
        try:
            field = _field_name(name, kind)
            types[field] = _nested(kind, name)
        except BadType as bad:
            faults += (bad, *bad.others)
    if faults:
        raise BadType(faults[0].what, faults[0].at, tuple(faults[1:]))
    return Fields(types)


def _field_name(name: Any, kind: object) -> str:
    if not isinstance(name, str) or not _FIELD.fullmatch(name):
        hint = "use small letters, digits and _, beginning with a letter"
        if isinstance(name, str) and _FIELD.fullmatch(name.removesuffix("?")):
            hint = other_types.of_optional(name.removesuffix("?"), kind, PLAIN)
        raise BadType(f"{name!r} is no field name; {hint}", (name,))
    return name


def _word_type(word: str) -> Type:
    if word.endswith("?"):
        if word.endswith("??"):
            raise BadType(f"{word!r} is optional twice; write one ?")
        return optional(_word_type(word[:-1]))
    if word in PLAIN:
        return PLAIN[word]
    meant = other_types.of_word(word, PLAIN)
    if "|" in word and not meant:
        return _choice(word)
    if word[:1] in ("[", "{"):
        raise BadType(f"{word!r} is a text here; leave out the quotes")
    raise BadType(f"{word!r} is no type; {meant or _nearest_type(word)}")


def _nearest_type(word: str) -> str:
    near = nearest(word, [*PLAIN, *other_types.WORDS])
    known = f'types are {", ".join(PLAIN)}, [T], {{key: T}}, T? and "a|b"'
    return f"did you mean {other_types.WORDS.get(near, near)}?" if near else known


def _choice(word: str) -> Type:
    options = [option.strip() for option in word.split("|")]
    if not _CHOICE.fullmatch(word) or not all(options):
        raise BadType(f'{word!r} is no choice; write the texts between bars: "yes|no"')
    if len(set(options)) < len(options):
        raise BadType(f"{word!r} gives one text twice; write each once")
    if set(options) <= set(PLAIN):
        raise BadType(f"{word!r} reads like a choice of types, but a choice is one of texts; use `any` or one type")

    def check(value: Any) -> Any:
        if value not in options or not isinstance(value, str):
            raise Mismatch(f"expected one of {', '.join(options)}, got {shown(value)}")
        return value

    return Type({"type": "string", "enum": options}, f"one of {', '.join(options)}", check)


def _list_of(kind: Type) -> Type:
    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise Mismatch(f"expected a list, got {shown(value)}")
        return [_inside(kind, index, item) for index, item in enumerate(value)]

    return Type({"type": "array", "items": dict(kind.schema)}, f"a list ({kind.word} each)", check)


def _object_of(fields: Fields) -> Type:
    return Type(fields.schema, "an object", fields.check)


def _long_type(data: Mapping[Any, Any]) -> Type:
    for key in _without_extensions(data):
        if key not in _LONG:
            hint = other_types.of_long(key, data[key]) or did_you_mean(str(key), _LONG) or f"known: {', '.join(_LONG)}"
            raise BadType(f"{key!r} says nothing about a type; {hint}", (key,))
    if "type" in data and "schema" in data:
        raise BadType("a type has either `type` or `schema`", ("schema",))
    kind = of_schema(data["schema"]) if "schema" in data else _nested(data["type"], "type")
    if "pattern" in data:
        kind = patterned(kind, data["pattern"])
    if "description" in data:
        kind = described(kind, data["description"])
    if "default" in data:
        kind = defaulted(kind, data["default"])
    return kind


def _without_extensions(data: Mapping[Any, Any]) -> dict[Any, Any]:
    """A mapping without its `x-…` keys, which are for whoever wrote them."""
    return {key: value for key, value in data.items() if not (isinstance(key, str) and key.startswith("x-"))}


def _nested(data: object, key: str | int) -> Type:
    try:
        return parse_type(data)
    except BadType as bad:
        others = tuple(BadType(other.what, (key, *other.at)) for other in bad.others)
        raise BadType(bad.what, (key, *bad.at), others) from bad


def _inside(kind: Type, key: str | int, value: Any) -> Any:
    try:
        return kind.check(value)
    except Mismatch as mismatch:
        raise mismatch.inside(key) from mismatch


def _validate(data: object) -> Fields:
    try:
        return parse_fields(data)
    except BadType as bad:
        code = "type"
        others = [(other.what, list(other.at)) for other in bad.others]
        raise PydanticCustomError(code, "{what}", {"what": bad.what, "at": list(bad.at), "others": others}) from bad
