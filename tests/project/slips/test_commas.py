"""Commas that end a value in braces."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse

CUT = [
    ("{type: str, description: The unit, such as x.}", 'description: "The unit, such as x."'),
    ("{description: The unit, one, or two, default: 1}", 'description: "The unit, one, or two"'),
    ("{unit: Hello, you there, name: x}", 'unit: "Hello, you there"'),
    ('{unit: the "a", or b}', """unit: 'the "a", or b'"""),
    ("{description: one word or two, default 3}", ""),
    ("{description: The unit, required}", ""),
    ("{when: phases.a.ok, to pass}", ""),
    ("{type: str, not null}", ""),
    ("{description: The unit, such: x}", ""),
    ('{description: "The unit", such as}', ""),
    ("{name: str, other}", ""),
    ("{ok: yes|no, other}", ""),
    ("{agent: helper, other}", ""),
    ('{a: "b", c}', ""),
    ("{timeout: quick, other}", ""),
    ("{turns: 5, other}", ""),
]
ENDED = [
    ("{by: anna, ben, deadline: 8h}", "by", "write `by: [anna, ben]`"),
    ('{by: "anna", ben}', "by", "write `by: [anna, ben]`"),
    ("{tools: a, ben, c}", "tools", "write `tools: [a, ben, c]`"),
    ("{tools: a, ben, agent: x}", "tools", "write `tools: [a, ben]`"),
    ("{rules: Be kind, ben}", "rules", "write `rules: [Be kind, ben]`"),
    ("{in: a, ben}", "in", """write the list in quotes, as an expression: `in: '["a", "ben"]'`"""),
    ("{message: Go, ben}", "message", 'quote the text: `message: "Go, ben"`'),
    ("{a: b, ben}", "a", 'quote the text: `a: "b, ben"`; for a list write `a: [b, ben]`'),
]


@pytest.mark.parametrize("text, hint", CUT)
def test_a_text_that_a_comma_cuts_is_written_out_in_quotes(text: str, hint: str) -> None:
    """What has words is a sentence; a known word without a colon, or a single one, is told by others."""
    faults = parse("a.yaml", f"key: {text}\n".encode()).faults
    assert [fault.hint for fault in faults] == ([f"quote the text: `{hint}`"] if hint else [])


@pytest.mark.parametrize("text, key, hint", ENDED)
def test_an_entry_without_the_brackets_around_it_is_told_as_such(text: str, key: str, hint: str) -> None:
    """One fault at the second entry, whose key takes a list, a text or either."""
    [fault] = parse("a.yaml", f"key: {text}\n".encode()).faults
    assert (fault.what, fault.hint) == (
        f"`{fault.where.split('.')[-1].strip(chr(34))}` has no value: the comma ended `{key}`",
        hint,
    )
    assert fault.column == f"key: {text}".index("ben") + 1


def test_it_is_one_fault_at_the_text() -> None:
    """The rest of the sentence is no key that something could be said of."""
    [fault] = parse("a.yaml", b"key: {unit: One or, two or, three}\n").faults
    assert (fault.line, fault.column, fault.where) == (1, 13, "key.unit")
