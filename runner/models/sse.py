"""Server-sent events out of raw bytes, by the WHATWG specification; what the data means is the caller's."""

from __future__ import annotations

from typing import NamedTuple

from runner.errors import ModelFailed

MAX_EVENT = 16 * 1024 * 1024
"""Bytes that one event may have before the server counts as broken."""
_LINE = 64
"""Bytes that a line takes beside its data: there may be many empty ones."""
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event: its type, empty for the usual `message`, and its data."""

    type: str
    data: str


class Parser:
    """Turns chunks, cut anywhere, into events."""

    def __init__(self) -> None:
        self._rest = bytearray()  # the line that is not complete yet
        self._data: list[bytes] = []
        self._size = 0
        self._type = b""
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that a chunk completes."""
        if self._after_cr and chunk:  # the line feed of a CRLF cut in two would count as a second line end
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        self._rest += chunk
        if self._size + len(self._rest) > MAX_EVENT:
            raise ModelFailed(f"the server sent an event of more than {MAX_EVENT // 2**20} MiB", trouble="broken")
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        lines = bytes(self._rest).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = bytearray(lines.pop())
        return [event for line in lines if (event := self._take(line))]

    def end(self) -> list[Event]:
        """The event that the end of the body completes: many servers leave out the last blank line."""
        last = [self._take(bytes(self._rest)), self._take(b"")]
        self._rest.clear()
        return [event for event in last if event]

    def _take(self, line: bytes) -> Event | None:
        if self._first:
            line, self._first = line.removeprefix(_BOM), False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._size += len(value) + _LINE
        elif name == b"event":
            self._type = value
        return None  # an empty name is a comment; id, retry and unknown names say nothing here

    def _dispatch(self) -> Event | None:
        data, kind = self._data, self._type
        self._data, self._size, self._type = [], 0, b""
        if not data:
            return None
        return Event(kind.decode(errors="replace"), b"\n".join(data).decode(errors="replace"))
