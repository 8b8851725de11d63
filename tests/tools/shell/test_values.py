"""Where a value may stand in a text for a shell: X stands for one in the texts here."""

from __future__ import annotations

import pytest

from runner.tools.shell import Place, behind, refusal
from tests.tools.shell.texts import FED, FINE, UNSAFE, refused


@pytest.mark.parametrize("text", FINE)
def test_a_value_is_one_word_or_a_part_of_one(text: str) -> None:
    """Wherever a shell reads words."""
    assert refused(text) == []


@pytest.mark.parametrize("words, text", [(words, text) for words, texts in UNSAFE.items() for text in texts])
def test_where_quotes_do_not_hold_a_value_is_refused(words: str, text: str) -> None:
    """With the reason, that of the first such value."""
    assert words in refused(text)[0]


@pytest.mark.parametrize("text", FED)
def test_what_a_shell_may_read_as_its_input_is_refused(text: str) -> None:
    """As the end of the text tells; and no value stands behind such a shell, which could be in braces."""
    assert "reads code from its input" in refused(text)[0]
    head, _, tail = text.partition("X")
    assert refused(f"{head}a{tail}") == []
    assert "reads code from its input" in refused(f"{head}a{tail}; ls X")[0]


@pytest.mark.parametrize("text", [text for texts in UNSAFE.values() for text in texts])
def test_a_text_can_come_in_any_pieces(text: str) -> None:
    """Sign by sign it is the same."""
    whole, place = Place().after(text), Place()
    for sign in text:
        place = place.after(sign)
    assert place == whole


@pytest.mark.parametrize("text", ["a=", "> ", "/srv/", "case ", "a"])
def test_several_words_stand_only_among_the_arguments(text: str) -> None:
    """Where one word belongs a second one would be a program, or be lost."""
    place = Place().after(text)
    for count in (0, 2):
        why = refusal(place, count)
        assert why is not None
        assert why.what == "is a list, and stands where one word belongs"
    assert refusal(Place().after("ls "), 0) is refusal(Place().after("ls "), 2) is None


def test_several_words_are_no_operands() -> None:
    """One of them could be an operator, and the next the name of a variable."""
    assert refusal(Place().after("[ "), 2) is not None
    assert refusal(Place().after("[ "), 1) is None


def test_no_word_leaves_the_place_as_it_was() -> None:
    """So that a `#` behind an empty list is seen to begin a comment."""
    place = behind(Place().after("ls "), 0).after("#")
    assert "a comment" in str(refusal(place))
