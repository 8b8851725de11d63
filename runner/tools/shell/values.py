"""How a value is written in a text for a shell, and where it may stand.

It is written as one word in single quotes. That is the value and nothing else wherever a shell reads words, also inside
of `$( )`. It is not so inside of quotes, which the value's own would end, in comments, arithmetic and `${ }`. Nor may a
value be the program, or a word that the program reads as code: no quotes help there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.tools.shell import reasons
from runner.tools.shell.words import ASSIGNMENT, NAMES, takes_code

if TYPE_CHECKING:
    from runner.tools.shell.reading import Place
    from runner.tools.shell.reasons import Refusal


def quoted(value: str) -> str:
    """A value as one word, in quotes also where it needs none: it is no number before `>`, and no word of the shell."""
    return "'" + value.replace("'", "'\"'\"'") + "'"


def behind(place: Place, words: int = 1) -> Place:
    """The place behind a value of so many words that may stand there."""
    return replace(place, last="").after("''") if words else place


def refusal(place: Place, words: int = 1) -> Refusal | None:
    """Why no value of so many words may stand at a place; None when it may."""
    sign = place.around[-1].sign if place.around else ""
    is_assigned = ASSIGNMENT.match(place.word) is not None
    if place.lost or sign in reasons.INSIDE:
        return place.lost or reasons.INSIDE[sign]
    if place.last[:1] == "\\" or place.last == "$":
        return reasons.behind_sign(place.last[0])
    if place.role == "number":
        return reasons.NUMBER
    if words != 1 and (place.word or place.role != "argument"):
        return reasons.LIST
    if place.role == "program" and not is_assigned:
        return reasons.PROGRAM
    if place.role in ("name", "items") or (place.role == "argument" and place.reader in NAMES and not is_assigned):
        return reasons.VARIABLE
    return reasons.read_as_code(place.reader) if place.role == "argument" and takes_code(place.reader) else None
