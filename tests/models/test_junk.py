"""Recorded answers with any one of their values replaced: an answer or a failure, never anything else."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models import PROVIDERS
from runner.models.anthropic.request import encode as encode_anthropic
from runner.models.anthropic.stream import Answer as AnthropicAnswer
from runner.models.openai_responses.request import encode as encode_responses
from runner.models.openai_responses.stream import Answer as ResponsesAnswer
from runner.models.port import Message
from runner.models.reading import read_reply
from runner.models.server import Server
from runner.runs.events import ModelReplied
from tests.models.recorded import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.models.port import Reply, Request

Rounds = Callable[[int], int]
JUNK: tuple[Any, ...] = (None, 7, -1.5, float("inf"), True, "x", "\ud83d", [], ["x"], [None, {}], {}, {"type": "x"})


class Chunks:
    """Bytes, one chunk."""

    def __init__(self, data: bytes) -> None:
        self._left = [data]

    def __aiter__(self) -> Chunks:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values within."""
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*way, key))


def spoiled(value: Any, way: tuple[Any, ...], junk: Any) -> Any:
    """A copy with one value replaced."""
    value = at = copy.deepcopy(value)
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = junk
    return value


def recordings(wire: str) -> Iterator[list[Any]]:
    """The events of every recorded answer of a wire format; of one that came whole, the one object."""
    for path in sorted((HERE / wire / "streams").iterdir()):
        text = path.read_text()
        lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
        yield [json.loads(each) for each in lines or [text]]


def sent(events: list[Any]) -> bytes:
    """The events as a server sends them, without their names; a single one is a whole answer."""
    if len(events) == 1:
        return json.dumps(events[0]).encode()
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)


def outcome(wire: str, data: bytes) -> Reply | ModelFailed:
    """What an answer comes to."""
    answer = (
        AnthropicAnswer(lambda *_: None, "own", schema=True)
        if wire == "anthropic"
        else ResponsesAnswer(lambda *_: None, "own", answer_tool=True)
    )
    try:
        return asyncio.run(read_reply(Chunks(data), answer))
    except ModelFailed as fault:
        return fault


@pytest.mark.soak
@pytest.mark.parametrize("wire", ["anthropic", "openai_responses"])
def test_a_value_of_another_kind_gives_an_answer_or_a_failure(
    wire: str, a_request: Request, seed: int, rounds: Rounds
) -> None:
    """And an answer can be journaled and sent back."""
    encode = encode_anthropic if wire == "anthropic" else encode_responses
    server = Server("lab", "own", "http://x", "tiny", None, None, PROVIDERS["anthropic"].profile)
    every = [(events, way) for events in recordings(wire) for way in places(events)]
    chance = random.Random(seed)
    for events, way in chance.choices(every, k=rounds(6000)):
        data = sent(spoiled(events, way, chance.choice(JUNK)))
        reply = outcome(wire, data)
        if isinstance(reply, ModelFailed):
            continue
        event = ModelReplied(
            path="p", text=reply.text, calls=list(reply.calls), usage=reply.usage, finish="", seconds=0, kept=reply.kept
        )
        event.model_dump_json().encode()
        said = Message("assistant", reply.text, reply.calls, kept=reply.kept)
        request = type(a_request)([*a_request.messages, said], [], None, a_request.deadline, a_request.place)
        json.loads(encode(request, server))
