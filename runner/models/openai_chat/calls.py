"""Tool calls put together from the pieces of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runner.errors import ModelFailed
from runner.models.arguments import MOST_CALLS, loads, own_id, read_arguments
from runner.models.reading import dict_of, text_of
from runner.models.text import mend, mended
from runner.runs.events import Call

MOST_LOOKS = 100
"""Pieces of one call that all name it: in each the arguments so far are looked through again."""


@dataclass(slots=True)
class _Open:
    """A call that is still growing; arguments come as text, or whole as an object."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    looked: int = 0
    """Times that was asked whether it is complete."""
    whole: dict[str, Any] | None = None
    extra: Any = None
    """What the server wants back with the call: a signature."""

    def add(self, call_id: str, name: str, arguments: Any) -> str:
        """Take a piece, and tell what is new in it; name and id may come once or with every piece."""
        new = f"{'' if self.name else name}{arguments or ''}"
        self.id = self.id or call_id
        self.name = self.name or name
        if isinstance(arguments, dict):
            self.whole = arguments
        elif isinstance(arguments, str):
            self.pieces.append(arguments)
        return new

    def complete(self) -> bool:
        """Whether the arguments so far are a whole object, so that another piece must begin another call."""
        self.looked += 1
        if self.whole is not None or self.looked > MOST_LOOKS:
            return self.whole is not None
        return isinstance(loads("".join(self.pieces)), dict)


class Calls:
    """The calls of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[_Open] = []
        self._by_index: dict[int, _Open] = {}

    def add(self, piece: Any) -> str:
        """Take one entry of `tool_calls`, and tell what is new in it; anything that is no object says nothing."""
        if not isinstance(piece, dict):
            return ""
        function = dict_of(piece.get("function"))
        call_id, name = text_of(piece.get("id")), text_of(function.get("name"))
        call = self._find(piece.get("index"), call_id, name)
        call.extra = piece.get("extra_content") or call.extra
        return call.add(call_id, name, function.get("arguments"))

    def finished(self, *, cut: bool) -> list[Call]:
        """All calls; of an answer that was `cut` short the arguments are not mended: half a file would be written."""
        taken: set[str] = set()
        return [_finish(call, taken, cut=cut) for call in self._calls]

    def extras(self) -> list[Any]:
        """What goes back with each call; None for nothing."""
        return [call.extra for call in self._calls]

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
        if len(self._calls) >= MOST_CALLS:
            raise ModelFailed(f"the answer makes more than {MOST_CALLS} calls", trouble="broken")
        self._calls.append(_Open())
        return self._calls[-1]


def _finish(call: _Open, taken: set[str], *, cut: bool) -> Call:
    if not call.name:
        raise ModelFailed("the answer calls a tool without naming it", trouble="broken")
    arguments = read_arguments("".join(call.pieces), cut=cut) if call.whole is None else mended(call.whole)
    return Call(id=own_id(call.id, taken), tool=mend(call.name), arguments=arguments)
