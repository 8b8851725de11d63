"""Texts that are cut: a sign stands where something is missing, so that nobody takes a part for the whole.

The part of a secret that a cut leaves is known by the sign beside it: whoever cuts foreign words cuts them here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SIGN = "…"
CUT = re.compile(r"…|\n\[\.\.\. [\d,]+ (?:bytes|characters) left out \.\.\.\]\n")
"""Every sign of a cut: the middle of a long output, or of an answer, is told with its size."""


def begin_of(text: str, most: int) -> str:
    """The first `most` characters of a text."""
    return text if len(text) <= most else text[:most] + SIGN


def end_of(text: str, most: int) -> str:
    """The last `most` characters of a text."""
    return text if len(text) <= most else SIGN + text[-most:]


def some_of(words: Sequence[str], most: int) -> str:
    """The first words of a list, and how many there are more: `a, b and 3 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
