"""From pydantic's fields to JSON Schema, with what our files add: `x-…` keys, durations as text, choices by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from runner.project.schema.choices import SHAPES, by_shape, by_value
from runner.spec import format_duration
from runner.tools import KINDS, spec_of

if TYPE_CHECKING:
    from pydantic_core import core_schema

Schema = dict[str, Any]
EXTENSIONS = {"^x-": {"description": "Keys that begin with x- are yours: a home for YAML anchors."}}


def generate(model: Any) -> tuple[Schema, dict[str, Schema]]:
    """What may stand where a model is read, and the definitions it refers to; those of all tools are among them."""
    adapters = {"root": TypeAdapter(model)} | {kind: TypeAdapter(spec_of(kind)) for kind in KINDS}
    inputs: Any = [(name, "validation", adapter) for name, adapter in adapters.items()]
    made, rest = TypeAdapter.json_schemas(inputs, by_alias=True, schema_generator=Generator)
    return made["root", "validation"], rest["$defs"]


class Generator(GenerateJsonSchema):
    """Pydantic's generator, told how our files are written."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """No: a key is its own title."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A mapping with known keys, and with those that begin with `x-`."""
        made = super().model_schema(schema)
        made.pop("title", None)
        return made | {"patternProperties": EXTENSIONS}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose keys have a form has no others."""
        made = super().dict_schema(schema)
        return made | {"additionalProperties": False} if "patternProperties" in made else made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Null is one more type where there is one already, so that a fault is said of the other."""
        inner = self.generate_inner(schema["schema"])
        if not isinstance(inner.get("type"), str):
            return {"anyOf": [inner, {"type": "null"}]}
        nulls = {"enum": [*inner["enum"], None]} if "enum" in inner else {}
        return inner | {"type": [inner["type"], "null"]} | nulls

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default as an author would write it; an empty one says nothing, one of a mapping stands in its fields."""
        made = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if default in (None, (), {}, "") or isinstance(default, BaseModel):
            return made
        return made | {"default": default if made.get("type") == "number" else _written(default)}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """The one member that a value is meant to be; `$kinds` is left to be filled in with all definitions at hand."""
        members = {str(tag): self.generate_inner(member) for tag, member in schema["choices"].items()}
        key = schema["discriminator"]
        if isinstance(key, str):
            return by_value(key, members)
        return by_shape(members) if members.keys() & SHAPES.keys() else {"$kinds": members}


def _written(value: Any) -> Any:
    if isinstance(value, float):
        return format_duration(value)
    if isinstance(value, tuple) and all(isinstance(end, float) for end in value):
        return "..".join(dict.fromkeys(map(format_duration, value)))
    if isinstance(value, dict):
        return {str(key): inner for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value
