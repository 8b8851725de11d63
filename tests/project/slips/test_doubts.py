"""What YAML reads without a word and hardly anyone means."""

from __future__ import annotations

import pytest

from runner.project.parsing.parse import parse
from runner.project.slips.doubts import several_in_one


def told(text: str) -> list[tuple[tuple[str | int, ...], str]]:
    """Where, and the hint, of each warning."""
    return [(one.loc, one.hint) for one in several_in_one(parse("a.yaml", text.encode()))]


@pytest.mark.parametrize("words", ["nginx postgres redis", "web-1 web-2", "a.txt b.txt", "src/a src/b docs/c"])
def test_names_without_commas_between_them_are_told(words: str) -> None:
    """The hint is the list that was probably meant."""
    [(loc, hint)] = told(f"params:\n  units: {{type: [str], default: [{words}]}}\n")
    assert loc == ("params", "units", "default", 0)
    assert hint == f'write [{", ".join(words.split())}]; a text with blanks stands in quotes: ["{words}"]'


@pytest.mark.parametrize(
    "field",
    [
        "{type: [str], default: [nginx, postgres, redis]}",
        '{type: [str], default: ["nginx postgres redis"]}',
        "{type: [str], default: [code review]}",
        "{type: [str], default: [in progress]}",
        "{type: [str], default: [ready for the review]}",
        "{type: [str], default: [Answer in one sentence]}",
        "{type: [str], default: [what is new?]}",
        "{type: [str], default: [nginx]}",
        "{type: [str], default: []}",
        "{type: str, default: nginx postgres redis}",
        "{type: [int], default: [1 2 3]}",
        "{type: [any], default: [nginx postgres redis]}",
    ],
)
def test_texts_with_blanks_are_left_alone(field: str) -> None:
    """Sentences, labels of two words, what stands in quotes, and other types."""
    assert told(f"params:\n  units: {field}\n") == []
