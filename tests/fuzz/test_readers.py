"""Reply files are read twice, by the check and by the model: both read the same."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter

from runner.models.scripted import Replies, read_replies
from runner.project.parsing.parse import parse
from runner.project.std import demo
from tests.fuzz.mutations import mutate

ODD = """\
- x-base: &base {text: hello}
  text: "a\tb"
- {<<: *base, when: {contains: a\tb}}
- {text: {hex: 0x1F, octal: 0o17, no: no, date: 2001-01-01, none: , float: 1e3, small: .5, minus: -0, time: 12:30}}
- text: [~, null, "null", True, yes, on, +1, 1_000, "\\u202e"]
"""


def same(text: str) -> bool:
    """Whether a text that the check accepts is read alike by the model; also when it is not accepted."""
    parsed = parse("replies.yaml", text.encode(), top=list)
    if parsed.faults:
        return True
    try:
        wanted = TypeAdapter(Replies).validate_python(parsed.data)
    except ValueError:
        return True
    return read_replies("replies.yaml", text.encode()) == wanted


def test_odd_values_are_read_alike() -> None:
    """Merges, numbers in other bases, words that are no booleans, tabs."""
    assert parse("replies.yaml", ODD.encode(), top=list).faults == ()
    assert same(ODD)


@pytest.mark.soak
def test_accidents_are_read_alike(seed: int, rounds: Callable[[int], int]) -> None:
    """In what the demo ships, and in the odd ones."""
    chance = random.Random(seed)
    sources = [ODD, (demo() / "replies.yaml").read_text(encoding="utf-8")]
    for _ in range(rounds(1000)):
        text = mutate(chance.choice(sources), chance).text
        assert same(text), text
