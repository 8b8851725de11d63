"""What other languages write for types is told the form it has here."""

from __future__ import annotations

from typing import Any

import pytest

from runner.spec.types import BadType, parse_fields


def said(data: Any) -> str:
    """What is said of fields that are none."""
    with pytest.raises(BadType) as caught:
        parse_fields(data)
    return caught.value.what


def test_a_json_schema_is_told_as_fields_that_can_be_read() -> None:
    """What it does not require may be left out."""
    properties = {
        "path": {"type": "string"},
        "lines": {"type": "integer"},
        "names": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object"},
    }
    what = said({"type": "object", "properties": properties, "required": ["path"]})
    assert what.endswith("write {path: str, lines: int?, names: {type: [str], default: []}, more: any?}")
    parse_fields({"path": "str", "lines": "int?", "names": {"type": ["str"], "default": []}, "more": "any?"})


@pytest.mark.parametrize(
    "key, value, hint",
    [
        ("optional", True, "`str?`"),
        ("required", True, "neither ?"),
        ("desc", "x", "write `description: …`"),
        ("enum", ["a", "b"], 'write a choice as the type: "a|b"'),
        ("choices", None, 'write a choice: `"a|b"`'),
        ("maximum", 3, "{schema: {type: integer, minimum: 0, maximum: 9}}"),
        ("regex", "x", "write `pattern: …`"),
        ("defualt", 3, "did you mean default?"),
        ("zzz", 3, "known: type, schema, default, pattern, description"),
    ],
)
def test_a_key_beside_a_type_is_told_what_it_is_here(key: str, value: Any, hint: str) -> None:
    """By its meaning, its likeness, or all that there are."""
    assert hint in said({"x": {"type": "str", key: value}})


def test_a_word_in_place_of_fields_is_told_their_form() -> None:
    """As for an output that is to be JSON."""
    assert "write {NAME: str, NAME: int}" in said("json")
    assert said(["a", "b"]).endswith("write {a: str, b: str}")
    assert said([{"a": "str"}]).endswith("write each name without the - before it")
