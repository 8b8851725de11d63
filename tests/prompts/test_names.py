"""What a template is found to read."""

from __future__ import annotations

import pytest

from runner.prompts import ITEM, NamePath, expression, template


@pytest.mark.parametrize(
    "source, paths",
    [
        ("{{ a }} {{ b.c['d'].e }}", ["a", "b.c.d.e"]),
        ("{{ a.b[0].c }}", ["a.b.0.c"]),
        ("{{ a.b[c.d].e }}", ["c.d", "a.b"]),
        ("{{ a.b[1:n] }}", ["n", "a.b"]),
        ("{{ a.b | join(c) }}", ["a.b", "c"]),
        (
            "{% for x in a.xs %}{{ x.y }}{{ loop.index }}{{ b }}{% else %}{{ x }}{% endfor %}",
            ["a.xs", "a.xs.[…].y", "b", "x"],
        ),
        ("{% for k, v in a | items if v %}{{ k }}{% endfor %}{{ k }}", ["a", "k"]),
        ("{% for x in x %}{{ x.y }}{% endfor %}", ["x", "x.[…].y"]),
        ("{% set x = a %}{{ x.y }}", ["a", "a.y"]),
        ("{% set x, y = a.b, c %}{{ x.d }}{{ y }}{% set x = 1 %}{{ x.e }}", ["a.b", "c", "a.b.d"]),
        ("{% set x, y = a %}{{ x.b }}{% set z = a | first %}{{ z.b }}", ["a"]),
        ("{% set x = a[b].c %}{{ x.d }}", ["b", "a"]),
        ("{% if a %}{% set x = b %}{{ x.c }}{% else %}{{ x }}{% endif %}{{ x.d }}", ["a", "b", "b.c", "x"]),
        ("{% set x = a %}{% if b %}{% set x = {} %}{% endif %}{{ x.c }}", ["a", "b"]),
        ("{{ x }}{% set x = 1 %}{{ x }}", ["x"]),
        ("{% if a %}{% set x = 1 %}{% endif %}{{ x }}", ["a"]),
        ("{% for i in a %}{% set x = i %}{% endfor %}{{ x }}", ["a", "a.[…]", "x"]),
        ("{% with x = a.b %}{{ x.c }}{% endwith %}{{ x }}", ["a.b", "a.b.c", "x"]),
        ("{{ range(n) }}", ["n"]),
        ("{{ (a or b).c }}", ["a", "b"]),
        ("plain", []),
        ("{# a #}{% raw %}{{ b }}{% endraw %}", []),
    ],
)
def test_paths_of_free_variables_are_found(source: str, paths: list[str]) -> None:
    """In order, by the scopes of the language, as far as they are constant."""
    found = template(source)
    assert [str(path) for path in found.paths] == paths
    assert found.names == {path.partition(".")[0] for path in paths}


def test_a_path_knows_its_line() -> None:
    """Lines count from 1 inside the text."""
    assert template("one\n{{ a.b }}\n\n{{ c }}").paths == (
        NamePath(("a", "b"), 2, guarded=False),
        NamePath(("c",), 4, guarded=False),
    )


@pytest.mark.parametrize(
    "source, guarded",
    [
        ("a.b | default('')", True),
        ("a.b | d(1) | upper", True),
        ("a.b is defined", True),
        ("a.b is not defined", True),
        ("a.b is undefined", True),
        ("a.b | upper | default('')", False),
        ("a.b is none", False),
        ("(a.b + 1) is defined", False),
    ],
)
def test_reading_where_it_may_be_missing_is_guarded(source: str, guarded: bool) -> None:
    """Only the path right under the guard is."""
    assert expression(source).paths == (NamePath(("a", "b"), 1, guarded=guarded),)


def test_paths_of_includes_count_at_the_line_of_the_include() -> None:
    """An include reads what its text reads, less what is set around it."""
    found = template('\n{% for x in xs %}{% include "row" %}{% endfor %}', {"row": "\n\n{{ x }}: {{ y.z }}"})
    assert found.paths == (
        NamePath(("xs",), 2, guarded=False),
        NamePath(("xs", ITEM), 2, guarded=False),
        NamePath(("y", "z"), 2, guarded=False),
    )
