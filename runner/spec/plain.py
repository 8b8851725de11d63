"""A type, and those that have a word of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from runner.spec import values

MISSING: Final = object()
"""No default: the value must be given."""


@dataclass(frozen=True)
class Type:
    """A type of a file: its JSON Schema, whether null is allowed, its default, and what checks a value."""

    schema: Mapping[str, Any]
    word: str
    """The type in words: `a text`."""
    check_value: Callable[[Any], Any]
    """The value, or `values.Mismatch`."""
    optional: bool = False
    default: Any = MISSING

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is MISSING and not self.optional

    @property
    def bare(self) -> Mapping[str, Any]:
        """The schema of its values besides null."""
        found: Mapping[str, Any] = self.schema["anyOf"][0] if self.optional and self.schema else self.schema
        return found

    def check(self, value: Any) -> Any:
        """The value with its defaults filled in; raises `values.Mismatch` saying where and what."""
        return None if value is None and self.optional else self.check_value(value)

    def from_text(self, text: str) -> Any:
        """The value that a command line's word stands for; raises `values.Mismatch`."""
        schema = self.bare
        if not schema or schema.get("type") == "string":
            return self.check(text)
        item = schema.get("items", {}).get("type") if schema.get("type") == "array" else None
        return self.check(values.read_words(text, item=item))


class BadType(ValueError):
    """What a file gives as a type is none; `at` leads to the part that is wrong."""

    def __init__(self, what: str, at: tuple[str | int, ...] = (), others: tuple[BadType, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.others = others
        """What else is wrong in the same mapping."""


PLAIN = {
    "str": Type({"type": "string"}, "a text", values.text),
    "int": Type({"type": "integer"}, "a whole number", values.whole),
    "float": Type({"type": "number"}, "a number", values.number),
    "bool": Type({"type": "boolean"}, "true or false", values.truth),
    "path": Type({"type": "string", "format": "path"}, "a path", values.text),
    "any": Type({}, "anything", lambda value: value),
}


def optional(kind: Type) -> Type:
    """The same type, or null."""
    schema = {"anyOf": [dict(kind.schema), {"type": "null"}]} if kind.schema else {}
    return replace(kind, schema=schema, optional=True)
