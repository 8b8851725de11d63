"""What one rendering may cost at most."""

from __future__ import annotations

import pytest

from runner.prompts import Bounds, RenderError, expression, template

UNHURRIED = Bounds(seconds=60)  # the counts end these, on a slow machine as well
BIG = "x" * 900_000
NESTED = "".join(f"{{% set {b} = [{', '.join([a] * 20)}] %}}" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    "source, message",
    [
        ("{{ 'a' * 10**8 }}", "builds too much"),
        ("{{ 10**8 * 'a' }}", "builds too much"),
        ("{{ [1] * 10**8 }}", "builds too much"),
        ("{% set x = big * 12 %}", "builds too much"),
        ("{{ [big] * 1000 }}", "builds too much"),
        ("{{ ([big] * 5) + ([big] * 9) }}", "builds too much"),
        ("{{ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big }}", "builds too much"),
        ("{{ big | replace('x', big) }}", "builds too much"),
        ("{{ big | replace('', big) }}", "builds too much"),
        ("{{ range(1000) | join(big) }}", "builds too much"),
        ("{{ range(1000) | map('default', big) | map('replace', '', big) | list }}", "builds too much"),
        ("{{ ([0] * 1000) | map('default', big, true) | join }}", "builds too much"),
        ("{{ 10 ** (10 ** 10) }}", "1024 bits"),
        ("{{ 9 ** 999999999 }}", "1024 bits"),
        ("{{ (2 ** 1000) * (2 ** 1000) }}", "1024 bits"),
        ("{{ ('9' * 400) | int }}", "1024 bits"),
        ("{{ range(10 ** 9) }}", "at most 100,000"),
        ("{{ range(10 ** 40) | length }}", "at most 100,000"),
        (
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
            "loops more than 100,000 times",
        ),
        ("{% for a in range(90000) if a < 0 %}{% endfor %}{% for a in range(90000) %}{% endfor %}", "loops more than"),
        ("{% for c in big %}{% endfor %}", "loops more than 100,000 times"),
        ("{{ big }}{{ big }}", "longer than 1,000,000 characters"),
        ("{% for a in range(999) %}{{ big[:2000] }}{% endfor %}", "longer than 1,000,000 characters"),
        ("{{ big | indent(10 ** 9) }}", "widest indent is 80"),
        ("{{ big | tojson(10 ** 9) }}", "widest indent is 8"),
        ("{{ 5 | round(-(10 ** 9)) }}", "finest precision is 30"),
        ("{{ '%1000000000d' % 1 }}", "formats no text"),
        ("{{ 'abc' | truncate(1) }}", "expected length"),
        ("{{ (-8) ** 0.5 }}", "negative number"),
        ("{{ 2.0 ** 99999 }}", "grows too large"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ range(1, 5, 0) }}", "must not be zero"),
    ],
)
def test_a_costly_template_is_refused(source: str, message: str) -> None:
    """Size, numbers and loops end in a message, not in a full memory."""
    with pytest.raises(RenderError, match=message):
        template(source).render({"big": BIG}, UNHURRIED)


@pytest.mark.parametrize(
    "use", ["{{ i }}", "{{ i == i + [] }}", "{{ i | tojson }}", "{{ i | join }}", "{{ 'x' in i }}"]
)
def test_nested_lists_cannot_hide_their_size(use: str) -> None:
    """A list that holds itself many times over counts as what it would be written out."""
    with pytest.raises(RenderError, match="builds too much"):
        template(NESTED + use).render({"a": ["x"] * 20}, UNHURRIED)


def test_time_is_up_inside_a_loop_without_output() -> None:
    """Loops look at the clock; filters and tests do as well."""
    at_once = Bounds(seconds=0.0)
    for source in ("{% for i in range(99) %}{% endfor %}", "{{ 'a' | upper }}", "{{ 1 is odd }}"):
        with pytest.raises(RenderError, match="takes longer than 0 s"):
            template(source).render({}, at_once)


def test_the_bounds_count_one_rendering_only() -> None:
    """Each rendering begins with a full budget."""
    source = template("{% for i in range(60000) %}{% endfor %}ok")
    assert [source.render({}, UNHURRIED), source.render({}, UNHURRIED)] == ["ok", "ok"]


def test_an_expression_has_the_same_bounds() -> None:
    """A condition can cost no more than a text."""
    with pytest.raises(RenderError, match="builds too much"):
        expression("'a' * 10**8").evaluate({})


def test_values_nested_too_deeply_are_an_error_of_the_template() -> None:
    """Data a tool gave cannot break the program by its depth."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(RenderError, match="nested too deeply"):
        template("{{ deep }}").render({"deep": deep})
