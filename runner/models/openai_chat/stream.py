"""An answer in the chat completions format, streamed or whole, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.faults import words_of
from runner.models.openai_chat.calls import Calls
from runner.models.port import Reply
from runner.models.reading import count, no_answer, refuse_error, unfinished
from runner.models.text import Flow
from runner.runs.events import Usage

if TYPE_CHECKING:
    from runner.models.port import OnDelta

_FINISH = {"tool_calls": "tool_calls", "function_call": "tool_calls", "length": "length"}
_THINKING = ("reasoning_content", "reasoning", "thinking")


class Answer:
    """The reply as far as it has come."""

    def __init__(self, on_delta: OnDelta, *, done_is_finish: bool) -> None:
        self._done_is_finish = done_is_finish
        self._text = Flow("text", on_delta)
        self._thinking = Flow("thinking", on_delta)
        self._calls = Calls()
        self._refusal = ""
        self._usage = Usage()
        self._finish = ""

    def take(self, kind: str, data: Any) -> bool:
        """Take one object of the stream; only `[DONE]` is the last."""
        refuse_error(kind, data)
        if not isinstance(data, dict):
            raise no_answer(data)
        if isinstance(usage := data.get("usage"), dict):
            self._usage = _usage(usage)
        choices = data.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._take_choice(choices[0])
        return False

    def take_whole(self, data: Any) -> None:
        """Take an answer that came in one piece: its message stands where a stream has deltas."""
        self.take("", data)
        if not data.get("choices"):
            raise ModelFailed(
                "the server answered without any choices", trouble="broken", hint="asking again often helps"
            )
        self._finish = self._finish or "stop"

    def reply(self, *, done: bool) -> Reply:
        """The reply, now that all of it is here."""
        if not self._finish and not (done and self._done_is_finish):
            raise unfinished("finish_reason")
        if self._finish == "content_filter":
            raise ModelFailed("the provider's content filter stopped the answer", trouble="filtered")
        if self._refusal:
            raise ModelFailed(f"the model refused: {words_of(self._refusal)}", trouble="filtered")
        calls = self._calls.finished(cut=self._finish == "length")
        finish = _FINISH.get(self._finish, "tool_calls" if calls else "stop")
        text, thinking = self._text.end(), self._thinking.end()
        return Reply(
            text, calls, self._usage, "tool_calls" if calls and finish == "stop" else finish, thinking=thinking
        )

    def _take_choice(self, choice: dict[str, Any]) -> None:
        refuse_error("", choice)
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            self._take_delta(delta)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            if reason == "error":
                raise ModelFailed(
                    "the server gave up in the middle of its answer and says no more than `error`", trouble="broken"
                )
            self._finish = reason

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


def _content(content: Any) -> str:
    """Content is a text, or from some servers a list of parts; parts other than text are none of the answer."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))


def _usage(usage: dict[str, Any]) -> Usage:
    """Counts are of the whole answer so far, so that a later one replaces an earlier."""
    return Usage(input=count(usage.get("prompt_tokens")), output=count(usage.get("completion_tokens")))
