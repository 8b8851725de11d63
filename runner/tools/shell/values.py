"""How a value is written in a text for a shell, and where it may stand.

It is written as one word in single quotes. That is the value and nothing else wherever a shell reads words, also inside
of `$( )`. It is not so inside of quotes, which the value's own would end, in comments, arithmetic and `${ }`. Nor may a
value be the program, or a word that the program reads as code: no quotes help there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.tools.shell import reasons
from runner.tools.shell.words import (
    ASSIGNMENT,
    ATTRIBUTES,
    TESTS,
    UNCLEAR,
    is_own,
    takes_code,
    takes_input,
    takes_names,
)

if TYPE_CHECKING:
    from runner.tools.shell.reading import Place
    from runner.tools.shell.reasons import Refusal


def quoted(value: str) -> str:
    """A value as one word, in quotes also where it needs none: it is no number before `>`, and no word of the shell."""
    return "'" + value.replace("'", "'\"'\"'") + "'"


def behind(place: Place, words: int = 1) -> Place:
    """The place behind a value of so many words that may stand there."""
    return replace(place, last="", has_value=True).after("''") if words else place


def refusal(place: Place, words: int = 1) -> Refusal | None:
    """Why no value of so many words may stand at a place; None when it may."""
    sign = place.around[-1].sign if place.around else ""
    if place.lost or sign in reasons.INSIDE:
        return place.lost or reasons.INSIDE[sign]
    if place.last[:1] == "\\" or place.last in ("$", "$$"):
        return reasons.behind_sign(place.last[0])
    if place.role == "number":
        return reasons.NUMBER
    if words != 1 and (place.word or place.role != "argument" or place.reader in TESTS):
        return reasons.LIST
    return _of_role(place)


def refusal_at_end(place: Place) -> Refusal | None:
    """Why a text may hold no values at all, as its end tells; None when it may."""
    lost = place.after("\n").lost
    return lost if place.has_value and lost == reasons.FED else None


def _of_role(place: Place) -> Refusal | None:
    if place.role in ("name", "items"):
        return reasons.VARIABLE
    if place.role == "program":
        return _of_program(place)
    if place.role == "file":
        is_read = takes_input(place.reader) or takes_code(place.reader)
        return reasons.read_as_code(place.reader.partition(" ")[0]) if is_read else None
    return _of_argument(place) if place.role == "argument" else None


def _of_program(place: Place) -> Refusal | None:
    if place.reader.endswith(" -"):  # the word of an option
        return None
    if place.reader in ("", "env", "sudo") and (assigned := ASSIGNMENT.match(place.word)):
        return None if is_own(assigned[1]) else reasons.CAPITALS
    return reasons.PROGRAM


def _of_argument(place: Place) -> Refusal | None:
    if takes_names(place.reader):
        assigned = ASSIGNMENT.match(place.word) if place.reader in ATTRIBUTES else None
        return reasons.VARIABLE if not assigned else None if is_own(assigned[1]) else reasons.CAPITALS
    if takes_code(place.reader):
        return reasons.read_as_code(place.reader.removesuffix(" !"))
    return {UNCLEAR: reasons.UNCLEAR, "printf": reasons.FORMAT}.get(place.reader.removesuffix(" !"))
