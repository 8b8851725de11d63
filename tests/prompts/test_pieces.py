"""Templates with gaps: the author's text and the values apart, and the ways that lead through it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.prompts import Choice, Gap, Inserted, Loop, RenderError, Written, template

VALUES: dict[str, Any] = {"a": "x", "many": [1, "y"], "none": None, "map": {"k": 1}}


@pytest.mark.parametrize(
    "source, pieces",
    [
        ("plain", ["plain"]),
        ("{{ a }}", [Inserted("x")]),
        ("1{{ a }}{{ many }}2", ["1", Inserted("x"), Inserted([1, "y"]), "2"]),
        ("{{ a | upper }}{{ a ~ 1 }}{{ 'c' }}", [Inserted("X"), Inserted("x1"), Inserted("c")]),
        ("{% for one in many %}-{{ one }}{% endfor %}", ["-", Inserted(1), "-", Inserted("y")]),
        ("{% set b = a %}{{ b }}{% if a == 'x' %}!{% endif %}", [Inserted("x"), "!"]),
        ("{% raw %}{{ a }}{% endraw %}{# no #} {{ map.k }}", ["{{ a }}", " ", Inserted(1)]),
        ("{{ gone | default('d') }}", [Inserted("d")]),
    ],
)
def test_values_come_apart_from_the_text(source: str, pieces: list[object]) -> None:
    """With their types; a text of the author alone is never one."""
    found = template(source).pieces(VALUES)
    assert [one for one in found if isinstance(one, Inserted)] == [one for one in pieces if isinstance(one, Inserted)]
    assert "".join(str(one) for one in found) == "".join(str(one) for one in pieces)


@pytest.mark.parametrize(
    "source, message",
    [
        ("{{ none }}", "a value is null"),
        ("{{ [1, a, map.gone] }}", "map' has no item 'gone'"),
        ("{{ gone }}", "'gone' is not defined"),
        ("a\0{{ a }}", "the template holds a NUL byte"),
        ("{% for i in range(9000) %}{{ a * 9000 }}{% endfor %}", "the template builds too much"),
    ],
)
def test_what_is_no_value_is_an_error(source: str, message: str) -> None:
    """Null and what is missing; and bounds hold as for any text."""
    with pytest.raises(RenderError, match=message):
        template(source).pieces(VALUES)


def test_the_same_template_still_makes_its_text() -> None:
    """One compiled form serves both."""
    both = template("1{{ none }}{{ a }}")
    assert both.render(VALUES) == "1Nonex"
    with pytest.raises(RenderError, match="null"):
        both.pieces(VALUES)


def test_the_parts_say_which_ways_there_are() -> None:
    """A gap is told as it is written, with its line."""
    source = (
        "a\n{{- x }}{% if x %}b{{ 'c' }}{% elif y %}d{% endif %}{% for i in z %}{{ i|upper }}{% else %}e{% endfor %}"
    )
    assert template(source).parts() == (
        Written("a"),
        Gap("{{- x }}", 2),
        Choice(((Written("b"), Gap("{{ 'c' }}", 2)), (Written("d"),), ())),
        Loop((Gap("{{ i|upper }}", 2),)),
        Choice(((), (Written("e"),))),
    )
    assert template("{% with b = 1 %}{{ b }}{% endwith %}{% set c = 2 %}").parts() == (Gap("{{ b }}", 1),)
