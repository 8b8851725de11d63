"""An answer in the Responses format, streamed or whole, put together from its items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.faults import words_of
from runner.models.openai_responses.items import Said, is_aside
from runner.models.port import Reply
from runner.models.reading import (
    broken_off,
    cache_of,
    cost_of,
    count,
    dict_of,
    dicts_of,
    no_answer,
    refuse_error,
    text_of,
    unfinished,
)
from runner.models.text import Flow, mended
from runner.runs.events import Kept, Usage

if TYPE_CHECKING:
    from typing import Literal

    from runner.models.port import OnDelta

_ENDS = ("response.completed", "response.incomplete", "response.failed")


class Answer:
    """The reply as far as it has come."""

    def __init__(self, on_delta: OnDelta, provider: str, *, answer_tool: bool) -> None:
        self._on_delta = on_delta
        self._flows = {"text": Flow("text", on_delta), "thinking": Flow("thinking", on_delta)}
        self._told: set[str] = set()
        self._calls_told: set[int] = set()
        self._provider = provider
        self._answer_tool = answer_tool
        self._asides: set[int] = set()
        self._items: list[dict[str, Any]] = []
        self._response: dict[str, Any] = {}

    def take(self, kind: str, data: Any) -> bool:
        """Take one event of the stream; the one that tells the whole response is the last."""
        if isinstance(data, dict) and (kind or text_of(data.get("type"))) in _ENDS:
            self._response = dict_of(data.get("response"))
            return True
        refuse_error(kind or _type_of_error(data), data)
        if not isinstance(data, dict):
            raise no_answer(data)
        self._take_piece(text_of(data.get("type")) or kind, data)
        return False

    def take_whole(self, data: Any) -> None:
        """Take an answer that came in one piece."""
        if isinstance(data, dict) and isinstance(data.get("output"), list):
            self._response = data
            return
        refuse_error("", data)
        raise no_answer(data)

    def reply(self, *, done: bool) -> Reply:  # noqa: ARG002 - this format's end is an event with the whole response
        """The reply, now that all of it is here."""
        cut = self._is_cut()
        # Some servers leave the items out of their last event: then those that were told one by one are the answer.
        said = Said(dicts_of(self._response.get("output")) or self._items, cut=cut, answer_tool=self._answer_tool)
        if said.refusal:
            raise ModelFailed(f"the model refused: {words_of(said.refusal)}", trouble="filtered")
        self._tell("thinking", said.thinking)
        self._tell("text", said.text)
        return Reply(
            said.text,
            said.calls,
            _usage(dict_of(self._response.get("usage"))),
            "length" if cut else "tool_calls" if said.calls else "stop",
            thinking=said.thinking,
            kept=Kept(wire="openai_responses", provider=self._provider, blocks=mended(said.kept))
            if said.kept and not cut
            else None,
        )

    def _take_piece(self, name: str, data: dict[str, Any]) -> None:
        index, item = _index(data), dict_of(data.get("item"))
        match name:
            case "response.output_text.delta":
                self._add("thinking" if index in self._asides else "text", data.get("delta"))
            case "response.function_call_arguments.delta":
                self._calls_told.add(index)
                self._on_delta("call", text_of(data.get("delta")))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                self._add("thinking", data.get("delta"))
            case "response.reasoning_summary_part.added" if data.get("summary_index"):
                self._add("thinking", "\n\n")
            case "response.output_item.added":
                self._begin(index, item)
            case "response.output_item.done":
                self._items.append(item)
                # Even with nothing new in it, a whole item shows that the answer has begun.
                self._on_delta("call", "" if index in self._calls_told else f"{item.get('arguments') or ''}")

    def _begin(self, index: int, item: dict[str, Any]) -> None:
        if is_aside(item):
            self._asides.add(index)
        elif item.get("type") == "function_call":
            self._on_delta("call", text_of(item.get("name")))

    def _add(self, kind: Literal["text", "thinking"], piece: Any) -> None:
        self._told.add(kind)
        self._flows[kind].add(text_of(piece))

    def _tell(self, kind: Literal["text", "thinking"], text: str) -> None:
        """Tell what was told in no pieces."""
        if kind not in self._told:
            self._flows[kind].add(text)
        self._flows[kind].end()

    def _is_cut(self) -> bool:
        """Whether the answer is only a beginning; raises ModelFailed for one that cannot be used at all."""
        status = text_of(self._response.get("status")) or ("completed" if self._response else "")
        if status == "failed" or self._response.get("error"):
            raise broken_off(self._response.get("error"))
        if status not in ("completed", "incomplete"):
            raise unfinished("response.completed")
        reason = text_of(dict_of(self._response.get("incomplete_details")).get("reason"))
        if status == "incomplete" and reason == "content_filter":
            raise ModelFailed("the provider's content filter stopped the answer", trouble="filtered")
        return status == "incomplete"


def _index(data: dict[str, Any]) -> int:
    """Which item an event speaks of; those without a number share one."""
    index = data.get("output_index")
    return index if isinstance(index, int) else -1


def _type_of_error(data: Any) -> str:
    """An event whose own data says that it is an error is one, also without a name."""
    return "error" if isinstance(data, dict) and data.get("type") == "error" else ""


def _usage(usage: dict[str, Any]) -> Usage:
    read, wrote = dict_of(usage.get("input_tokens_details")), dict_of(usage.get("output_tokens_details"))
    given = count(usage.get("input_tokens"))
    return Usage(
        input=given,
        output=count(usage.get("output_tokens")),
        **cache_of(given, count(read.get("cached_tokens")), count(read.get("cache_write_tokens"))),
        reasoning=count(wrote.get("reasoning_tokens")),
        cost=cost_of(usage),
    )
