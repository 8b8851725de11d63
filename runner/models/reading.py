"""The body of an answer as wire formats over SSE read it: a stream of events, or one JSON object; bounded, whole."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, Self

from runner.errors import ModelFailed
from runner.models import sse
from runner.models.faults import error_in, match_of, status_of, trouble_of, words_of
from runner.models.http import drain
from runner.models.parsing import parse
from runner.spec.cuts import begin_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from runner.models.port import Reply

MAX_BODY = 64 * 1024 * 1024
"""Bytes that one answer may have before the server counts as broken; in one piece: as many as an event."""
MOST_TOKENS = 10**9
"""Tokens above which a count is none: sums of such counts must fit where they are kept."""
MOST_DOLLARS = 1e6
"""What one answer is believed to cost at most; that uses up any limit."""
TICKS = 10_000_000_000
"""Parts of a dollar in which one provider (xAI) tells a cost."""
BLANK = b" \t\r\n\xef\xbb\xbf"
"""What may stand before a body and says nothing."""


class Answer(Protocol):
    """A reply as far as it has come, put together by a wire format."""

    def take(self, kind: str, data: Any) -> bool:
        """Take one event of the stream; whether it was the last."""

    def take_whole(self, data: Any) -> None:
        """Take the whole answer, which came in one piece."""

    def reply(self, *, done: bool) -> Reply:
        """The reply, when all of it is here; `done`: whether the stream said `[DONE]`. Raises ModelFailed if not."""


async def read_reply(chunks: AsyncIterator[bytes], answer: Answer) -> Reply:
    """The reply in a body, which shows itself whether it is a stream or one object, whatever its headers say.

    Raises ModelFailed for an error in the body and for an answer that is not complete.
    """
    chunks = Within(chunks)
    first = await first_chunk(chunks)
    if first.lstrip(BLANK)[:1] in (b"{", b"["):
        answer.take_whole(await _read_whole(first, chunks))
        return answer.reply(done=False)
    return answer.reply(done=await _read_events(first, chunks, answer))


class Within:
    """Chunks until there are too many of them; no generator, so that nothing is left to close."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._left = MAX_BODY

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self._left -= len(chunk)
        if self._left < 0:
            raise ModelFailed(f"the server sent an answer of more than {MAX_BODY // 2**20} MiB", trouble="broken")
        return chunk


async def first_chunk(chunks: AsyncIterator[bytes]) -> bytes:
    """The first chunk that holds more than blanks; raises ModelFailed for a web page."""
    async for chunk in chunks:
        if begun := chunk.lstrip(BLANK):
            if begun.startswith(b"<"):
                raise ModelFailed(
                    "the server answered with a web page, not with an answer of a model",
                    trouble="missing",
                    hint="check `base_url` of this model in runner.yaml; most often it ends in /v1",
                )
            return chunk
    raise ModelFailed("the server sent an empty answer (no bytes)", trouble="broken")


def refuse_error(kind: str, data: Any) -> None:
    """Raise ModelFailed when this piece of a stream, of the SSE type `kind`, is an error."""
    error = error_in(kind, data)
    if error is not None:
        raise broken_off(error)


def broken_off(error: Any) -> ModelFailed:
    """What an error in the middle of an answer means: as a refusal with its status, where it names one."""
    words, status = words_of(error), status_of(error)
    trouble = trouble_of(status or 0, words)
    return ModelFailed(
        f"the server broke its answer off: {words or 'it does not say why'}",
        match=match_of(status) if status else "model",
        trouble="broken" if trouble == "refused" and not status else trouble,
    )


def unfinished(missing: str) -> ModelFailed:
    """The failure of an answer whose end never came; it must not pass for a short answer."""
    return ModelFailed(
        f"the answer stopped before its end (no {missing})", trouble="broken", hint="the server's own log says why"
    )


def no_answer(data: Any) -> ModelFailed:
    """The failure of JSON that is no piece of an answer."""
    begin = begin_of("".join(islice(json.JSONEncoder().iterencode(data), 80)), 80)  # not all of it: it may be long
    return ModelFailed(f"the server sent {begin} where a piece of an answer belongs", trouble="broken")


def count(value: Any) -> int:
    """A number of tokens; 0 for what is none."""
    return min(int(value), MOST_TOKENS) if _is_number(value) else 0


def cache_of(given: int, cached: int, written: int) -> dict[str, int]:
    """Tokens read from and put into the cache, as parts of those `given`: some servers count more than there are."""
    cached = min(cached, given)
    return {"cached": cached, "written": min(written, given - cached)}


def cost_of(usage: Mapping[str, Any]) -> float | None:
    """The dollars that an answer took, where the provider says so; with a key of one's own, upstream's come on top."""
    ticks = _amount(usage.get("cost_in_usd_ticks"))
    cost = _amount(usage.get("cost")) if ticks is None else ticks / TICKS
    if cost is not None and usage.get("is_byok") is True:
        cost += _amount(dict_of(usage.get("cost_details")).get("upstream_inference_cost")) or 0.0
    return None if cost is None else min(cost, MOST_DOLLARS)


def text_of(value: Any) -> str:
    """A text; empty for what is none."""
    return value if isinstance(value, str) else ""


def dict_of(value: Any) -> dict[str, Any]:
    """An object; empty for what is none."""
    return value if isinstance(value, dict) else {}


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _amount(value: Any) -> float | None:
    return float(min(value, MOST_DOLLARS * TICKS)) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


async def _read_events(first: bytes, chunks: AsyncIterator[bytes], answer: Answer) -> bool:
    """Take all events in; whether the stream said that it is done."""
    parser = sse.Parser()
    events = parser.feed(first)
    while True:
        ended, done = _take_all(events, answer)
        if ended or done:
            await drain(chunks)
            return done
        chunk = await anext(chunks, None)
        if chunk is None:
            return _take_all(parser.end(), answer)[1]
        events = parser.feed(chunk)


def _take_all(events: list[sse.Event], answer: Answer) -> tuple[bool, bool]:
    """Whether one of these was the last, and whether the stream says that it is done."""
    for kind, data in events:
        if data.strip() == "[DONE]":
            return True, True
        if answer.take(kind, _parse(kind, data)):
            return True, False
    return False, False


def _parse(kind: str, data: str) -> Any:
    try:
        return parse(data)
    except ValueError:
        if kind == "error":
            return data
        what = f"the server sent what is no JSON: {words_of(begin_of(data, 200))}"
        raise ModelFailed(what, trouble="broken") from None


async def _read_whole(first: bytes, chunks: AsyncIterator[bytes]) -> Any:
    body = bytearray(first)
    async for chunk in chunks:
        body += chunk
        if len(body) > sse.MAX_EVENT:
            raise ModelFailed(f"the server sent an object of more than {sse.MAX_EVENT // 2**20} MiB", trouble="broken")
    try:
        return parse(body.strip(BLANK).decode())
    except ValueError:
        raise ModelFailed("the answer stopped before its end (half a JSON object)", trouble="broken") from None
