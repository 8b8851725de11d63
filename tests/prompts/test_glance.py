"""What a template reads, seen at a glance, is what its tree says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import nodes

from runner.prompts import TemplateError
from runner.prompts.glance import paths_at_a_glance
from runner.prompts.names import read
from runner.prompts.syntax import parse_template

PIECES = (
    *("{{", "}}", "{", "}", "{{ ", " }}", "{%", "%}", "{#", "#}", "-", "+", " ", "\n", "\r\n", "\t", "|", ".", ".."),
    *("a", "a.b", "a.b.c", "_a", "A1", "a-b", "a.1", "1", "é", "loop", "true", "none", "not", "and", "in", "is", "if"),
    *("length", "default", "d", "upper", "map", "nothing", "text", "[0]", "()", "include", "raw", "endraw", "'"),
    *(
        "{{ a.b }}",
        "{{ run.id }}",
        "{{ a | length }}",
        "{{a|upper}}",
        "{% if a %}",
        "{% endif %}",
        "text\n",
        "{{- a -}}",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("{{ a }}")
@example("{{ a }}\n")
@example("\n{{ a.b }}{{ a.b }}\n{{ a.b | length }}")
@example("{{{ a }} }}")
@example("{{ a | default }}.")
@example("{% raw %}{{ a }}{% endraw %}")
def test_r9_what_is_seen_at_a_glance_is_what_the_tree_says(source: str) -> None:
    """The same paths at the same lines, nothing compared; what is no template is never seen as one."""
    seen = paths_at_a_glance(source)
    if seen is not None:
        tree = parse_template(source, {})
        paths, comparisons = read(tree)
        assert ([(path, path.written) for path in seen], comparisons) == ([(one, one.written) for one in paths], ())
        assert not seen or len([*tree.find_all(nodes.Output)][0].nodes) > 1


@pytest.mark.parametrize(
    "source, lines",
    [("Text.", []), ("{{ a.b }} and\n{{ c | length }}", [1, 2]), ("\n\nof {{a}}", [3]), ("a }} {{ b }}", [1])],
)
def test_a_plain_template_is_seen_at_a_glance(source: str, lines: list[int]) -> None:
    """The many that are text with a name here and there."""
    seen = paths_at_a_glance(source)
    assert seen is not None
    assert [path.line for path in seen] == lines


@pytest.mark.parametrize(
    "source",
    [
        "{{ a }}",
        "{{ a.b | length }}",
        "x {{ a | default }}",
        "x {{ a | map('b') }}",
        "x {% if a %}y{% endif %}",
        "x {# #}",
    ],
)
def test_of_all_else_the_tree_is_asked(source: str) -> None:
    """A single expression has a type, a guarded path may be missing, and a condition makes others perhaps."""
    assert paths_at_a_glance(source) is None


@pytest.mark.parametrize(
    "source", ["x {{ }}", "x {{ a", "x {{ a b }}", "x {{ a | nothing }}", f"x {{{{ a{'.b' * 60} }}}}"]
)
def test_what_is_no_template_is_left_to_the_tree(source: str) -> None:
    """It says what is wrong."""
    assert paths_at_a_glance(source) is None
    with pytest.raises(TemplateError):
        parse_template(source, {})
