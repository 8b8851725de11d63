"""Text as it streams: pieces handed on whole, though a server may cut a character in two."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from runner.models.port import OnDelta

LONGEST_KEY = 64
"""Characters that a key of a provider's cache may have."""
_LONGEST_BLANK = 1000
"""Blanks before a text that are held back, because a tag of thinking may follow them."""
_OPEN, _CLOSE = "<think>", "</think>"
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


def short_key(key: str) -> str:
    """The key of a conversation as providers take one: a long one by its digest."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


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


class Tagged:
    """Text before which thinking may stand between tags: so models write it whose server does not take it apart."""

    def __init__(self, text: Flow, thinking: Flow) -> None:
        self._text = text
        self._thinking = thinking
        self._at: Literal["begin", "inside", "gap", "text"] = "begin"
        self._rest = ""
        self._thought = False

    def add(self, piece: str) -> None:
        """Take a piece of text, which may be cut inside a tag."""
        if self._at == "text":
            self._text.add(piece)
            return
        self._rest += piece
        if self._at == "begin":
            self._begin()
        if self._at == "inside":
            self._think()
        if self._at == "gap":
            self._rest = self._rest.lstrip()
            if self._rest:
                self._say(self._rest)

    def end(self) -> None:
        """Tell what was held back, because it might have been the half of a tag."""
        if self._at != "gap":
            (self._thinking if self._at == "inside" else self._text).add(self._rest)
        self._rest = ""

    def _begin(self) -> None:
        begun = self._rest.lstrip()
        if begun.startswith(_OPEN):
            self._at, self._rest = "inside", begun[len(_OPEN) :]
        elif not _OPEN.startswith(begun) or len(self._rest) > _LONGEST_BLANK:
            self._say(self._rest)

    def _think(self) -> None:
        if not self._thought:
            self._rest = self._rest.lstrip()
            self._thought = bool(self._rest)
        thought, closed, after = self._rest.partition(_CLOSE)
        if closed:
            self._thinking.add(thought)
            self._at, self._rest = "gap", after
            return
        held = next((size for size in range(len(_CLOSE) - 1, 0, -1) if thought.endswith(_CLOSE[:size])), 0)
        self._thinking.add(thought[: len(thought) - held])
        self._rest = thought[len(thought) - held :]

    def _say(self, text: str) -> None:
        self._at, self._rest = "text", ""
        self._text.add(text)
