"""Text as it streams: pieces handed on whole, though a server may cut a character in two."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from runner.models.port import OnDelta

_HALF = re.compile("[\ud800-\udfff]")


def mend(text: str) -> str:
    """The text with halves of surrogate pairs joined; one whose other half is missing becomes U+FFFD."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def mended(value: Any) -> Any:
    """The JSON value with all its texts mended."""
    text = json.dumps(value, ensure_ascii=False)
    whole = mend(text)
    return value if whole is text else json.loads(whole)


class Flow:
    """Text of one kind: tells each piece to the reader and keeps them all."""

    def __init__(self, kind: Literal["text", "thinking"], on_delta: OnDelta) -> None:
        self._kind: Literal["text", "thinking"] = kind
        self._on_delta = on_delta
        self._pieces: list[str] = []
        self._half = ""

    def add(self, piece: str) -> None:
        """Take a piece; the first half of a pair waits for the second."""
        piece, self._half = self._half + piece, ""
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        if piece:
            self._tell(mend(piece))

    def end(self) -> str:
        """The whole text."""
        if self._half:
            self._tell(mend(self._half))
            self._half = ""
        return "".join(self._pieces)

    def _tell(self, piece: str) -> None:
        self._pieces.append(piece)
        self._on_delta(self._kind, piece)
