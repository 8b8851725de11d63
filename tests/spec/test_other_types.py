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


@pytest.mark.parametrize(
    "word, written",
    [
        ("str[]", "[str]"),
        ("string[]", "[str]"),
        ("list[str]", "[str]"),
        ("List of strings", "[str]"),
        ("array<int>", "[int]"),
        ("Optional[str]", "str?"),
        ("str | null", "str?"),
        ("int|None", "int?"),
        ("str = a", "{type: str, default: a}"),
        ("int (default 3)", "{type: int, default: 3}"),
        ("one of yes, no", '"yes|no"'),
        ("red/green/blue", '"red|green|blue"'),
        ("yes or no", '"yes|no"'),
    ],
)
def test_a_type_in_the_form_of_another_language_is_written_out(word: str, written: str) -> None:
    """The hint is what to type."""
    assert f"write {written}" in said({"name": word})


@pytest.mark.parametrize("word", ["any|none", "file|null", "a/b|c", "red|green or blue"])
def test_a_choice_whose_words_look_like_other_forms_stays_a_choice(word: str) -> None:
    """Only a type and null are no choice."""
    assert parse_fields({"name": word}).types["name"].schema["enum"] == word.split("|")


@pytest.mark.parametrize(
    "kind, hint",
    [
        ("str", "write `cause: str?`"),
        ("str?", "write `cause: str?`"),
        ("string", "write `cause: str?`"),
        ("yes|no", "write `cause: yes|no?`"),
        (["str"], "write `cause: {type: [str], default: []}`"),
        ({"type": "int", "pattern": "x"}, "write `cause` without it, and `type: int?`"),
        ({"type": "int", "default": 1}, "write `cause` without the ?"),
        ({"a": "str"}, "put ? behind the types inside, such as str?"),
    ],
)
def test_a_field_with_a_question_mark_is_told_where_the_mark_stands(kind: Any, hint: str) -> None:
    """Elsewhere it stands behind the name."""
    assert said({"cause?": kind}).startswith("'cause?' is no field name; ")
    assert said({"cause?": kind}).endswith(hint)
