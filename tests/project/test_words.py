"""Values in words that authors of files use."""

from __future__ import annotations

import pytest
import yaml

from runner.project.words import in_quotes

TEXTS = ["x", "it's", 'say "x"', "\\n", "a: b # c", "x in ['a', \"b\"]", "{{ x }}", "", "'"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_quotes_is_read_back_as_it_is(text: str) -> None:
    """Alone, behind a key, in braces and in brackets: a hint may be copied anywhere."""
    quoted = in_quotes(text)
    assert yaml.safe_load(f"a: {quoted}\nb: {{c: {quoted}, d: [{quoted}, 1]}}") == {
        "a": text,
        "b": {"c": text, "d": [text, 1]},
    }
