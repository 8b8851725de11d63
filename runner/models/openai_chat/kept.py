"""What a server of chat completions wants back word for word: its thinking, and the signatures of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.models.reading import dicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.runs.events import Call

UNSIGNED = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""The words of Gemini for a call that another model made."""
_GROWING = {"reasoning.text": "text", "reasoning.summary": "summary"}
"""Details whose text comes in pieces, and where it stands; all others come whole."""


class Details:
    """OpenRouter's `reasoning_details`, put together from their pieces in the order in which they came."""

    def __init__(self) -> None:
        self._parts: list[dict[str, Any]] = []
        self._texts: list[list[str]] = []

    def add(self, pieces: Any) -> str:
        """Take pieces in; gives the thinking that they hold as text."""
        told = ""
        for piece in dicts_of(pieces):
            text = piece.get(_GROWING.get(str(piece.get("type")), ""))
            told += text if isinstance(text, str) else ""
            last = self._parts[-1] if self._parts else {}
            if piece.get("type") in _GROWING and all(last.get(key) == piece.get(key) for key in ("type", "index")):
                last.update({key: value for key, value in piece.items() if value is not None})
            else:
                self._parts.append(dict(piece))
                self._texts.append([])
            self._texts[-1].append(text if isinstance(text, str) else "")
        return told

    def whole(self) -> list[dict[str, Any]]:
        """All parts, as they go back."""
        grown = zip(self._parts, self._texts, strict=True)
        return [part | {_GROWING[part["type"]]: "".join(texts)} if len(texts) > 1 else part for part, texts in grown]


def blocks_of(details: Details, extra: Any, calls: Sequence[Call], extras: Sequence[Any]) -> list[dict[str, Any]]:
    """What is kept of an answer: fields of the message, and by their ids those of its calls."""
    said = {"reasoning_details": details.whole(), "extra_content": extra}
    message = {name: value for name, value in said.items() if value}
    signed = [{"id": call.id, "extra_content": more} for call, more in zip(calls, extras, strict=True) if more]
    return [*([message] if message else []), *signed]


def put_back(message: dict[str, Any], blocks: Sequence[Mapping[str, Any]]) -> None:
    """Give a past message its kept fields again."""
    calls = {call["id"]: call for call in message.get("tool_calls", ())}
    for block in blocks:
        if "id" not in block:
            message.update(block)
        elif block["id"] in calls:
            calls[block["id"]].update(block)
