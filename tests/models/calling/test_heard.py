"""What an attempt took that never came to its end."""

from __future__ import annotations

from itertools import count

import pytest

from runner.errors import Trouble
from runner.models.calling.heard import Heard, counted
from runner.models.port import Reply
from runner.runs.events import Call, Usage


def heard(*pieces: str) -> Heard:
    """What was heard of an answer in pieces, one each second."""
    seconds = count(10)
    one = Heard(lambda _kind, _text: None, lambda: next(seconds))
    for piece in pieces:
        one("text", piece)
    return one


def test_words_that_came_were_paid_for_with_the_prompt() -> None:
    """Whatever ended them."""
    for trouble in ("idle", "reset", "broken", "overloaded", "other"):
        assert heard("Twelve chars", "four").usage(70, trouble) == Usage(input=70, output=4)


@pytest.mark.parametrize("trouble", ["first", "idle", "total", "reset", "broken"])
def test_a_server_that_had_begun_has_read_the_prompt(trouble: Trouble) -> None:
    """Nobody hears whether it takes money for that; most do."""
    assert heard().usage(70, trouble) == Usage(input=70)


@pytest.mark.parametrize(
    "trouble", ["connect", "limited", "overloaded", "key", "quota", "missing", "overflow", "refused"]
)
def test_a_server_that_turned_the_request_away_takes_nothing(trouble: Trouble) -> None:
    """It did no work."""
    assert heard().usage(70, trouble) == Usage()


def test_what_the_server_counted_stands_above_any_estimate() -> None:
    """An empty answer has its usage, too."""
    one = heard()
    one.counted = Usage(input=50, output=1)
    assert one.usage(70, "empty") == Usage(input=50, output=1)


def test_the_first_piece_is_timed() -> None:
    """From when the attempt began."""
    one = heard("a", "b")
    assert (one.began, one.first) == (10, 11)


def test_the_pieces_of_a_call_are_timed_and_counted_and_told_to_nobody() -> None:
    """What a cut call took was paid for as words are; readers see the call when it is whole."""
    told: list[str] = []
    seconds = count(10)
    one = Heard(lambda kind, _text: told.append(kind), lambda: next(seconds))
    one("call", "write_file")
    one("call", '{"pa')
    one("text", "Done")
    assert (one.first, told) == (11, ["text"])
    assert one.usage(70, "reset") == Usage(input=70, output=round((10 + 4 + 4) / 4))


def test_an_answer_without_usage_is_estimated() -> None:
    """By its words, its thinking and its calls."""
    bare = Reply("Done", [Call(id="1", tool="read", arguments={})], Usage(), "stop", thinking="Hmm, well")
    assert counted(bare, 70) == Usage(input=70, output=round((4 + 9 + 6) / 4))
    assert counted(Reply("Done", [], Usage(input=3, output=2), "stop"), 70) == Usage(input=3, output=2)
