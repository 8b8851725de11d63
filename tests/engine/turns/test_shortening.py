"""Shortening a conversation: nothing is torn apart, nothing grows, and the model is told what is missing."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from runner.engine.turns.shortening import LEAST, Said, clipped, shortened, upto, ways
from runner.models.calling.tokens import size
from runner.models.port import Call, Message
from runner.runs.events import Shortening


def conversation(chance: random.Random, visits: int, turns: int) -> Said:
    """Visits that go on from each other, each with turns of calls, results of any length, and a last word."""
    messages: list[Message] = []
    task = 0
    for visit in range(visits):
        task = len(messages)
        messages.append(Message("user", f"task {visit} " + "t" * chance.choice((0, 30, 3000))))
        for turn in range(turns):
            messages += exchange(chance, f"{visit}-{turn}")
        if visit < visits - 1 or chance.random() < 0.3:
            messages.append(Message("assistant", "answer " + "a" * chance.randrange(900)))
            if chance.random() < 0.3:
                messages += [Message("user", "asked again"), Message("assistant", "b" * chance.randrange(900))]
    return Said(messages, task)


def exchange(chance: random.Random, name: str) -> list[Message]:
    """A turn with calls, and their results."""
    calls = [
        Call(id=f"{name}-{n}", tool="look", arguments={"at": "p" * chance.choice((1, 4000))})
        for n in range(chance.randint(1, 3))
    ]
    results = [Message("tool", "r" * chance.choice((3, 700, 5000, 40_000)), call_id=call.id) for call in calls]
    return [Message("assistant", "x" * chance.randrange(500), calls), *results]


def whole_size(messages: list[Message]) -> int:
    """Characters of all texts and calls."""
    return sum(size(message) for message in messages)


def check_whole(messages: list[Message]) -> None:
    """Every result has its call before it and every call its result; a user begins, and none speaks twice."""
    open_calls: set[str] = set()
    for message in messages:
        if message.role == "tool":
            assert message.call_id in open_calls
            open_calls.remove(message.call_id)
        else:
            assert not open_calls
            open_calls = {call.id for call in message.calls}
    assert not open_calls
    roles = [message.role for message in messages]
    assert roles[0] == "user"
    assert ("user", "user") not in itertools.pairwise(roles)


def test_no_way_of_shortening_tears_or_grows_a_conversation(seed: int) -> None:
    """Whatever was said, however often it is shortened, in however little room."""
    chance = random.Random(seed)
    for _ in range(150):
        said = conversation(chance, chance.randint(1, 4), chance.randint(0, 5))
        last: Shortening | None = None
        for _ in range(chance.randint(1, 3)):
            sizes = [whole_size(shortened(said, last))]
            found = list(ways(said, last, chance.choice((0, 900, 9000, 90_000))))
            for way in found:
                sent = shortened(said, way)
                check_whole(sent)
                sizes.append(whole_size(sent))
                assert any(said.messages[said.task].text in message.text for message in sent)
                spoken = [message for message in said.messages[said.task :] if message.role == "assistant"]
                assert all(message in sent for message in spoken[-1:])
                assert sent[-1].role == said.messages[-1].role
            assert max(sizes) == sizes[0]
            last = chance.choice(found)


@pytest.mark.parametrize("longest", [LEAST, 1000, 39_999])
def test_head_and_tail_of_a_result_stay(longest: int) -> None:
    """Between them stands how much is missing, and what to do about it."""
    text = "".join(f"line {number}\n" for number in range(8000))
    short = clipped(text, longest)
    assert len(short) <= longest
    assert short.startswith("line 0\n")
    assert short.endswith("line 7999\n")
    told = re.search(r"\n… (\d+) characters left out", short)
    assert told is not None
    head, _, tail = short.partition(told[0])
    assert len(head) + int(told[1]) + len(tail.partition("…\n")[2]) == len(text)
    assert "call the tool again" in short


def test_what_fits_is_left_as_it_is() -> None:
    """To the letter."""
    assert clipped("x" * LEAST, LEAST) == "x" * LEAST


def turn(number: int, result: str) -> list[Message]:
    """A turn with one call."""
    return [
        Message("assistant", "", [Call(id=f"c{number}", tool="look", arguments={})]),
        Message("tool", result, call_id=f"c{number}"),
    ]


def test_old_results_are_shortened_first_and_the_last_two_exchanges_last() -> None:
    """Mild ways touch only what is old; a result of the last exchange is cut only where nothing else helps."""
    said = Said([Message("user", "Go."), *(part for n in range(4) for part in turn(n, "r" * 9000))], 0)
    lengths = [
        [round(len(message.text), -2) for message in shortened(said, way) if message.role == "tool"]
        for way in ways(said, None, 40_000)
    ]
    assert lengths == [
        [2000, 2000, 9000, 9000],
        [500, 500, 9000, 9000],
        [500, 500, 9000, 9000],  # so little is left of what is old that a summary would be longer
        [500, 500, 500, 5000],
        [500, 500, 500, 500],
    ]


def test_a_summary_stands_behind_the_visits_own_message() -> None:
    """It is of the user's making for the model: roles still alternate."""
    said = Said([Message("user", "Go."), *(part for n in range(9) for part in turn(n, "r" * 9000))], 0)
    *_, way = ways(said, None, 9000)
    sent = shortened(said, way.model_copy(update={"summary": "Eight looks."}))
    assert sent[0].text == "Go.\n\nWhat was said and done until here, in short:\nEight looks."
    assert [message.role for message in sent] == ["user", "assistant", "tool"]
    assert len(upto(said, None, way.messages)) == 17


def test_what_was_said_in_earlier_visits_is_summed_up_before_the_message_that_stays_first() -> None:
    """A later visit goes on from what is left of them."""
    past = [part for n in range(9) for part in (Message("user", f"Q{n}"), Message("assistant", "a" * 3000))]
    said = Said([*past, Message("user", "Now?")], len(past))
    *_, mild, _, strong = ways(said, None, 9000)
    sent = shortened(said, mild.model_copy(update={"summary": "Eight answers."}))
    assert sent[0].text == "What was said before, in short:\nEight answers.\n\nQ8"
    assert next(message.text for message in shortened(said, strong)).endswith("\n\nNow?")


def test_a_further_shortening_goes_no_step_back() -> None:
    """What was cut stays cut: the model has been told so."""
    said = Said([Message("user", "Go."), *(part for n in range(9) for part in turn(n, "r" * 9000))], 0)
    last = Shortening(results=15, longest=600, most=700, messages=13, summary="Six looks.")
    for way in ways(said, last, 90_000):
        assert way.results >= 15
        assert way.longest <= 600
        assert way.most <= 700
        assert way.messages >= 13
