"""Values in the texts of shells: found by all ways that lead through a text, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.project.load import load
from runner.project.sources import Disk

PACK = """\
description: d
tools:
  t:
    description: d
    params: {{a: str, b: str, c: bool, l: [str]}}
    shell: |
      {text}
      : {{{{ a }}}} {{{{ b }}}} {{{{ c }}}} {{{{ l }}}}
"""


def told(folder: Path, text: str) -> list[tuple[str, int, int, str]]:
    """Code, line, column and sentence of each problem of a tool with such a text."""
    (folder / "tools.d").mkdir()
    lines = text.replace("\n", "\n      ")
    (folder / "tools.d" / "p.yaml").write_text(PACK.format(text=lines))
    loaded = load(Disk(folder), folder)
    assert not loaded.warnings
    return [(one.code, one.line, one.column, one.what) for one in loaded.problems]


@pytest.mark.parametrize(
    "text",
    [
        "{% if c %}sudo {% endif %}ls {{ a }}",
        "{% if c %}ls {% else %}find {% endif %}{{ a }}",
        "ls {% for one in l %}{{ one }} {% endfor %}",
        "{% for one in l %}ls -- {{ one }}; {% endfor %}",
        "{% for one in l %}test -e {{ one }} && {% endfor %}true",
        "{% set d = a ~ b %}ls {{ d }}",
        'x={{ a }}; ls "$x" {% raw %}{{.Name}}{% endraw %}',
    ],
)
def test_ways_that_all_lead_to_a_word_are_no_problem(tmp_path: Path, text: str) -> None:
    """Choices and loops, as authors write them."""
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    "text, line, column, words",
    [
        ("ls\nls '{{ a }}'", 8, 11, "`{{ a }}` stands in single quotes"),
        ("ls '{{a}}' '{{ b }}'", 7, 11, "`{{a}}` stands in single quotes"),
        ("ls {% if c %}'{% endif %}{{ a }}{% if c %}'{% endif %}", 7, 32, "stands in single quotes"),
        ("ls {% if c %}{% else %}'{% endif %}x' {{ a }}", 7, 45, "stands in single quotes"),
        ("{% if not c %}ls {% endif %}{{ a }}", 7, 35, "would choose what runs"),
        ("{% for one in l %}{{ one }} {% endfor %}", 7, 25, "would choose what runs"),
        ("ls {% for one in l %}{{ one }} '{% endfor %}", 7, 28, "stands in single quotes"),
        ("{% for one in l %}ls {% else %}' {% endfor %} {{ a }}", 7, 53, "stands in single quotes"),
        ("{% for one in l %}( {% endfor %} ls {{ a }}", 7, 43, "stands behind more ways than can be followed"),
        ("{% for one in l %}({% if c %}'{% endif %} ls {{ one }} {% endfor %} ls", 7, 52, "stands in single quotes"),
        ("ls $${{ a }}", 7, 12, "stands behind $"),
        ("ls\n{% if c %}echo {{ a }} | {% endif %}sh", 8, 22, "with a shell that reads code from its input"),
        ("PS4={{ a }}", 7, 11, "becomes a variable with capitals"),
    ],
)
def test_one_way_is_enough(tmp_path: Path, text: str, line: int, column: int, words: str) -> None:
    """It is told at the value that stands wrong, once for each reason."""
    found = told(tmp_path, text)
    assert ("shell-value", line, column) in [one[:3] for one in found]
    assert any(words in one[3] for one in found)
    assert len({one[3].partition("` ")[2] for one in found}) == len(found)
