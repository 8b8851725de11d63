"""An answer in the chat completions format, streamed or whole, put together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.faults import words_of
from runner.models.openai_chat.calls import Calls
from runner.models.openai_chat.kept import Details, blocks_of
from runner.models.openai_chat.usage import read_usage
from runner.models.port import Reply
from runner.models.reading import dict_of, dicts_of, no_answer, refuse_error, text_of, unfinished
from runner.models.shapes import ANSWER
from runner.models.text import Flow, Tagged, mended
from runner.runs.events import Kept, Usage

if TYPE_CHECKING:
    from runner.errors import Trouble
    from runner.models.port import OnDelta
    from runner.models.profile import Profile

_THINKING = ("reasoning_content", "reasoning", "thinking")
_NO_ANSWERS: tuple[tuple[str, str, Trouble], ...] = (
    ("content_filter", "the provider's content filter stopped the answer", "filtered"),
    ("function_call_filter", "the model wrote a call that its provider cannot read", "broken"),
    ("insufficient_system_resource", "the server ran out of resources in the middle of its answer", "overloaded"),
    ("error", "the server gave up in the middle of its answer and says no more than `error`", "broken"),
    ("abort", "the server broke the answer off", "broken"),
)
"""Reasons to finish that leave no answer: how they begin (why may follow), what they mean, and their trouble."""


class Answer:
    """The reply as far as it has come; with `answer_tool` the arguments of that tool are its text."""

    def __init__(self, on_delta: OnDelta, provider: str, profile: Profile, *, answer_tool: bool = False) -> None:
        self._provider = provider
        self._profile = profile
        self._answer_tool = answer_tool
        self._on_delta = on_delta
        self._text = Flow("text", on_delta)
        self._thinking = Flow("thinking", on_delta)
        self._content = Tagged(self._text, self._thinking)
        self._details = Details()
        self._extra: Any = None
        self._calls = Calls()
        self._refusal: list[str] = []
        self._usage = Usage()
        self._finish = ""

    def take(self, kind: str, data: Any) -> bool:
        """Take one object of the stream; only `[DONE]` is the last."""
        refuse_error(kind, data)
        if not isinstance(data, dict):
            raise no_answer(data)
        usage = data.get("usage")
        if usage is None and "x_groq" in data:
            usage = dict_of(data["x_groq"]).get("usage")
        if usage and isinstance(usage, dict):
            self._usage = read_usage(usage)
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
        if not self._finish and not (done and self._profile.done_is_finish):
            raise unfinished("finish_reason")
        if self._refusal:
            raise ModelFailed(f"the model refused: {words_of(''.join(self._refusal))}", trouble="filtered")
        self._content.end()
        cut = self._finish == "length"
        calls, extras = self._calls.finished(cut=cut), self._calls.extras()
        answers = [call for call in calls if self._answer_tool and call.tool == ANSWER]
        if answers:
            made = [pair for pair in zip(calls, extras, strict=True) if pair[0] not in answers]
            calls, extras = [call for call, _ in made], [extra for _, extra in made]
        text = self._text.end()
        if answers and not calls:
            text = self._told(answers[0].arguments)  # words beside the answer's tool are none of the answer
        keeps = self._profile.thinking_back == "kept" and not cut and (calls or not answers)
        blocks = mended(blocks_of(self._details, self._extra, calls, extras)) if keeps else []
        return Reply(
            text,
            calls,
            self._usage,
            "length" if cut else "tool_calls" if calls else "stop",
            thinking=self._thinking.end(),
            kept=Kept(wire="openai_chat", provider=self._provider, blocks=blocks) if blocks else None,
        )

    def _told(self, arguments: Any) -> str:
        """The answer that the arguments of its tool are, told as its text."""
        flow = Flow("text", self._on_delta)
        flow.add(arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))
        return flow.end()

    def _take_choice(self, choice: dict[str, Any]) -> None:
        if choice.get("error") is not None:
            refuse_error("", choice)
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            self._take_delta(delta)
        if (reason := choice.get("finish_reason")) and isinstance(reason, str):
            self._finish = reason
            for begin, words, trouble in _NO_ANSWERS:
                if reason.startswith(begin):
                    raise ModelFailed(words, trouble=trouble)

    def _take_delta(self, delta: dict[str, Any]) -> None:
        content = delta.get("content")
        if len(delta) > 1 or not isinstance(content, str):
            self._take_more(delta)
        if content and isinstance(content, str):
            self._content.add(content)

    def _take_more(self, delta: dict[str, Any]) -> None:
        """All that a piece may hold beside plain text; most hold nothing else."""
        details = self._details.add(delta["reasoning_details"]) if "reasoning_details" in delta else ""
        thought = next((said for key in _THINKING if (said := delta.get(key)) and isinstance(said, str)), details)
        if thought:
            self._thinking.add(thought)
        if isinstance(content := delta.get("content"), list):
            self._take_parts(content)
        if refusal := text_of(delta.get("refusal")):
            self._refusal.append(refusal)
        if isinstance(calls := delta.get("tool_calls"), list):
            for piece in calls:
                if new := self._calls.add(piece):
                    self._on_delta("call", new)
        self._extra = delta.get("extra_content") or self._extra

    def _take_parts(self, content: Any) -> None:
        """Content may be a list of parts: texts, and from some servers thinking, whose own parts are texts again."""
        for part in dicts_of(content):
            for thought in dicts_of(part.get("thinking")):
                self._thinking.add(text_of(thought.get("text")))
            self._content.add(text_of(part.get("text")))
