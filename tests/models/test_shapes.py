"""Ways to hold an answer to a schema, and what strict servers take of one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.models.profile import Profile
from runner.models.shapes import strict, way_of
from runner.spec.types import parse_fields

if TYPE_CHECKING:
    from runner.models.port import Request, Shape, ToolDef

WORD = {"type": "string"}


def closed(**properties: Any) -> dict[str, Any]:
    """A closed object that requires all its fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "asked,can,way",
    [
        ("native", "native", "native"),
        ("native", "tool", "tool"),
        ("json", "tool", "json"),
        ("tool", "prompt", "prompt"),
    ],
)
def test_the_weaker_of_wish_and_ability_is_taken(a_request: Request, asked: Shape, can: Shape, way: Shape) -> None:
    """Nobody is asked for more than they can."""
    request = replace(a_request, schema=WORD, shape=asked)
    assert way_of(request, Profile(shape=can)) == way


def test_beside_tools_the_prompt_alone_says_it_where_both_do_not_work(a_request: Request, a_tool: ToolDef) -> None:
    """Elsewise the model would answer and never call."""
    request = replace(a_request, schema=WORD, tools=[a_tool])
    assert way_of(request, Profile()) == "prompt"
    assert way_of(request, Profile(shape_with_tools=True)) == "native"


def test_without_a_schema_there_is_no_way(a_request: Request) -> None:
    """Free text is free."""
    assert way_of(a_request, Profile()) is None


def test_the_schemas_of_our_own_types_are_strict() -> None:
    """Bounds are described, optional fields may be null."""
    fields = parse_fields(
        {
            "answer": {"type": "str", "pattern": "^a", "description": "Why."},
            "why": "str?",
            "places": [{"line": "int", "kind": "a|b"}],
        }
    )
    held = closed(
        answer={**WORD, "description": "Why. pattern: ^a"},
        why={"anyOf": [WORD, {"type": "null"}]},
        places={
            "type": "array",
            "items": closed(line={"type": "integer"}, kind={"type": "string", "enum": ["a", "b"]}),
        },
    )
    assert strict(fields.schema, all_required=True) == held
    assert strict(fields.schema, all_required=False) == {**held, "required": ["answer", "places"]}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": WORD},
        closed(a={}),
        closed(a={"type": "array"}),
        closed(a={"anyOf": [WORD, {"$ref": "#"}]}),
        {"oneOf": [WORD]},
        closed(a=True),
        closed(a={"description": "Anything."}),
    ],
)
def test_what_leaves_anything_open_is_not_strict(schema: dict[str, Any]) -> None:
    """No server would hold an answer to it."""
    assert strict(schema, all_required=False) is None


def test_a_field_that_may_be_left_out_and_not_be_null_is_not_strict_for_all_servers() -> None:
    """Its default could not be told from a value."""
    schema = {**closed(a=WORD), "required": []}
    assert strict(schema, all_required=True) is None
    assert strict(schema, all_required=False) == schema
