"""What the items of a response say: text, thinking and calls, and what goes back of them word for word."""

from __future__ import annotations

import json
from typing import Any

from runner.errors import ModelFailed
from runner.models.arguments import own_id, read_arguments
from runner.models.reading import dicts_of, text_of
from runner.models.shapes import ANSWER
from runner.models.text import mend, mended
from runner.runs.events import Call

_ASIDE = "commentary"


class Said:
    """The items of one response, read."""

    def __init__(self, items: list[dict[str, Any]], *, cut: bool, answer_tool: bool) -> None:
        self._cut = cut
        self._answer_tool = answer_tool
        self._taken: set[str] = set()
        self._answer: str | None = None
        self._texts: list[str] = []
        self._asides: list[str] = []
        self._thoughts: list[str] = []
        self._items: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.refusal = ""
        for item in items:
            self._take(item)

    @property
    def text(self) -> str:
        """The answer's words; remarks on the way are the answer only where there is no other."""
        if self._answer is not None and not self.calls:
            return self._answer
        return "".join(self._texts) or ("" if self.calls else "\n\n".join(self._asides))

    @property
    def thinking(self) -> str:
        """What the model thought, as far as the server tells, and its remarks on the way."""
        asides = self._asides if self._texts or self.calls or self._answer else []
        return "\n\n".join(text for text in [*self._thoughts, *asides] if text)

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The items, where they hold more than text and calls; empty where these say it all."""
        answered = self._answer is not None and not self.calls
        more = any(item.get("type") not in ("message", "function_call") or item.get("phase") for item in self._items)
        return self._items if more and not answered else []

    def _take(self, item: dict[str, Any]) -> None:
        match item.get("type"):
            case "message":
                self._take_message(item)
            case "function_call":
                self._take_call(item)
            case "reasoning":
                self._thoughts.append(texts_of(item.get("summary")) or texts_of(item.get("content")))
                if item.get("encrypted_content") or item.get("content"):  # of all others the server knows nothing more
                    self._items.append(item)
            case _:
                self._items.append(item)

    def _take_message(self, item: dict[str, Any]) -> None:
        parts = dicts_of(item.get("content"))
        self.refusal += "".join(text_of(part.get("refusal")) for part in parts)
        text = mend("".join(text_of(part.get("text")) for part in parts))
        (self._asides if is_aside(item) else self._texts).append(text)
        self._items.append(item)

    def _take_call(self, item: dict[str, Any]) -> None:
        name, arguments = mend(text_of(item.get("name"))), item.get("arguments")
        if not name:
            raise ModelFailed("the answer calls a tool without naming it", trouble="broken")
        whole = isinstance(arguments, dict)
        arguments = mended(arguments) if whole else read_arguments(text_of(arguments), cut=self._cut)
        if self._answer_tool and name == ANSWER:
            self._answer = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
            return
        call = Call(id=own_id(text_of(item.get("call_id")), self._taken), tool=name, arguments=arguments)
        self.calls.append(call)
        self._items.append({**item, "call_id": call.id})


def is_aside(item: dict[str, Any]) -> bool:
    """Whether an item is a remark on the way to the answer."""
    return item.get("phase") == _ASIDE


def texts_of(parts: Any) -> str:
    """The texts of a list of parts."""
    return mend("\n\n".join(text_of(part.get("text")) for part in dicts_of(parts)))
