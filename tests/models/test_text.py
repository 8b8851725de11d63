"""Text as it streams, characters cut in two included."""

from __future__ import annotations

import pytest

from runner.models.text import Flow, mend, mended


@pytest.mark.parametrize(
    "pieces,told",
    [
        (["a", "", "b"], ["a", "b"]),
        (["a\ud83d", "\ude00b"], ["a", "😀b"]),
        (["\ud83d", "x"], ["�x"]),
        (["x\ud83d"], ["x", "�"]),
        (["\ude00"], ["�"]),
    ],
)
def test_pieces_are_told_whole(pieces: list[str], told: list[str]) -> None:
    """A half whose other half never comes is replaced."""
    heard: list[str] = []
    flow = Flow("text", lambda _, text: heard.append(text))
    for piece in pieces:
        flow.add(piece)
    assert flow.end() == "".join(told)
    assert heard == told


def test_text_without_halves_is_left_alone() -> None:
    """Also where it is no ASCII."""
    assert [mend("abc"), mend("é😀")] == ["abc", "é😀"]


def test_texts_within_a_value_are_mended() -> None:
    """Keys, too; one without halves is given as it is."""
    whole = {"a": ["é", 1]}
    assert mended(whole) is whole
    assert mended({"\ud83d": ["\ud83d\ude00", None]}) == {"�": ["😀", None]}
