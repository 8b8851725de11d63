"""Commas that end a value in braces."""

from __future__ import annotations

import pytest

from runner.project.parse import parse

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
    ("{a: b, c}", ""),
]


@pytest.mark.parametrize("text, hint", CUT)
def test_a_text_that_a_comma_cuts_is_written_out_in_quotes(text: str, hint: str) -> None:
    """What has words is a sentence; a known word without a colon, or a single one, is told by others."""
    faults = parse("a.yaml", f"key: {text}\n".encode()).faults
    assert [fault.hint for fault in faults] == ([f"quote the text: `{hint}`"] if hint else [])


def test_it_is_one_fault_at_the_text() -> None:
    """The rest of the sentence is no key that something could be said of."""
    [fault] = parse("a.yaml", b"key: {unit: One or, two or, three}\n").faults
    assert (fault.line, fault.column, fault.where) == (1, 13, "key.unit")
