"""An answer in the chat completions format, streamed or whole, put together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models import sse
from runner.models.faults import error_in, match_of, status_of, words_of
from runner.models.http import drain
from runner.models.openai_chat.calls import Calls
from runner.models.openai_chat.text import Flow
from runner.models.port import Reply
from runner.runs.events import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.models.port import OnDelta

MAX_BODY = 64 * 1024 * 1024
"""Bytes that one answer may have before the server counts as broken."""
_BLANK = b" \t\r\n\xef\xbb\xbf"
_FINISH = {"tool_calls": "tool_calls", "function_call": "tool_calls", "length": "length"}
_THINKING = ("reasoning_content", "reasoning", "thinking")


async def read_reply(chunks: AsyncIterator[bytes], on_delta: OnDelta, *, done_is_finish: bool) -> Reply:
    """The reply in a body: a stream of events, or one JSON object from servers that do not stream.

    `done_is_finish`: whether `[DONE]` ends an answer that gave no finish_reason. Raises ModelFailed for an error in
    the body and for an answer that is not complete.
    """
    chunks = _Within(chunks)
    first = await _first(chunks)
    start = first.lstrip(_BLANK)[:1]
    if start in (b"{", b"["):
        return await _read_whole(first, chunks, on_delta)
    if start == b"<":
        raise ModelFailed(
            "the server answered with a web page, not with an answer of a model",
            hint="check `base_url` of this model in runner.yaml; most often it ends in /v1",
        )
    return await _read_events(first, chunks, Answer(on_delta), done_is_finish=done_is_finish)


class Answer:
    """The reply as far as it has come."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._text = Flow("text", on_delta)
        self._thinking = Flow("thinking", on_delta)
        self._calls = Calls()
        self._refusal = ""
        self._usage = Usage()
        self.finish = ""

    def take(self, kind: str, data: Any) -> None:
        """Take one object of the stream, or the whole answer; raises ModelFailed when it is an error."""
        _refuse_error(kind, data)
        if not isinstance(data, dict):
            raise ModelFailed(f"the server sent {json.dumps(data)[:80]} where a piece of an answer belongs")
        if isinstance(usage := data.get("usage"), dict):
            self._usage = _usage(usage)
        choices = data.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._take_choice(choices[0])

    def reply(self) -> Reply:
        """The reply, now that all of it is here."""
        if self.finish == "content_filter":
            raise ModelFailed("the provider's content filter stopped the answer")
        if self._refusal:
            raise ModelFailed(f"the model refused: {words_of(self._refusal)}")
        calls = self._calls.finished(cut=self.finish == "length")
        finish = _FINISH.get(self.finish, "tool_calls" if calls else "stop")
        text, thinking = self._text.end(), self._thinking.end()
        return Reply(
            text, calls, self._usage, "tool_calls" if calls and finish == "stop" else finish, thinking=thinking
        )

    def _take_choice(self, choice: dict[str, Any]) -> None:
        _refuse_error("", choice)
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            self._take_delta(delta)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            if reason == "error":
                raise ModelFailed("the server gave up in the middle of its answer and says no more than `error`")
            self.finish = reason

    def _take_delta(self, delta: dict[str, Any]) -> None:
        if thought := next((said for key in _THINKING if (said := delta.get(key)) and isinstance(said, str)), ""):
            self._thinking.add(thought)
        if text := _content(delta.get("content")):
            self._text.add(text)
        if isinstance(refusal := delta.get("refusal"), str):
            self._refusal += refusal
        if isinstance(calls := delta.get("tool_calls"), list):
            for piece in calls:
                self._calls.add(piece)


class _Within:
    """Chunks until there are too many of them; no generator, so that nothing is left to close."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._left = MAX_BODY

    def __aiter__(self) -> _Within:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self._left -= len(chunk)
        if self._left < 0:
            raise ModelFailed(f"the server sent an answer of more than {MAX_BODY // 2**20} MiB")
        return chunk


async def _read_events(first: bytes, chunks: AsyncIterator[bytes], answer: Answer, *, done_is_finish: bool) -> Reply:
    parser = sse.Parser()
    done = _take_all(parser.feed(first), answer)
    while not done:
        chunk = await anext(chunks, None)
        if chunk is None:
            done = _take_all(parser.end(), answer)
            break
        done = _take_all(parser.feed(chunk), answer)
    else:
        await drain(chunks)
    if not answer.finish and not (done and done_is_finish):
        raise ModelFailed("the answer stopped before its end (no finish_reason)", hint="the server's own log says why")
    return answer.reply()


def _take_all(events: list[sse.Event], answer: Answer) -> bool:
    """Take all events in; whether the stream says that it is done."""
    for kind, data in events:
        if data.strip() == "[DONE]":
            return True
        answer.take(kind, _parse(kind, data))
    return False


def _parse(kind: str, data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        if kind == "error":
            return data
        raise ModelFailed(f"the server sent what is no JSON: {words_of(data[:200])}") from None


async def _read_whole(first: bytes, chunks: AsyncIterator[bytes], on_delta: OnDelta) -> Reply:
    body = bytearray(first)
    async for chunk in chunks:
        body += chunk
    try:
        data = json.loads(body.strip(_BLANK))
    except (ValueError, RecursionError):
        raise ModelFailed("the answer stopped before its end (half a JSON object)") from None
    answer = Answer(on_delta)
    answer.take("", data)
    if not data.get("choices"):
        raise ModelFailed("the server answered without any choices", hint="asking again often helps")
    return answer.reply()


async def _first(chunks: AsyncIterator[bytes]) -> bytes:
    async for chunk in chunks:
        if chunk.strip(_BLANK):
            return chunk
    raise ModelFailed("the server sent an empty answer (no bytes)")


def _refuse_error(kind: str, data: Any) -> None:
    error = error_in(kind, data)
    if error is None:
        return
    status = status_of(error)
    raise ModelFailed(
        f"the server broke its answer off: {words_of(error) or 'it does not say why'}",
        match=match_of(status) if status else "model",
    )


def _content(content: Any) -> str:
    """Content is a text, or from some servers a list of parts; parts other than text are none of the answer."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))


def _usage(usage: dict[str, Any]) -> Usage:
    """Counts are of the whole answer so far, so that a later one replaces an earlier."""
    return Usage(input=_count(usage.get("prompt_tokens")), output=_count(usage.get("completion_tokens")))


def _count(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and value > 0 else 0
