"""The types that files name: what each takes, what it says of the rest, and what is no type."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from runner.spec import Spec
from runner.spec.types import BadType, Fields, Mismatch, parse_fields, parse_type


class Holder(Spec):
    """A file with fields."""

    params: Fields


@pytest.mark.parametrize(
    "data, value, kept",
    [
        ("str", "a", "a"),
        ("int", 3, 3),
        ("int", 3.0, 3),
        ("float", 1, 1),
        ("bool", True, True),
        ("path", "src/a.py", "src/a.py"),
        ("any", {"a": [1]}, {"a": [1]}),
        ("str?", None, None),
        (["int"], [1, 2.0], [1, 2]),
        ({"a": "str", "b": "int?"}, {"a": "x"}, {"a": "x", "b": None}),
        ("yes|no", "no", "no"),
        ("yes|no?", None, None),
        ({"type": "str", "pattern": "^x"}, "xy", "xy"),
        ({"type": "str?", "pattern": "^x"}, None, None),
        ({"schema": {"type": "integer", "minimum": 3}}, 5, 5),
    ],
)
def test_a_value_of_the_type_is_taken(data: Any, value: Any, kept: Any) -> None:
    """What fits is given back, whole numbers as int and missing optional fields as null."""
    checked = parse_type(data).check(value)
    assert checked == kept
    assert type(checked) is type(kept)


@pytest.mark.parametrize(
    "data, value, said",
    [
        ("str", 3, "expected a text, got 3"),
        ("str", None, "expected a text, got null"),
        ("int", True, "expected a whole number, got true"),
        ("int", 3.5, "expected a whole number, got 3.5"),
        ("int", "3", 'expected a whole number, got "3"'),
        ("float", False, "expected a number, got false"),
        ("float", float("nan"), "expected a number, got NaN"),
        ("float", float("inf"), "expected a number, got Infinity"),
        ("bool", "yes", 'expected true or false, got "yes"'),
        (["int"], [1, "x"], '[1]: expected a whole number, got "x"'),
        ([["int"]], [[1], [2, None]], "[1][1]: expected a whole number, got null"),
        (["int"], "x", 'expected a list, got "x"'),
        ({"a": {"b": "int"}}, {"a": {"b": "x"}}, 'a.b: expected a whole number, got "x"'),
        ("yes|no", "maybe", 'expected one of yes, no, got "maybe"'),
        ({"type": "str", "pattern": "^x"}, "y", '"y" does not match the pattern ^x'),
        ({"type": "str?", "pattern": "^x"}, "y", '"y" does not match the pattern ^x'),
        ({"schema": {"type": "array", "items": {"minimum": 3}}}, [5, 2], "[1]: 2 is less than the minimum of 3"),
        ("str", ["a" * 200], f'expected a text, got ["{"a" * 75}…'),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(data: Any, value: Any, said: str) -> None:
    """The message says where inside the value, what was expected and what was found."""
    with pytest.raises(Mismatch) as refused:
        parse_type(data).check(value)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "data, said, at",
    [
        ("string", "'string' is no type; did you mean str?", ()),
        ("Number", "'Number' is no type; did you mean float?", ()),
        ("lst", "'lst' is no type; did you mean [str]?", ()),
        (
            "zebra",
            "'zebra' is no type; types are str, int, float, bool, path, any, [T], {key: T}, T? and \"a|b\"",
            (),
        ),
        ("[str]", "'[str]' is a text here; leave out the quotes", ()),
        ("str??", "'str??' is optional twice; write one ?", ()),
        ("str|int", "'str|int' reads like a choice of types, but a choice is one of texts; use `any` or one type", ()),
        ("yes|", "'yes|' is no choice; write the texts between bars: \"yes|no\"", ()),
        ("yes|no|yes", "'yes|no|yes' gives one text twice; write each once", ()),
        (None, 'null is no type; types are str, int, float, bool, path, any, [T], {key: T}, T? and "a|b"', ()),
        ([], "a list type holds exactly one type: [str]", ()),
        (["str", "int"], "a list type holds exactly one type: [str]", ()),
        ({"A": "str"}, "'A' is no field name; use small letters, digits and _, beginning with a letter", ("A",)),
        ({"a": [{"b": "strr"}]}, "'strr' is no type; did you mean str?", ("a", 0, "b")),
        (
            {"type": "str", "odd": 3},
            "'odd' says nothing about a type; known: type, schema, default, pattern, description",
            ("odd",),
        ),
        ({"type": "int", "default": "x"}, 'the default does not fit: expected a whole number, got "x"', ("default",)),
        ({"type": "int", "pattern": "x"}, "a pattern is a text, and only for the types str and path", ("pattern",)),
        (
            {"type": "str", "pattern": "["},
            "the pattern is no regular expression: unterminated character set at position 0",
            ("pattern",),
        ),
        ({"type": "str", "description": 3}, "a description is a text", ("description",)),
        ({"type": "str", "schema": {}}, "a type has either `type` or `schema`", ("schema",)),
        ({"schema": 5}, "a schema is a mapping", ("schema",)),
        (
            {"schema": {"properties": {"a": {"type": "text"}}}},
            "it is no JSON Schema: 'text' is not valid under any of the given schemas",
            ("schema", "properties", "a", "type"),
        ),
        (
            {"schema": {"$ref": "http://127.0.0.1:9/"}},
            "a schema here refers to no other: it holds no $ref",
            ("schema",),
        ),
        (
            {"schema": {"$dynamicRef": "http://127.0.0.1:9/"}},
            "a schema here refers to no other: it holds no $ref",
            ("schema",),
        ),
    ],
)
def test_what_is_no_type_is_refused_with_its_place(data: Any, said: str, at: tuple[str | int, ...]) -> None:
    """The words say what to write instead, the place leads to the part of the file that is wrong."""
    with pytest.raises(BadType) as refused:
        parse_type(data)
    assert (str(refused.value), refused.value.at) == (said, at)


@pytest.mark.parametrize(
    "data, schema",
    [
        ("path", {"type": "string", "format": "path"}),
        ("int?", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (["any"], {"type": "array", "items": {}}),
        (
            {"type": "int", "default": 3, "description": "How many."},
            {"type": "integer", "default": 3, "description": "How many."},
        ),
        ({"type": "str?", "pattern": "^x"}, {"anyOf": [{"type": "string", "pattern": "^x"}, {"type": "null"}]}),
        (
            {"a": "str", "b": "int?", "c": {"type": "bool", "default": True}},
            {
                "type": "object",
                "required": ["a"],
                "additionalProperties": False,
                "properties": {
                    "a": {"type": "string"},
                    "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "c": {"type": "boolean", "default": True},
                },
            },
        ),
    ],
)
def test_a_type_says_its_json_schema(data: Any, schema: Any) -> None:
    """Models are told types as JSON Schema."""
    assert parse_type(data).schema == schema


@pytest.mark.parametrize(
    "data, text, value",
    [
        ("str", "3", "3"),
        ("str?", "3", "3"),
        ("path", "3", "3"),
        ("yes|3?", "3", "3"),
        ("any", "3", "3"),
        ("int", "3", 3),
        ("int?", "3", 3),
        ("int?", "null", None),
        ("float", "1e3", 1000.0),
        ("bool", "true", True),
        (["str"], "a, b", ["a", "b"]),
        (["str"], '["a"]', ["a"]),
        (["str"], "", []),
        (["int"], "1,2", [1, 2]),
        (["int"], "[1,2]", [1, 2]),
        ({"a": "int"}, '{"a": 1}', {"a": 1}),
    ],
)
def test_the_words_of_a_command_line_become_values(data: Any, text: str, value: Any) -> None:
    """Texts stand as they are; all else is JSON, lists also with commas."""
    assert parse_type(data).from_text(text) == value


@pytest.mark.parametrize(
    "data, text, said",
    [
        ("int", "x", 'expected a whole number, got "x"'),
        ("bool", "yes", 'expected true or false, got "yes"'),
        ("float", "NaN", "expected a number, got NaN"),
        (["int"], "1,x", '[1]: expected a whole number, got "x"'),
        ({"a": "int"}, "a=1", 'expected an object with a, got "a=1"'),
    ],
)
def test_words_that_stand_for_no_value_are_refused(data: Any, text: str, said: str) -> None:
    """What cannot be read is shown as it was typed."""
    with pytest.raises(Mismatch) as refused:
        parse_type(data).from_text(text)
    assert str(refused.value) == said


def test_all_faults_of_an_object_are_told_at_once() -> None:
    """Unknown, missing and wrong fields together, with the name that may be meant."""
    fields = parse_fields({"name": "str", "count": {"type": "int", "default": 1}, "tags": ["str"]})
    with pytest.raises(Mismatch) as refused:
        fields.check({"nmae": "a", "count": "x", "tags": ["a", 2]})
    assert str(refused.value).split("; ") == [
        "nmae: there is no such field",
        "did you mean name?",
        "name: is missing",
        'count: expected a whole number, got "x"',
        "tags[1]: expected a text, got 2",
    ]


def test_a_default_is_everyones_own() -> None:
    """Whoever changes a list that came from a default changes no other's."""
    fields = parse_fields({"names": {"type": ["str"], "default": ["a"]}})
    fields.check({})["names"].append("b")
    assert fields.check({}) == {"names": ["a"]}


def test_texts_are_read_by_name() -> None:
    """A fault names its field; names that are not known are left to the check."""
    fields = parse_fields({"count": "int"})
    assert fields.from_texts({"count": "3", "other": "x"}) == {"count": 3, "other": "x"}
    with pytest.raises(Mismatch, match=r"^count: expected a whole number"):
        fields.from_texts({"count": "x"})


def test_extension_keys_are_passed_over() -> None:
    """`x-…` is a home for anchors, also among fields and in long forms."""
    fields = parse_fields({"x-usual": {"type": "int"}, "a": {"type": "str", "x-why": "because"}})
    assert list(fields.types) == ["a"]


def test_a_spec_holds_fields_and_leads_to_what_is_wrong_in_them() -> None:
    """The error's `at` is the way from the field to the fault."""
    assert Holder.model_validate({"params": {"a": "str"}}).params.check({"a": "x"}) == {"a": "x"}
    with pytest.raises(ValidationError) as refused:
        Holder.model_validate({"params": {"a": [{"b": "strr"}]}})
    assert refused.value.errors()[0]["ctx"]["at"] == ["a", 0, "b"]
