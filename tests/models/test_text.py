"""Text as it streams, characters cut in two included."""

from __future__ import annotations

import pytest

from runner.models.text import Flow, Tagged, mend, mended, short_key


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


def taken_apart(*pieces: str) -> tuple[str, str]:
    """Thinking and text of what a model wrote in these pieces."""
    text, thinking = Flow("text", lambda *_: None), Flow("thinking", lambda *_: None)
    tagged = Tagged(text, thinking)
    for piece in pieces:
        tagged.add(piece)
    tagged.end()
    return thinking.end(), text.end()


@pytest.mark.parametrize(
    "written,thinking,text",
    [
        ("<think>\nHm.</think>\n\nHi", "Hm.", "Hi"),
        (" \n<think>a</b></thinker</think>Hi </think>", "a</b></thinker", "Hi </think>"),
        ("<think></think>Hi", "", "Hi"),
        ("<think>Hm.", "Hm.", ""),
        ("<think>Hm.</thi", "Hm.</thi", ""),
        ("<think>Hm.</think> \n", "Hm.", ""),
        ("<thinking>Hi", "", "<thinking>Hi"),
        (" Hi <think>", "", " Hi <think>"),
        ("<th", "", "<th"),
        (" \n", "", " \n"),
        ("", "", ""),
    ],
)
def test_thinking_before_the_text_is_taken_apart(written: str, thinking: str, text: str) -> None:
    """In one piece, letter by letter, and cut in two anywhere."""
    assert taken_apart(written) == (thinking, text)
    assert taken_apart(*written) == (thinking, text)
    for cut in range(len(written)):
        assert taken_apart(written[:cut], written[cut:]) == (thinking, text)


def test_a_long_key_is_told_by_its_digest() -> None:
    """Providers take 64 characters."""
    assert short_key("x" * 64) == "x" * 64
    assert len(short_key("x" * 65)) == 64
