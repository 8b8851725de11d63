"""How a conversation is made shorter: old results first, then all that is old by a summary, the last results at last.

Nothing is torn apart: a call and its results, a question and its answer go together or stay together. The visit's own
message always stays, and so does the last exchange.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from runner.models.calling.tokens import size
from runner.runs.events import Shortening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.models.port import Message

LEAST = 500
"""Characters that a result always keeps."""
SUMMARY = 4_000
"""Characters that a summary may have."""
_BEFORE = "What was said before, in short:\n{}\n\n"
_SINCE = "\n\nWhat was said and done until here, in short:\n{}"
_DIGITS = 8
_LEFT_OUT = "\n… {} characters left out, as the conversation came near its limit: call the tool again for them …\n"


class Said(NamedTuple):
    """The messages of a visit, without system prompt and examples; `task` is where its own stands."""

    messages: Sequence[Message]
    task: int


def shortened(said: Said, how: Shortening | None) -> list[Message]:
    """What is sent of a conversation."""
    return [message for _, message in _placed(said, how)]


def upto(said: Said, how: Shortening | None, end: int) -> list[Message]:
    """What is sent of the first `end` messages and the visit's own: what a summary of them is made of."""
    return [message for place, message in _placed(said, how) if place < end or place == said.task]


def ways(said: Said, last: Shortening | None, room: int) -> Iterator[Shortening]:
    """Ways to shorten a conversation that is to have about `room` characters, from mild to strong.

    A summary that is yet to be made stands there as so many spaces as it may have letters.
    """
    half, eighth = max(LEAST, room // 2), max(LEAST, room // 8)
    old, older = _end_of_old(said, exchanges=2), _end_of_old(said, exchanges=1)
    yield _way(said, last, Shortening(results=old, longest=4 * LEAST, most=half), 0, room)
    yield _way(said, last, Shortening(results=old, longest=LEAST, most=half), 0, room)
    yield _way(said, last, Shortening(results=old, longest=LEAST, most=half), old, room)
    yield _way(said, last, Shortening(results=older, longest=LEAST, most=eighth), older, room)
    yield _way(said, last, Shortening(results=older, longest=LEAST, most=LEAST), older, room)


def clipped(text: str, longest: int) -> str:
    """Head and tail of a text that is too long, with words for what lay between."""
    if len(text) <= longest:
        return text
    half = max(0, longest - len(_LEFT_OUT) - _DIGITS) // 2
    return f"{text[:half]}{_LEFT_OUT.format(len(text) - 2 * half)}{text[len(text) - half :]}"


def _way(said: Said, last: Shortening | None, how: Shortening, end: int, room: int) -> Shortening:
    """A way that goes no step behind the last one; with a summary of the first `end` messages where it is worth it."""
    if last is not None:
        how = Shortening(
            results=max(last.results, how.results),
            longest=min(last.longest, how.longest),
            most=min(last.most, how.most),
            messages=last.messages,
            summary=last.summary,
        )
    most = min(SUMMARY, max(LEAST, room // 8))
    gone = upto(said, how, end)
    saved = sum(size(message) for message in gone) - size(said.messages[said.task])
    if end <= how.messages or saved <= most + len(_SINCE):
        return how
    return how.model_copy(update={"messages": end, "summary": " " * most})


def _placed(said: Said, how: Shortening | None) -> Iterator[tuple[int, Message]]:
    """The messages that are sent, each with its place in the whole conversation."""
    begun = how is None or not how.messages
    for place, message in enumerate(said.messages):
        if how is None:
            yield place, message
        elif place >= how.messages or place == said.task:
            yield place, _clipped(message, place, how) if begun else _summed_up(message, said, how)
            begun = True


def _clipped(message: Message, place: int, how: Shortening) -> Message:
    longest = how.longest if place < how.results else how.most
    if message.role != "tool" or len(message.text) <= longest:
        return message
    return replace(message, text=clipped(message.text, longest))


def _summed_up(message: Message, said: Said, how: Shortening) -> Message:
    """The first message that is still sent, one of a user: two of them in a row are refused by some servers."""
    if how.messages > said.task:
        return replace(message, text=message.text + _SINCE.format(how.summary))
    return replace(message, text=_BEFORE.format(how.summary) + message.text)


def _end_of_old(said: Said, exchanges: int) -> int:
    """Where the last exchanges begin: with a message of the model in this visit, with one of a user before it."""
    starts = [
        place
        for place, message in enumerate(said.messages)
        if message.role == ("assistant" if place > said.task else "user")
    ]
    return starts[-exchanges] if len(starts) >= exchanges else 0
