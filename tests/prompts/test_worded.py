"""Comparisons by words and signs that take no value here."""

from __future__ import annotations

import pytest

from runner.prompts import TemplateError, expression, template


@pytest.mark.parametrize(
    "source, written",
    [
        ('x is "high"', 'x == "high"'),
        ("x is not 'a'", "x != 'a'"),
        ("inputs.level is 3", "inputs.level == 3"),
        ('x equals "a"', 'x == "a"'),
        ('x is equal to "a"', 'x == "a"'),
        ('x eq "a"', 'x == "a"'),
        ('x<>"a"', 'x != "a"'),
        ('x ne "a"', 'x != "a"'),
        ('x in "a", "b"', 'x in ["a", "b"]'),
        ('x not in "a", "b"', 'x not in ["a", "b"]'),
        ('x is "a" or "b"', 'x in ["a", "b"]'),
        ('a == 1 and x is "a" or y == "b"', 'x == "a"'),
        ('x["k"] | lower is "a"', 'x["k"] | lower == "a"'),
    ],
)
def test_what_to_write_is_an_expression(source: str, written: str) -> None:
    """The hint is the very comparison that was meant, and can be read."""
    with pytest.raises(TemplateError) as caught:
        expression(source)
    assert str(caught.value).endswith(f"; write {written}")
    assert expression(written).source == written


@pytest.mark.parametrize(
    "source",
    ["y == 'x is 3' z", 'x in ["a"] or', '"a, b" in', "x is"],
)
def test_what_only_looks_like_it_is_told_otherwise(source: str) -> None:
    """A text, a list and a half-written test are no comparison by a word."""
    with pytest.raises(TemplateError) as caught:
        expression(source)
    assert "; write" not in str(caught.value)


def test_a_condition_of_a_template_with_a_comma_is_refused() -> None:
    """It would be a list of two, and always hold; a loop may well go over several."""
    with pytest.raises(TemplateError, match=r'write a\.b in \["x", "y"\]$'):
        template('{% if a.b in "x", "y" %}1{% endif %}')
    with pytest.raises(TemplateError, match="write `and` or `or`"):
        template("{% if a, b %}1{% endif %}")
    assert template('{% for a in "x", "y" %}{{ a }}{% endfor %}').render({}) == "xy"


def test_a_loop_over_several_is_not_to_blame_for_another_tag() -> None:
    """What `for` goes over is a list without brackets, and right."""
    with pytest.raises(TemplateError) as caught:
        template('{% for a in "x", "y" %}{{ a is "x" }}{% endfor %}')
    assert str(caught.value).endswith('; write a == "x"')
