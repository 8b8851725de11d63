"""Lines that stand too deep for the line above them."""

from __future__ import annotations

import pytest

from runner.project.slips.indents import of_row

PACK, WORK = "tools.d/ops.yaml", "workflows/work.yaml"
TOO_DEEP = [
    (PACK, "defaults: {risk: read}\n  look:\n", "a line `tools:` is missing above `look`", "first column"),
    (PACK, "description: Looks.\n\n# all\n  look: {command: [a]}\n", "a line `tools:` is missing", "first column"),
    (PACK, "tools: {}\n  look:\n", "`look` is indented deeper than `tools`", "or write above it the key"),
    (PACK, "tools:\n  look:\n    risk: read\n      unit: str\n", "a line `params:` is missing", "by 4 blanks"),
    (PACK, "tools:\n  a:\n    params: {}\n    risk: read\n      unit: str\n", "`unit` is indented deeper", "as `risk`"),
    (PACK, "tools:\n  look:\n    command: [a]\n      risk: read\n", "`risk` is indented deeper", "as `command`"),
    (WORK, "description: d\n  look:\n", "a line `phases:` is missing above `look`", "write `phases:`"),
    (WORK, "description: Says so\n  limits: {turns: 3}\nphases:\n", "`limits` is indented", "quote the whole"),
    (WORK, "phases:\n  a:\n    agent: b\n      - {to: c}\n", "a list stands below `agent`", "`next:`"),
    (WORK, "phases:\n  a:\n    agent: b\n      - {match: any, to: c}\n", "a list stands below `agent`", "`errors:`"),
    (WORK, "phases:\n  a:\n    agent: b\n      - word\n", "a list stands below `agent`", "the key that holds it"),
    (WORK, "a:\n  next:\n    - {to: c}\n    max: 3\n", "`max` stands among the entries of `next`", "as `next`"),
    (
        WORK,
        "a:\n  next:\n    - to: c\n    max: 3\n",
        "`max` stands among the entries",
        "of the entry above, as far as `to`",
    ),
    (PACK, "tools:\n  a:\n    risk: read\n   hint: h\n", "`hint` stands in no column", "`risk`, or as far as `a`"),
    ("agents.d/a.yaml", "description: d\n  role: r\n", "a line `prompt:` is missing above `role`", "write `prompt:`"),
    ("runner.yaml", "use: [a]\n  default: {provider: p}\n", "a line `models:` is missing", "write `models:`"),
    ("runner.yaml", "use: [a]\n  default:\n    provider: p\n", "a line `models:` is missing", "write `models:`"),
]


def told(file: str, text: str) -> tuple[int, str, str] | None:
    """What is said of the first row that is indented, without a key that opens a mapping above it."""
    rows = text.splitlines()
    found = (of_row(file, rows, number) for number in range(1, len(rows)))
    return next(filter(None, found), None)


@pytest.mark.parametrize("file, text, what, hint", TOO_DEEP)
def test_a_row_that_stands_too_deep_names_the_line_that_is_missing_or_its_column(
    file: str, text: str, what: str, hint: str
) -> None:
    """Both are said in the words of the file, so that the mend can be typed at once."""
    found = told(file, text)
    assert found is not None
    assert what in found[1]
    assert hint in found[2]


@pytest.mark.parametrize(
    "text",
    [
        "prompt: Help.\n  Note: this is more of the text\n",
        "prompt: |\n  role: r\n",
        "a: b\n  c d e: f\n",
        "a:\n  - b\n  - c\n",
        "a: b\nc: d\n",
        "",
    ],
)
def test_other_rows_are_left_to_the_parser_s_words(text: str) -> None:
    """A sentence with a colon, the lines of a text and what stands right."""
    assert told(PACK, text) is None
