"""Characters that a person does not see and a model reads: control, bidirectional, zero-width, tags, selectors."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def is_hidden(sign: str) -> bool:
    """Whether a character is not seen; line breaks and tabs are meant."""
    if sign in "\n\t" or " " <= sign <= "~":
        return False
    return unicodedata.category(sign) in _UNSEEN or any(low <= ord(sign) <= high for low, high in _SELECTORS)


def has_hidden(text: str) -> bool:
    """Whether a text holds any."""
    return any(map(is_hidden, text))


def escaped(text: str) -> str:
    r"""The text with every such character spelled out: `\u200b`."""
    return "".join(_spelled(sign) if is_hidden(sign) else sign for sign in text)


def _spelled(sign: str) -> str:
    number = ord(sign)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - what four digits hold
