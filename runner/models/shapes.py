"""How an answer is held to a schema: in which of the four ways, and what strict servers take of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.models.port import Request, Shape
    from runner.models.profile import Profile

ANSWER = "answer"
"""The name under which a schema is sent: of a format, or of the tool that a model is made to call."""
LADDER: tuple[Shape, ...] = ("native", "tool", "json", "prompt")
"""From the strongest way to the weakest."""
_KNOWN = {"type", "properties", "required", "items", "enum", "const", "anyOf", "description", "title"}
_BOUNDS = {"default", "examples", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_BOUNDS |= {"multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "additionalProperties"}


def way_of(request: Request, profile: Profile) -> Shape | None:
    """How this request's answer is held to its schema: the weaker of what is asked for and what the server can.

    None without a schema. Where a schema must not stand beside tools the prompt alone says it.
    """
    if request.schema is None:
        return None
    if request.tools and not profile.shape_with_tools:
        return "prompt"
    return max(request.shape, profile.shape, key=LADDER.index)


def strict(schema: Mapping[str, Any], *, all_required: bool) -> dict[str, Any] | None:
    """The schema as servers take it that hold an answer to every word of it; None when it cannot be put so.

    Their objects are closed, and bounds of values are only described: those are checked when the answer is here. For
    some, an object must require all its fields (`all_required`); one that may be left out is then given as null.
    """
    if not {"type", "anyOf"} & set(schema) or not set(schema) <= _KNOWN | _BOUNDS:
        return None
    put = {key: value for key, value in schema.items() if key in _KNOWN}
    if bounds := [f"{key}: {value}" for key, value in schema.items() if key in _BOUNDS - {"additionalProperties"}]:
        put["description"] = " ".join([*([put["description"]] if "description" in put else []), *bounds])
    try:
        return _strict_parts(put, schema, all_required=all_required)
    except _NotStrict:
        return None


class _NotStrict(Exception):
    """A part of the schema cannot be put strictly."""


def _strict_parts(put: dict[str, Any], schema: Mapping[str, Any], *, all_required: bool) -> dict[str, Any]:
    def part(inner: Any) -> dict[str, Any]:
        found = strict(inner, all_required=all_required) if isinstance(inner, dict) else None
        if found is None:
            raise _NotStrict
        return found

    if "anyOf" in put:
        put["anyOf"] = [part(inner) for inner in put["anyOf"]]
    if _is(schema, "array"):
        put["items"] = part(schema.get("items"))
    if _is(schema, "object"):
        properties = schema.get("properties")
        if not properties or schema.get("additionalProperties"):
            raise _NotStrict  # any key may come: nothing to be strict about
        if all_required:
            left_out = set(properties) - set(schema.get("required", ()))
            if not all(_may_be_null(properties[name]) for name in left_out):
                raise _NotStrict
            put["required"] = list(properties)
        put["properties"] = {name: part(inner) for name, inner in properties.items()}
        put["additionalProperties"] = False
    return put


def _may_be_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    return _is(schema, "null") or any(_may_be_null(inner) for inner in schema.get("anyOf", ()))


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    said = schema.get("type")
    return kind in said if isinstance(said, list) else said == kind
