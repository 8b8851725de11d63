"""Templates and expressions as their users see them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.prompts import RenderError, TemplateError, expression, template

VALUES: dict[str, Any] = {
    "inputs": {"name": "web1", "items": [1, 2], "none": None, "flag": True},
    "phases": {"spec": {"output": {"goals": ["a", "b"]}, "ok": False}},
}


@pytest.mark.parametrize(
    "source, expected",
    [
        ("{{ inputs.items }}", [1, 2]),
        ("{{ inputs.flag }}", True),
        ("{{ inputs.none }}", None),
        ("{{ inputs.items | length + 1 }}", 3),
        ("{{ inputs.items | map('string') }}", ["1", "2"]),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ (1, 'b') }}", [1, "b"]),
        ("{{ {'k': inputs.name} }}", {"k": "web1"}),
    ],
)
def test_r9_a_single_expression_keeps_its_type(source: str, expected: object) -> None:
    """What a text that is exactly one {{ }} holds is not made into text."""
    assert template(source).value(VALUES) == expected
    assert type(template(source).value(VALUES)) is type(expected)


@pytest.mark.parametrize("source", ["{{ inputs.items }} ", "{{ inputs.items }}\n", "{{ inputs.items }}{{ '' }}"])
def test_r9_anything_beside_the_expression_makes_text(source: str) -> None:
    """One character more and the value is the rendered text."""
    assert template(source).value(VALUES) == "[1, 2]" + source.partition("}}")[2].replace("{{ '' }}", "")


def test_a_text_without_marks_is_given_as_it_is() -> None:
    """Braces and percent signs alone are no template."""
    assert template("100 % {of} it\n").render({}) == "100 % {of} it\n"


def test_blocks_leave_no_lines_behind() -> None:
    """A line that holds only a tag vanishes; the last newline stays."""
    lines = ["Goals:", "{% for goal in phases.spec.output.goals %}", "  {% if loop.first %}", "- {{ goal }}"]
    source = "\n".join([*lines, "  {% endif %}", "{% endfor %}", "End", ""])
    assert template(source).render(VALUES) == "Goals:\n- a\nEnd\n"


@given(st.text())
def test_a_value_always_comes_out_literally(text: str) -> None:
    """Whatever a user, a model or a tool wrote is never read as a template."""
    assert template("<{{ text }}>").render({"text": text}) == f"<{text}>"
    assert template("{% for line in [text] %}{{ line }}{% endfor %}").render({"text": text}) == text
    assert template("{{ text }}").value({"text": text}) == text


@pytest.mark.parametrize("attack", ["{{ 7*7 }}", "{% for x in range(9) %}x{% endfor %}", "{{ secret }}", "{# gone #}"])
def test_a_template_in_a_value_stays_text(attack: str) -> None:
    """Rendered text is never rendered again, nor is what an include shows."""
    rendered = template('{% include "frame" %}', {"frame": "> {{ said }}"}).render({"said": attack, "secret": "s3"})
    assert rendered == f"> {attack}"


def test_an_item_of_a_mapping_is_never_its_method() -> None:
    """A key named like a method is the item, and without the key it is missing."""
    assert template("{{ inputs.items }}").value(VALUES) == [1, 2]
    with pytest.raises(RenderError, match="'inputs' has no item 'keys'"):
        template("{{ inputs.keys }}").render(VALUES)


@pytest.mark.parametrize(
    "source, message",
    [
        ("{{ phases.spec.gaols }}", "'phases.spec' has no item 'gaols'; it has: ok, output"),
        (
            "{{ phases.spec.output.gaols }}",
            "'phases.spec.output' has no item 'gaols'; it has: goals; did you mean goals?",
        ),
        (
            "{{ phases.spec.outptu.goals }}",
            "'phases.spec' has no item 'outptu'; it has: ok, output; did you mean output?",
        ),
        ("{{ imputs }}", "'imputs' is not defined; known here: inputs, phases; did you mean inputs?"),
        ("{{ inputs.none.x }}", "'inputs.none' is null and has no item 'x'"),
        ("{{ inputs.name.upper }}", "'inputs.name' is text and has no item 'upper'; write … | upper"),
        ("{{ inputs.items[2] }}", "'inputs.items' has 2 items, none at 2"),
        ("{{ inputs.name == null }}", "'null' is not defined; write none"),
        ("{{ [] | first }}", "there is no first item: it is empty"),
        (
            "{{ 'x' if inputs.nam }}",
            "'inputs' has no item 'nam'; it has: flag, items, name, none; did you mean name?",
        ),
        ("{{ [] | last }}", "there is no last item: it is empty"),
        ("{{ inputs.name | sum }}", "the filter 'sum' fails: 'w' is not a number"),
        ("{{ inputs.name + 1 }}", "+ adds two numbers, two texts or two lists; join pieces of text with ~"),
        ("{{ inputs.name + inputs.zzz }}", "'inputs' has no item 'zzz'; it has: flag, items, name, none"),
        ("{{ inputs.name | join(to=1) }}", "the filter 'join' fails: got an unexpected keyword argument 'to'"),
        ("{{ inputs.name | round }}", "the filter 'round' fails: type str doesn't define __round__ method"),
    ],
)
def test_a_failure_names_what_is_missing_and_what_is_there(source: str, message: str) -> None:
    """The message is all the author sees."""
    with pytest.raises(RenderError) as caught:
        template(f"first line\n{source}").render(VALUES)
    assert str(caught.value) == message
    assert caught.value.lineno == 2


@pytest.mark.parametrize(
    "source",
    [
        "inputs.nope is none",
        "not inputs.nope",
        "inputs.nope == 1",
        "inputs.nope",
        "inputs.nope | upper",
        "[inputs.nope]",
    ],
)
def test_a_missing_value_is_an_error_in_an_expression(source: str) -> None:
    """No misspelt name passes for false, none or empty."""
    with pytest.raises(RenderError, match="'inputs' has no item 'nope'"):
        expression(source).evaluate(VALUES)


def test_default_covers_every_step_of_its_path() -> None:
    """A branch that never ran may be read under `default` and `is defined`."""
    assert template("{{ phases.repair.output.text | default('none yet') }}").value(VALUES) == "none yet"
    assert expression("phases.repair.output is defined").evaluate(VALUES) is False


def test_an_inline_if_without_else_is_empty_text_and_no_expression() -> None:
    """In a text the missing half is nothing; a bare expression must say what it is."""
    assert template("a{{ ', ' if phases.spec.ok }}b").render(VALUES) == "ab"
    with pytest.raises(TemplateError, match="needs an else"):
        expression("1 if phases.spec.ok")


def test_an_expression_gives_its_value() -> None:
    """`when` and `in` are worked out on plain data."""
    assert expression("phases.spec.ok or not inputs.flag").evaluate(VALUES) is False
    assert expression("phases.spec.output.goals[1:]").evaluate(VALUES) == ["b"]


def test_the_same_text_is_read_once() -> None:
    """Templates are cached by their text and by what they include."""
    assert template("{{ a }} cached") is template("{{ a }} cached")
    assert expression("a and b") is expression("a and b")
    assert template('{% include "x" %}', {"x": "1"}) is not template('{% include "x" %}', {"x": "2"})
