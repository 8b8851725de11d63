"""Texts of which YAML keeps less than the file shows."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse
from runner.project.slips.prose import check


def found(text: str) -> list[tuple[str, tuple[int, int] | None]]:
    """Code and place of each warning."""
    parsed = parse("x.yaml", text.encode())
    assert not parsed.faults, parsed.faults
    return [(one.code, one.place) for one in check(parsed)]


@pytest.mark.parametrize(
    "written, column",
    [
        ("Answer ticket #42 in one line", 24),
        ("Post to #général", 18),
        ("Count the # of users", 20),
        ("Count the   # of users", 22),
        ("Helps. #1", 17),
    ],
)
def test_a_text_that_goes_on_behind_a_comment_sign_is_told(written: str, column: int) -> None:
    """At the sign."""
    assert found(f"prompt:   {written}\n") == [("comment-in-text", (1, column + 1))]


@pytest.mark.parametrize(
    "written",
    [
        "Be kind. # really",
        "Be kind.  #really",
        "Be kind. #TODO shorter",
        "Be kind.   # the rest of it",
        "Be kind. #",
        "C#, F# and x#1",
        '"Answer ticket #42"',
        "'Answer ticket #42'  # the first",
        "Run `#!/bin/sh`",
        "|  # as it is\n  Answer ticket #42",
        ">  # as it is\n  Answer ticket #42",
    ],
)
def test_a_comment_behind_a_text_is_one(written: str) -> None:
    """A blank behind the sign, two before it, or a word that only comments begin with."""
    assert found(f"prompt: {written}\n") == []


def test_only_texts_for_people_and_models_are_looked_at() -> None:
    """Wherever they stand: in parts, lists, arguments; and each once, however many aliases there are."""
    assert found("risk: read #1\ntools: [a] #2\ncommand:\n  - df #3\n") == []
    assert [place for _, place in found("prompt:\n  rules:\n    - &a Post to #1\n    - *a\n  role: A #2\n")] == [
        (3, 18),
        (5, 11),
    ]
    assert found("phases:\n  a:\n    with:\n      title: Ticket #1\n") == [("comment-in-text", (4, 21))]


@pytest.mark.parametrize(
    "block, line",
    [
        ("Rules:\n- be kind\n- be short", 3),
        ("Rules:\n* be kind", 3),
        ("Do:\n1. this\n2. that", 3),
        ("Text.\n## Title", 3),
        ("Code:\n```\nx\n```", 3),
        ("Each:\n{% for x in run %}\n{{ x }}\n{%- endfor %}", 3),
        ("Rules:\n\n- be kind\n- be short", 5),
        ("Rules:\n  kept\n- be kind\n- be short", 5),
    ],
)
def test_lines_that_were_meant_to_stay_are_told(block: str, line: int) -> None:
    """The first of them that is joined."""
    indented = block.replace("\n", "\n  ")
    assert found(f"prompt: >-\n  {indented}\nmodel: default\n") == [("joined-lines", (line, 3))]
    assert found(f"prompt: |\n  {indented}\nmodel: default\n") == []


@pytest.mark.parametrize(
    "block",
    [
        "A text that\ngoes on.",
        "It was in\n2024. Then it\nwas over in\n12. And so on",
        "Rules:\n\n- be kind\n\n- be short",
        "Rules:\n  - be kind\n  - be short\nThe end.",
        "A text,\n{% if run %}and more{% endif %}\n{{ run.id }} of it.",
        "Half\n-open.",
        "",
    ],
)
def test_a_folded_text_is_one(block: str) -> None:
    """Lines that read on, that stand apart, or that are indented further."""
    indented = block.replace("\n", "\n  ")
    assert found(f"prompt: >\n  {indented}\nmodel: default\n") == []


@pytest.mark.parametrize("name", ["prompts/helper.md", "helper.txt", "@prompts/a.md", "file://a.j2", "../a.yaml"])
def test_the_name_of_a_file_in_place_of_a_prompt_is_told(name: str) -> None:
    """In each text that is never such a name."""
    assert found(f"prompt: '{name}'\n") == [("file-for-text", None)]
    assert found(f"prompt:\n  role: '{name}'\n  task: Read {name}\n") == [("file-for-text", None)]


@pytest.mark.parametrize("text", ["prompt: Read notes.md", "message: notes.md", "prompt: Help.", "x: a.md"])
def test_a_text_that_speaks_of_a_file_is_left_alone(text: str) -> None:
    """A message may be one: the agent reads it."""
    assert found(f"{text}\n") == []


def test_the_parts_of_a_prompt_below_a_bar_are_told() -> None:
    """Three of them; fewer may be headings."""
    assert found("prompt: |\n  role: r\n  task: t\n  rules:\n    - x\n") == [("key-in-text", None)]
    assert found("prompt: |\n  role: r\n  task: t\n") == []
    assert found("description: |\n  role: r\n  task: t\n  state: s\n") == []
