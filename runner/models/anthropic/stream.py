"""An answer in Anthropic's Messages, streamed or whole, put together from its blocks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.anthropic.ids import plain_id
from runner.models.anthropic.usage import read_usage
from runner.models.arguments import own_id, past_arguments, read_arguments
from runner.models.faults import words_of
from runner.models.port import Reply
from runner.models.reading import dict_of, dicts_of, no_answer, refuse_error, text_of, unfinished
from runner.models.shapes import ANSWER
from runner.models.text import Flow, mend, mended
from runner.runs.events import Call, Kept, Usage

if TYPE_CHECKING:
    from runner.models.port import OnDelta

_FINISH = {"max_tokens": "length", "tool_use": "tool_calls"}
_FIELDS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_PLAIN = ("text", "tool_use")
"""Blocks that can be said again without having been kept."""


@dataclass(slots=True)
class _Block:
    """A part of the content that is still growing: what it began with, and the pieces of its texts."""

    begun: dict[str, Any]
    pieces: dict[str, list[str]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return text_of(self.begun.get("type"))

    def add(self, name: str, piece: str) -> None:
        self.pieces.setdefault(name, []).append(piece)

    def text(self, name: str) -> str:
        return mend(text_of(self.begun.get(name)) + "".join(self.pieces.get(name, ())))

    def arguments(self, *, cut: bool) -> Any:
        """The input of a tool call: streamed as text, or there from the beginning."""
        text = "".join(self.pieces.get("input", ()))
        if text.strip():
            return read_arguments(text, cut=cut)
        return mended(past_arguments(self.begun.get("input") or {}))

    def whole(self) -> dict[str, Any]:
        """The block as the server would have sent it in one piece."""
        texts = {name: self.text(name) for name in self.pieces if name != "input"}
        if "input" in self.begun or "input" in self.pieces:
            return {**self.begun, **texts, "input": past_arguments(self.arguments(cut=False))}
        return {**self.begun, **texts}


class Answer:
    """The reply as far as it has come; `before` is what was said of the same turn before the server paused."""

    def __init__(self, on_delta: OnDelta, provider: str, *, schema: bool, before: Answer | None = None) -> None:
        self._on_delta = on_delta
        self._flows = {"text": Flow("text", on_delta), "thinking": Flow("thinking", on_delta)}
        self._provider = provider
        self._schema = schema
        self._blocks: list[_Block] = before.parts() if before else []
        self._spent = before.usage() if before else Usage()
        self._by_index: dict[int, _Block] = {}
        self._usage: dict[str, Any] = {}
        self._stop = ""
        self._stop_details: dict[str, Any] = {}
        self._ended = False

    @property
    def paused(self) -> bool:
        """Whether the server wants this turn sent back, to go on with it."""
        return self._stop == "pause_turn"

    def take(self, kind: str, data: Any) -> bool:
        """Take one event of the stream; `message_stop` is the last."""
        refuse_error(kind, data)
        if not isinstance(data, dict):
            raise no_answer(data)
        match text_of(data.get("type")) or kind:
            case "content_block_delta":
                self._grow(_index(data), dict_of(data.get("delta")))
            case "message_start":
                self._take_usage(dict_of(data.get("message")))
            case "content_block_start":
                self._begin(_index(data), dict_of(data.get("content_block")))
            case "message_delta":
                self._take_usage(data)
                self._take_stop(dict_of(data.get("delta")))
            case "message_stop":
                self._ended = True
        return self._ended  # a ping, or a kind that is newer than this, says nothing

    def take_whole(self, data: Any) -> None:
        """Take an answer that came in one piece."""
        refuse_error("", data)
        if not isinstance(data, dict) or not isinstance(data.get("content"), list):
            raise no_answer(data)
        for index, block in enumerate(dicts_of(data["content"])):
            self._begin(index, block)
        self._take_usage(data)
        self._take_stop(data)
        self._ended = True

    def reply(self, *, done: bool) -> Reply:  # noqa: ARG002 - this format has no [DONE]
        """The reply, now that all of it is here."""
        if not self._ended:
            raise unfinished("message_stop")
        self._refuse_stop()
        for flow in self._flows.values():
            flow.end()
        said = _Said(self._blocks, cut=self._stop == "max_tokens", schema=self._schema)
        finish = _FINISH.get(self._stop, "stop")
        if finish != "length":
            finish = "tool_calls" if said.calls else "stop"
        kept = said.kept if any(block.get("type") not in _PLAIN for block in said.kept) else []
        return Reply(
            said.text,
            said.calls,
            self.usage(),
            finish,
            thinking=said.thinking,
            kept=Kept(wire="anthropic", provider=self._provider, blocks=mended(kept)) if kept else None,
        )

    def usage(self) -> Usage:
        """What the whole turn took, its paused parts included."""
        return read_usage(self._usage, self._spent)

    def parts(self) -> list[_Block]:
        """The blocks so far."""
        return list(self._blocks)

    def blocks(self) -> list[dict[str, Any]]:
        """The content so far, word for word."""
        return [block.whole() for block in self._blocks]

    def _begin(self, index: int, begun: dict[str, Any]) -> _Block:
        block = self._by_index[index] = _Block(begun)
        self._blocks.append(block)
        if block.type in self._flows and (text := text_of(begun.get(block.type))):
            self._flows[block.type].add(text)
        elif name := text_of(begun.get("name")):
            self._on_delta("call", f"{name}{begun.get('input') or ''}")
        return block

    def _grow(self, index: int, delta: dict[str, Any]) -> None:
        kind = text_of(delta.get("type"))
        if kind == "input_json_delta":
            piece = text_of(delta.get("partial_json"))
            self._block(index, "tool_use").add("input", piece)
            if piece:
                self._on_delta("call", piece)
        elif name := _FIELDS.get(kind):
            piece = text_of(delta.get(name))
            self._block(index, "text" if name == "text" else "thinking").add(name, piece)
            if name in self._flows:
                self._flows[name].add(piece)

    def _block(self, index: int, kind: str) -> _Block:
        """The block that a piece belongs to; some servers begin none."""
        return self._by_index.get(index) or self._begin(index, {"type": kind})

    def _take_usage(self, data: dict[str, Any]) -> None:
        """Counts are of the whole answer so far, so that a later one replaces an earlier."""
        usage = dict_of(data.get("usage"))
        self._usage.update({name: value for name, value in usage.items() if value is not None})

    def _take_stop(self, data: dict[str, Any]) -> None:
        self._stop = text_of(data.get("stop_reason")) or self._stop
        self._stop_details = dict_of(data.get("stop_details")) or self._stop_details

    def _refuse_stop(self) -> None:
        if self._stop == "refusal":
            why = words_of(
                text_of(self._stop_details.get("explanation")) or text_of(self._stop_details.get("category"))
            )
            raise ModelFailed(f"the model refused{': ' + why if why else ''}", trouble="filtered")
        if self._stop == "model_context_window_exceeded":
            raise ModelFailed("the answer filled the model's context before its end", trouble="overflow")


def _index(data: dict[str, Any]) -> int:
    """Which block an event speaks of; those without a number share one."""
    index = data.get("index")
    return index if isinstance(index, int) else -1


class _Said:
    """What blocks say: text, thinking and calls, and what goes back of them word for word."""

    def __init__(self, blocks: list[_Block], *, cut: bool, schema: bool) -> None:
        self._cut = cut
        self._schema = schema
        self._taken: set[str] = set()
        self.calls: list[Call] = []
        self.kept: list[dict[str, Any]] = []
        self._answers: list[str] = []
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        for block in blocks:
            self._take(block)
        if self._answers and not self.calls:
            self._texts, self.kept = self._answers[:1], []  # what was the call of a tool is a text from now on

    @property
    def text(self) -> str:
        """The answer's words."""
        return "".join(self._texts)

    @property
    def thinking(self) -> str:
        """What the model thought, as far as the server tells."""
        return "\n\n".join(thought for thought in self._thoughts if thought)

    def _take(self, block: _Block) -> None:
        if block.type == "tool_use":
            self._take_call(block)
        elif block.type == "text":
            self._texts.append(block.text("text"))
            if block.text("text").strip():
                self.kept.append(block.whole())
        elif block.type == "thinking":
            self._thoughts.append(block.text("thinking"))
            if block.text("signature"):  # without one it was cut off, and would be refused
                self.kept.append({"thinking": "", **block.whole()})
        else:
            self.kept.append(block.whole())

    def _take_call(self, block: _Block) -> None:
        name, arguments = mend(text_of(block.begun.get("name"))), block.arguments(cut=self._cut)
        if not name:
            raise ModelFailed("the answer calls a tool without naming it", trouble="broken")
        if self._schema and name == ANSWER:
            self._answers.append(arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))
            return
        call = Call(id=own_id(plain_id(text_of(block.begun.get("id"))), self._taken), tool=name, arguments=arguments)
        self.calls.append(call)
        self.kept.append({**block.begun, "id": call.id, "input": past_arguments(arguments)})
