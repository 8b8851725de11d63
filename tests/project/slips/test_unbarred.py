"""Texts of several lines whose key has no `|`."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse

TEXTS = [
    "message:\n  Some text {{ x }}\n  Note: this\n",
    "message: # what to do\n  Some text # x\n  more\n",
    "message:\n  Some: text\n  more\n",
    "message:\n  {{ x }} is text\n  more\n",
    "message:\n  {% if x %}\n  hello\n  {% endif %}\n",
    "message:\n  # Title\n\n  Say it.\n  Note: more\n",
    "message:\n  Say this:\n    - one\n  and more\n",
    "message:\n  Say all of\n  - one\n",
    'description:\n  "Quoted" and more.\n  Second\n',
    "role:\n  You are {{ x }}: a helper\n  and more\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_yaml_stumbles_over_is_told_to_stand_below_a_bar(text: str) -> None:
    """Once, at its key; so written it is read."""
    below = "a:\n  b:\n" + "".join(f"    {row}\n" for row in text.splitlines()) + "    c: d\n"
    [fault] = parse("a.yaml", below.encode()).faults
    key = text.partition(":")[0]
    assert (fault.line, fault.column) == (3, 5)
    assert fault.hint.startswith(f"write `{key}: |`")
    mended = parse("a.yaml", below.replace(f"{key}:", f"{key}: |", 1).replace("| # what to do", "|").encode())
    assert mended.faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "look:\n  agent helper\n  message: x\n",
        "prompt:\n  role A helper\n  task: x\n",
        "rules:\n  Be kind\n  - Be short\n",
        "next:\n  - to: a\n  more\n",
        "with: {a: b\n  c: d\n",
    ],
)
def test_what_is_meant_as_yaml_is_told_as_such(text: str) -> None:
    """A colon that is missing, an entry without its dash."""
    [fault] = parse("a.yaml", text.encode()).faults
    assert " |`" not in fault.hint


def test_a_plain_text_of_several_lines_is_one() -> None:
    """YAML joins its lines by blanks; that is no fault."""
    assert parse("a.yaml", b"message:\n  Some text {{ x }}\n  {{ y }}\n").data == {
        "message": "Some text {{ x }} {{ y }}"
    }
