"""Tool calls put together from the pieces of a stream."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from runner.errors import ModelFailed
from runner.models.openai_chat.text import mend
from runner.runs.events import Call

_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODE = json.JSONDecoder(strict=False).decode


@dataclass(slots=True)
class _Open:
    """A call that is still growing; arguments come as text, or whole as an object."""

    id: str = ""
    name: str = ""
    text: str = ""
    whole: dict[str, Any] | None = None

    def add(self, call_id: str, name: str, arguments: Any) -> None:
        """Take a piece; name and id may come once or with every piece."""
        self.id = self.id or call_id
        self.name = self.name or name
        if isinstance(arguments, dict):
            self.whole = arguments
        elif isinstance(arguments, str):
            self.text += arguments

    def complete(self) -> bool:
        """Whether the arguments so far are a whole object, so that another piece must begin another call."""
        return self.whole is not None or isinstance(_loads(self.text), dict)


class Calls:
    """The calls of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[_Open] = []
        self._by_index: dict[int, _Open] = {}

    def add(self, piece: Any) -> None:
        """Take one entry of `tool_calls`; anything that is no object says nothing."""
        if not isinstance(piece, dict):
            return
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        call_id, name = _text(piece.get("id")), _text(function.get("name"))
        self._find(piece.get("index"), call_id, name).add(call_id, name, function.get("arguments"))

    def finished(self, *, cut: bool) -> list[Call]:
        """All calls; of an answer that was `cut` short the arguments are not mended: half a file would be written."""
        taken: set[str] = set()
        return [_finish(call, taken, cut=cut) for call in self._calls]

    def _find(self, index: Any, call_id: str, name: str) -> _Open:
        if isinstance(index, int):
            call = self._by_index.get(index)
            # Some servers number every call 0, others make a new id up for every piece: only both new is a new call.
            if call is None or (name and call_id and call.id and call_id != call.id):
                call = self._by_index[index] = self._open()
            return call
        if call_id:
            known = next((call for call in self._calls if call.id == call_id), None)
            return known or self._open()
        last = self._calls[-1] if self._calls else None
        return self._open() if last is None or (name and last.name and last.complete()) else last

    def _open(self) -> _Open:
        self._calls.append(_Open())
        return self._calls[-1]


def _finish(call: _Open, taken: set[str], *, cut: bool) -> Call:
    if not call.name:
        raise ModelFailed("the answer calls a tool without naming it")
    # Nine letters and digits: the only form of an id that every server takes back.
    call_id = call.id if call.id and call.id not in taken else secrets.token_hex(5)[:9]
    taken.add(call_id)
    return Call(id=call_id, tool=call.name, arguments=_arguments(call, cut=cut))


def _arguments(call: _Open, *, cut: bool) -> Any:
    """The arguments as an object, or their raw text when even one attempt to mend it gives none."""
    if call.whole is not None:
        return call.whole
    if not call.text.strip():
        return {}
    value = _loads(call.text)
    if isinstance(value, str):  # encoded twice
        value = _loads(value)
    if value is None and call.text.strip() == "null":
        return {}
    if not isinstance(value, dict) and not cut:
        value = _repair(call.text)
    return value if isinstance(value, dict) else mend(call.text)


def _loads(text: str) -> Any:
    """What JSON says, control characters in its strings forgiven; None for what is no JSON."""
    try:
        value = _DECODE(text)
    except (ValueError, RecursionError):
        return None
    if _HALF_ESCAPE.search(text):
        return json.loads(mend(json.dumps(value, ensure_ascii=False)))
    return value


def _repair(text: str) -> Any:
    import json_repair

    try:
        return json_repair.loads(text) or None
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
