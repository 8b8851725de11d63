"""Tool calls put together from pieces in every order and shape that servers send."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import ModelFailed
from runner.models.openai_chat.calls import Calls


def piece(arguments: Any = "", *, name: str | None = None, **fields: Any) -> dict[str, Any]:
    """One entry of `tool_calls`."""
    return {**fields, "function": {"arguments": arguments, **({"name": name} if name else {})}}


def collect(*pieces: Any, cut: bool = False) -> list[tuple[str, Any]]:
    """Names and arguments of the calls that these pieces make."""
    calls = Calls()
    for each in pieces:
        calls.add(each)
    return [(call.tool, call.arguments) for call in calls.finished(cut=cut)]


A, B = ("a", {"x": 1}), ("b", {"y": 2})


def test_pieces_belong_together_by_index() -> None:
    """Also when two calls grow in turns."""
    pieces = [piece(name="a", index=0, id="1"), piece(name="b", index=1, id="2")]
    pieces += [piece('{"x"', index=0), piece('{"y":', index=1), piece(": 1}", index=0), piece(" 2}", index=1)]
    assert collect(*pieces) == [A, B]


def test_name_and_id_may_come_with_every_piece() -> None:
    """They are not appended to themselves."""
    assert collect(piece('{"x"', name="a", index=0, id="1"), piece(": 1}", name="a", index=0, id="1")) == [A]


def test_an_id_made_up_for_every_piece_makes_no_new_call() -> None:
    """A server does so, with the name on the first piece only."""
    assert collect(piece(name="a", index=0, id="1"), piece('{"x": 1}', index=0, id="2")) == [A]


def test_calls_that_are_all_numbered_zero_are_told_apart() -> None:
    """By a new id together with a name."""
    whole = [piece('{"x": 1}', name="a", index=0, id="1"), piece('{"y":', name="b", index=0, id="2")]
    assert collect(*whole, piece(" 2}", index=0)) == [A, B]


def test_without_index_pieces_belong_together_by_id() -> None:
    """In any order."""
    pieces = [piece('{"x"', name="a", id="1"), piece('{"y": 2}', name="b", id="2"), piece(": 1}", id="1")]
    assert collect(*pieces) == [A, B]


def test_without_index_and_id_pieces_go_to_the_last_call() -> None:
    """Until a name comes after whole arguments."""
    pieces = [piece('{"x"', name="a"), piece(": 1}"), piece('{"y":', name="b"), piece("2}", name="b")]
    assert collect(*pieces) == [A, B]


def test_a_whole_call_may_come_in_one_piece() -> None:
    """With arguments as text or as an object."""
    assert collect(piece('{"x": 1}', name="a"), piece({"y": 2}, name="b")) == [A, B]


@pytest.mark.parametrize("arguments", ["", " ", None, "null", "{}", {}])
def test_a_call_without_arguments_has_an_empty_object(arguments: Any) -> None:
    """Servers write nothing in five ways."""
    assert collect(piece(arguments, name="a", index=0)) == [("a", {})]


@pytest.mark.parametrize(
    "text", ['{"x": 1,}', "{'x': 1}", '{"x": 1', '{"x": 1,', '```json\n{"x": 1,}\n```', '"{\\"x\\": 1}"']
)
def test_nearly_json_is_mended_once(text: str) -> None:
    """A comma too many, wrong quotes, a lost end, encoded twice."""
    assert collect(piece(text, name="a")) == [A]


@pytest.mark.parametrize("text", ["read the file", "[1, 2]", "7", "[" * 100_000])
def test_what_is_no_object_stays_as_it_was_written(text: str) -> None:
    """So that the model can be told what it wrote."""
    assert collect(piece(text, name="a")) == [("a", text)]


def test_line_breaks_inside_strings_are_forgiven() -> None:
    """And kept as they are."""
    assert collect(piece('{"x": "1\n2"}', name="a")) == [("a", {"x": "1\n2"})]


def test_arguments_that_were_cut_short_are_not_mended() -> None:
    """Mended, they would write half a file."""
    assert collect(piece('{"x": "half a fi', name="a"), cut=True) == [("a", '{"x": "half a fi')]


@pytest.mark.parametrize("text", ['{"x": "half a fi', '{"x', '{"x"', '{"x":', '{"x": 1, "y', '{"x": "a\\"'])
def test_arguments_that_break_off_are_not_mended_though_no_server_says_so(text: str) -> None:
    """In a string or a key; what lacks its brackets alone is put right above."""
    assert collect(piece(text, name="a")) == [("a", text)]


def test_half_a_surrogate_pair_is_replaced() -> None:
    """It could be written to no file and no journal."""
    assert collect(piece(r'{"x": "\ud83d", "y": "\ud83d\ude00"}', name="a")) == [("a", {"x": "�", "y": "😀"})]


def test_a_character_that_was_cut_in_two_between_pieces_is_whole_again() -> None:
    """As servers written in JavaScript cut them."""
    assert collect(piece('{"x": "\ud83d', name="a", index=0), piece('\udea3"}', index=0)) == [("a", {"x": "🚣"})]


def test_calls_without_an_id_or_with_a_taken_one_get_their_own() -> None:
    """An answer to a call must find it."""
    calls = Calls()
    for entry in (piece(name="a", index=0, id="1"), piece(name="b", index=1, id="1"), piece(name="c", index=2)):
        calls.add(entry)
    ids = [call.id for call in calls.finished(cut=False)]
    assert ids[0] == "1"
    assert len(set(ids)) == 3
    assert all(len(own) == 9 and own.isalnum() for own in ids[1:])


def test_a_call_without_a_name_is_a_failure() -> None:
    """No tool could be found for it."""
    with pytest.raises(ModelFailed, match="without naming it"):
        collect(piece('{"x": 1}', index=0))


def test_entries_that_are_no_objects_say_nothing() -> None:
    """A null between pieces changes nothing."""
    assert collect(None, piece('{"x": 1}', name="a", index=0), {"index": 0, "function": None}) == [A]
