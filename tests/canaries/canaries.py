"""Secrets whose every trace is known: what they are, how they may look, and where any of it stands."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WINDOW = 12
"""Letters of a value that are a leak when they stand together; three less than that may be seen at a cut."""
_STEP = 4
_BETWEEN = re.compile(rb"(?:\x1b|\\u001b|\\x1b|\\033)\[[0-9;]*[A-Za-z]|\\?\\[rn]|[\r\n]")
"""What programs put into the middle of a value: colours and line ends, also as JSON and displays spell them."""


def fresh(more: str = "") -> str:
    """A new secret."""
    return f"CANARY-{uuid4()}{more}"


@dataclass(frozen=True)
class Hit:
    """A piece of a secret where none may be."""

    name: str
    where: str
    around: str


def hits(secrets: Mapping[str, str], places: Mapping[str, bytes]) -> list[Hit]:
    """Every place that holds a piece of a secret in any form."""
    needles = [(name, piece) for name, value in secrets.items() for piece in set(_pieces(value))]
    return [
        Hit(name, where, text[max(0, at - 60) : at + 60].decode(errors="replace"))
        for where, content in places.items()
        for text in (content, _BETWEEN.sub(b"", content))
        for name, piece in needles
        if (at := text.find(piece)) >= 0
    ]


def _pieces(value: str) -> Iterator[bytes]:
    """What no text may hold: parts of it as it is, in base64 wherever it begins, and in hexadecimal digits.

    The random part has nothing in it that JSON, HTML, shells or addresses would escape.
    """
    if value.isdecimal():
        yield value.encode()
        return
    content = value.encode()
    yield from _windows(content.removeprefix(b"CANARY-")[:36])
    for before in range(3):
        encoded = b64encode(b"x" * before + content)[16:-4]
        yield from _windows(encoded)
        yield from _windows(encoded.replace(b"+", b"-").replace(b"/", b"_"))
    yield from _windows(content[7:43].hex().encode())
    yield from _windows(content[7:43].hex().upper().encode())


def _windows(content: bytes) -> Iterable[bytes]:
    return (content[at : at + _WINDOW] for at in range(0, len(content) - _WINDOW + 1, _STEP))
