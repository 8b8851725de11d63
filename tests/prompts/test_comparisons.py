"""What a template is found to compare."""

from __future__ import annotations

import pytest

from runner.prompts import ITEM, Comparison, Side, expression, template

A, B = Side(("a",)), Side(("b", "c"))


@pytest.mark.parametrize(
    "source, found",
    [
        ("a == 1", [Comparison(A, "eq", Side(values=(1,)), 1)]),
        ("-1 < a <= b.c", [Comparison(Side(values=(-1,)), "lt", A, 1), Comparison(A, "lteq", B, 1)]),
        ("a not in ['x', 2]", [Comparison(A, "notin", Side(values=("x", 2), is_list=True), 1)]),
        ("a in [b.c]", [Comparison(A, "in", Side(items=(B,)), 1)]),
        ("a is ge 3", [Comparison(A, "gteq", Side(values=(3,)), 1)]),
        ("a | length > b.c", [Comparison(Side(made="number"), "gt", B, 1)]),
        ("a | default(1) == b.c", [Comparison(Side(), "eq", B, 1)]),
        ("a | sort | default([]) == b.c", [Comparison(Side(items=(Side(("a", ITEM)),)), "eq", B, 1)]),
        ("a or 'x'", [Comparison(A, "is", Side(), 1)]),
        (
            "a == b.c or 'x'",
            [Comparison(Side(values=("x",)), "is", Side(), 1), Comparison(A, "eq", B, 1)],
        ),
        ("not a", [Comparison(A, "is", Side(), 1)]),
        ("a + 1", []),
    ],
)
def test_comparisons_of_an_expression_are_found(source: str, found: list[Comparison]) -> None:
    """Each with what is written on its sides, and what is asked to be true."""
    assert list(expression(source).comparisons) == found


def test_names_that_a_template_sets_stand_for_what_they_were_set_to() -> None:
    """An item for any of its list; the line is counted inside the text."""
    source = "{% set x = b.c %}\n{% for y in a %}\n{{ x == y }}\n{% endfor %}{% if x %}{% endif %}"
    assert template(source).comparisons == (
        Comparison(B, "eq", Side(("a", ITEM)), 3),
        Comparison(B, "is", Side(), 4),
    )


@pytest.mark.parametrize(
    "source, whole",
    [("b.c", B), ("'x'", Side(values=("x",))), ("a + 1", Side())],
)
def test_what_an_expression_is_as_a_whole_is_known(source: str, whole: Side) -> None:
    """A name, a value that is written out, or neither; the same for a template that is exactly one."""
    assert expression(source).whole == whole
    assert template(f"{{{{ {source} }}}}").whole == whole
    assert template(f"It is {{{{ {source} }}}}").whole == Side()
