"""What is filled in once all definitions are there: the language of types, tools in packs, phases by their keys."""

from __future__ import annotations

import re
from typing import Any

from runner.project.schema.choices import by_key
from runner.spec import FIELD, NAME
from runner.spec.plain import PLAIN
from runner.tools import KINDS, spec_of

Schema = dict[str, Any]
_EXAMPLES = ["str", "int?", "low|high"]
_WORD = rf"^({'|'.join(PLAIN)}|[^|]+(\|[^|]+)+)\??$"
_SAYS = "Types are str, int, float, bool, path, any, [T], {key: T}, T? for optional, and a|b for a choice."
_OWN = {"^x-": {"description": "Keys that begin with x- are yours."}}

TYPES: dict[str, Schema] = {
    "Fields": {
        "description": "Names, and a type each.",
        "type": "object",
        "patternProperties": {FIELD: {"$ref": "#/$defs/Type"}, **_OWN},
        "additionalProperties": False,
    },
    "Type": {
        "description": _SAYS,
        "if": {"type": "object"},
        "then": {
            "if": {"anyOf": [{"required": ["type"]}, {"required": ["schema"]}]},
            "then": {"$ref": "#/$defs/LongType"},
            "else": {"$ref": "#/$defs/Fields"},
        },
        "else": {
            "type": ["string", "array"],
            "pattern": _WORD,
            "patternErrorMessage": _SAYS,
            "examples": _EXAMPLES,
            "items": {"$ref": "#/$defs/Type"},
            "minItems": 1,
            "maxItems": 1,
        },
    },
    "LongType": {
        "description": "A type with more to say.",
        "type": "object",
        "properties": {
            "type": {"$ref": "#/$defs/Type"},
            "schema": {"type": "object", "description": "A JSON Schema, in place of `type`; it holds no $ref."},
            "default": {"description": "The value that stands for a missing one."},
            "pattern": {
                "type": "string",
                "format": "regex",
                "description": "A regular expression that its texts match somewhere; for str and path only.",
            },
            "description": {"type": "string", "description": "A sentence about it, which models read."},
        },
        "oneOf": [{"required": ["type"]}, {"required": ["schema"]}],
        "patternProperties": _OWN,
        "additionalProperties": False,
    },
}
"""The language of types (`runner.spec.types`) as definitions."""


def fill(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions with all places filled in, and those of types."""
    if "PackSpec" in definitions:
        tools = {kind: {"$ref": f"#/$defs/{spec_of(kind).__name__}"} for kind in KINDS}
        definitions["PackSpec"]["properties"]["tools"]["patternProperties"][NAME] = {"$kinds": tools}
    if "ForeachPhase" in definitions:
        definitions |= _foreach(definitions)
    filled = {name: _filled(made, definitions) for name, made in definitions.items()} | TYPES
    return {name: {"title": _title(name)} | made for name, made in filled.items()}


def _title(name: str) -> str:
    """What an editor calls a definition: `tool phase`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _foreach(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """A `foreach` of each kind: the body's keys stand beside its own."""
    spec = definitions["ForeachPhase"]
    own = {key: value for key, value in spec["properties"].items() if key != "body"}
    made: dict[str, Schema] = {}
    kinds: dict[str, Schema] = {}
    for kind, reference in spec["properties"]["body"]["$kinds"].items():
        body, name = definitions[reference["$ref"].rpartition("/")[2]], f"Foreach{kind.capitalize()}"
        required = ["foreach", *body.get("required", ())]
        made[name] = body | {"properties": own | body["properties"], "required": required}
        kinds[kind] = {"$ref": f"#/$defs/{name}"}
    about = {"description": spec["description"], "type": "object", "properties": own, "required": ["foreach"]}
    return made | {"ForeachPhase": about | {"$kinds": kinds}}


def _filled(node: Any, definitions: dict[str, Schema]) -> Any:
    if isinstance(node, list):
        return [_filled(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {key: _filled(value, definitions) for key, value in node.items() if key != "$kinds"}
    if isinstance(node.get("$kinds"), dict):
        return rest | by_key(node["$kinds"], {kind: _about(ref, definitions) for kind, ref in node["$kinds"].items()})
    if node.get("format") == "fields":
        return {key: value for key, value in rest.items() if key != "format"} | {"$ref": "#/$defs/Fields"}
    return _passed_on(rest, rest["description"]) if isinstance(rest.get("description"), str) else rest


def _passed_on(node: Schema, description: str) -> Schema:
    """A choice whose members have the sentence of its field: editors show the innermost one."""
    if "$ref" in node:
        return {"description": description} | node
    ways: Schema = {key: _passed_on(node[key], description) for key in ("then", "else") if key in node}
    if "anyOf" in node:
        ways["anyOf"] = [_passed_on(member, description) for member in node["anyOf"]]
    return node | ways


def _about(reference: Schema, definitions: dict[str, Schema]) -> Schema:
    return {"description": definitions[reference["$ref"].rpartition("/")[2]]["description"]}
