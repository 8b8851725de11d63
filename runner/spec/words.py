"""The word that was probably meant: the one home of every `did you mean`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEAR = 0.6
_FOLDED = str.maketrans("-. ", "___")


def nearest(word: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str:
    """The known word that is most like `word`, or an empty text; capitals, dashes and blanks count for nothing."""
    by_form: dict[str, str] = {}
    for name in known:
        by_form.setdefault(_form(name), name)
    near = get_close_matches(_form(word), by_form, n=1, cutoff=cutoff)
    return by_form[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the known word that is nearest, or nothing."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else ""


def snake(word: str) -> str:
    """A name as files write it: `startAt` and `Start-At` as `start_at`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[- ]", "_", word).lower()


def _form(word: str) -> str:
    return word.strip().casefold().translate(_FOLDED)
