"""Servers that mean harm: what they send is an answer or a failure, in bounded time and room, and fits a journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import ModelFailed
from runner.models.arguments import MOST_CALLS, read_arguments
from runner.models.parsing import DEEPEST, MOST, parse
from runner.models.reading import MOST_DOLLARS, MOST_TOKENS, cost_of, count
from runner.models.sse import MAX_EVENT
from runner.models.text import Flow, Tagged
from tests.models.badserver import DONE, delta, event
from tests.models.conftest import Ask

WHOLE = {"choices": [{"message": {"content": "Hi."}, "finish_reason": "stop"}]}
BEYOND = 10**400
"""More than a float can hold."""


def nested(depth: int) -> str:
    """An object of objects."""
    return '{"a":' * depth + "1" + "}" * depth


def fault_of(ask: Ask, *pieces: bytes, **more: Any) -> ModelFailed:
    """The failure that an answer comes to."""
    with pytest.raises(ModelFailed) as failed:
        ask(*pieces, **more)
    return failed.value


@pytest.mark.parametrize("depth", [DEEPEST + 1, 150, 300, 900, 100_000])
@pytest.mark.parametrize("provider", ["vllm", "openai", "anthropic", "ollama"])
def test_an_answer_of_boundless_depth_is_broken(ask: Ask, provider: str, depth: int) -> None:
    """A journal that held it could never be read again."""
    fault = fault_of(ask, b'{"message": ' + nested(depth).encode() + b"}\n", provider=provider)
    assert (fault.trouble, fault.match) == ("broken", "model")


@pytest.mark.parametrize("depth", [DEEPEST + 1, 150, 300, 900, 100_000])
def test_arguments_of_boundless_depth_are_told_as_text(depth: int) -> None:
    """As all that is no object; those that a person could mean are read."""
    assert read_arguments(nested(depth), cut=False) == nested(depth)
    assert read_arguments(nested(depth)[:-1], cut=False) == nested(depth)[:-1]
    assert read_arguments(nested(DEEPEST), cut=False) == json.loads(nested(DEEPEST))


def test_braces_inside_a_text_are_no_depth() -> None:
    """A file of code has many."""
    code = {"text": "{[" * 1000}
    assert parse(json.dumps(code)) == code


def test_json_of_countless_parts_is_not_read() -> None:
    """Each empty list takes thirty times what it is written with."""
    with pytest.raises(ValueError, match="objects and lists"):
        parse("[" + "[]," * MOST + "[]]")


@pytest.mark.parametrize("text", ["{" * 5000, "{\n" * 5000, '{"a": "' + "x" * 200_000])
def test_text_that_takes_long_to_mend_stays_as_it_is(text: str) -> None:
    """Nobody else gets any time meanwhile."""
    assert read_arguments(text, cut=False) == text


@pytest.mark.parametrize("by", [{"index"}, {"id"}, {"index", "id"}, set()])
def test_more_calls_than_anybody_makes_are_broken(ask: Ask, by: set[str]) -> None:
    """However they are told apart."""
    calls = [
        {key: value for key, value in {"index": number, "id": f"c{number}"}.items() if key in by}
        | {"function": {"name": "read_file", "arguments": "{}"}}
        for number in range(MOST_CALLS + 1)
    ]
    assert "more than 256 calls" in fault_of(ask, delta("tool_calls", tool_calls=calls), DONE).message


def test_an_object_in_one_piece_has_the_bound_of_an_event(ask: Ask) -> None:
    """It is held twice while it is read."""
    fault = fault_of(ask, b'{"x": "', *[b"x" * 2**20] * (MAX_EVENT // 2**20), b'"}')
    assert "an object of more than 16 MiB" in fault.message


def test_many_empty_lines_are_an_event_of_some_size(ask: Ask) -> None:
    """Each of them takes room."""
    assert "an event of more than 16 MiB" in fault_of(ask, b"data:\n" * (MAX_EVENT // 32)).message


def test_a_compressed_answer_is_not_unpacked(ask: Ask) -> None:
    """None was asked for, and a little of it may be a lot."""
    fault = fault_of(ask, b"\x1f\x8b\x08\x00", headers="content-encoding: gzip\r\n")
    assert "in the encoding gzip, which was not asked for" in fault.message
    assert ask(json.dumps(WHOLE).encode(), headers="content-encoding: identity\r\n").reply.text == "Hi."


@pytest.mark.parametrize("value", [BEYOND, 10**30, 2**63, 1e308, 1e30])
def test_counts_beyond_measure_fit_where_they_are_kept(ask: Ask, value: float) -> None:
    """One more digit than a database holds would stop the journal of all runs."""
    told = event({**WHOLE, "usage": {"prompt_tokens": value, "completion_tokens": value, "cost": value}})
    usage = ask(told, DONE).reply.usage
    assert (usage.input, usage.output, usage.cost) == (MOST_TOKENS, MOST_TOKENS, MOST_DOLLARS)


@pytest.mark.parametrize("value", [True, -1, -1e300, float("nan"), float("inf"), "7", None, [7]])
def test_what_is_no_count_counts_nothing(value: Any) -> None:
    """Neither tokens nor dollars."""
    assert (count(value), cost_of({"cost": value}), cost_of({"cost_in_usd_ticks": value})) == (0, None, None)


def test_dollars_of_all_kinds_have_one_bound() -> None:
    """In ticks, and with what a provider behind the provider took."""
    assert cost_of({"cost_in_usd_ticks": BEYOND}) == MOST_DOLLARS
    upstream = {"cost": 1, "is_byok": True, "cost_details": {"upstream_inference_cost": BEYOND}}
    assert cost_of(upstream) == MOST_DOLLARS


def test_words_of_a_refusal_are_whole_and_short(ask: Ask) -> None:
    """Half a character could not be journaled, and a redirect may lead far."""
    assert (
        "says HTTP 400 Bad: \ufffd." in fault_of(ask, b'{"error": {"message": "\\ud800."}}', status="400 Bad").message
    )
    far = fault_of(ask, status="307 Elsewhere", headers=f"location: http://x/{'x' * 7000}\r\n")
    assert len(far.message) < 700


def said(*pieces: str) -> list[tuple[str, str]]:
    """What pieces of text are told as."""
    told: list[tuple[str, str]] = []

    def hear(kind: Any, text: str) -> None:
        told.append((kind, text))

    tagged = Tagged(Flow("text", hear), Flow("thinking", hear))
    for piece in pieces:
        tagged.add(piece)
    return told


def test_endless_blanks_are_not_held_back() -> None:
    """Each piece would be looked through with all that came before; behind thinking they say nothing."""
    assert said(*[" " * 100] * 11) == [("text", " " * 1100)]
    assert said("<think>x</think>", *[" "] * 5000, "Hi.") == [("thinking", "x"), ("text", "Hi.")]
