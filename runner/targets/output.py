"""The output of a process, bounded: head and tail in memory, the whole in a file once it is longer."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, cast

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO

KEEP = 64_000
"""Bytes of head, and of tail, that are kept."""
MOST = 64_000_000
"""Bytes after which a process is no longer listened to."""


class Spill(Protocol):
    """Where a whole output is kept."""

    def put_file(self, path: Path) -> str:
        """Take in the file's content; its digest."""


class Output:
    """Collects bytes, with `whole` also in a file; a context manager, because that file must go."""

    def __init__(self, keep: int = KEEP, most: int = MOST, *, whole: bool = True) -> None:
        self.total = 0
        self._keep = keep
        self._most = most
        self._whole = whole
        self._head = bytearray()
        self._tail = bytearray()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def is_full(self) -> bool:
        """Whether more came than is listened to."""
        return self.total > self._most

    @property
    def dropped(self) -> int:
        """Bytes between head and tail."""
        return max(0, self.total - 2 * self._keep)

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.total += len(chunk)
        if self._whole and self.dropped:
            (self._file or self._begin_file()).write(chunk)
        room = self._keep - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 16 * self._keep:  # cut seldom: each cut copies the tail
            self._cut()

    def text(self) -> str:
        """Head and tail as text, with a line between them that says how much is missing."""
        self._cut()
        if not self.dropped:
            return bytes(self._head + self._tail).decode(errors="replace")
        head = codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._head))  # a cut character is left out
        tail = bytes(self._tail).lstrip(bytes(range(0x80, 0xC0)))
        return f"{head}\n[... {self.dropped:,} bytes left out ...]\n{tail.decode(errors='replace')}"

    def spill(self, into: Spill) -> str:
        """The digest of the whole, kept in `into`; empty when the text says it all."""
        if self._file is None and self._is_text():
            return ""
        file = self._file or self._begin_file()
        file.flush()
        file.seek(0)  # where a descriptor's file is not opened anew, it is read from here
        return into.put_file(Path(f"/dev/fd/{file.fileno()}"))

    def _is_text(self) -> bool:
        try:
            bytes(self._head + self._tail).decode()
        except UnicodeDecodeError:
            return False
        return True

    def _begin_file(self) -> BinaryIO:
        self._file = file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed by __exit__
        file.write(self._head + self._tail)
        return file

    def _cut(self) -> None:
        del self._tail[: max(0, len(self._tail) - self._keep)]
