"""How a value is written in a text for a shell, and where it may stand.

It is written as one word in single quotes. That is the value and nothing else wherever a shell reads words, also inside
of `$( )`. It is not so inside of quotes, which the value's own would end, in comments, arithmetic and `${ }`. Nor may a
value be the program, or a word that the program reads as code: no quotes help there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.tools.shell.reading import Refusal
from runner.tools.shell.words import ASSIGNMENT, NAMES, takes_code

if TYPE_CHECKING:
    from runner.tools.shell.reading import Place

_OUTSIDE = "a value brings its own quotes: write it outside of them, as in {0}count of {0}{{{{ … }}}}{0} files{0}"
_WHY = {
    "'": ("stands in single quotes, which the quotes around the value would end", _OUTSIDE.format("'")),
    '"': ("stands in double quotes, where the quotes around the value would be part of the text", _OUTSIDE.format('"')),
    "#": ("stands in a comment, which a line feed in the value would end", "remove it, or the comment"),
    "${": ("stands in `${…}`, where shells read quotes differently", "write `NAME={{ … }}` before, and read it here"),
    "$((": ("stands in arithmetic, where a value can be code", "reckon inside of the braces, as in {{ n + 1 }}"),
}
_WHY["(("] = _WHY["$(("]
_ARGUMENT = "write the program out; a value is one of its arguments"
_VARIABLE = "write `NAME={{ … }}`"
_HOST = "leave ssh out: the host is the target of the call"
_SCRIPT = "write the code out, and give it the value as an argument: sh -c 'ls -- \"$1\"' sh {{ … }}"


def quoted(value: str) -> str:
    """A value as one word, in quotes also where it needs none: it is no number before `>`, and no word of the shell."""
    return "'" + value.replace("'", "'\"'\"'") + "'"


def behind(place: Place, words: int = 1) -> Place:
    """The place behind a value of so many words that may stand there."""
    return replace(place, last="").after("''") if words else place


def refusal(place: Place, words: int = 1) -> Refusal | None:
    """Why no value of so many words may stand at a place; None when it may."""
    sign = place.around[-1].sign if place.around else ""
    if place.lost or sign in _WHY:
        return place.lost or Refusal(*_WHY[sign])
    if place.last[:1] == "\\" or place.last == "$":
        return Refusal(f"stands behind {place.last[0]}, which acts on its quotes", f"remove the {place.last[0]}")
    if place.role == "number":
        return Refusal("stands behind `>&` or `<&`, where some shells read it twice", "write >FILE 2>&1 for a file")
    is_assigned = ASSIGNMENT.match(place.word) is not None
    if words != 1 and (place.word or place.role != "argument"):
        return Refusal("is a list, and stands where one word belongs", "put blanks around it, among the arguments")
    if place.role == "program" and not is_assigned:
        return Refusal("stands where the program does, and would choose what runs", _ARGUMENT)
    if place.role in ("name", "items") or (place.role == "argument" and place.reader in NAMES and not is_assigned):
        return Refusal("stands where the name of a variable does", _VARIABLE)
    if place.role == "argument" and takes_code(place.reader):
        hint = _HOST if place.reader == "ssh" else _SCRIPT
        return Refusal(f"is read by `{place.reader}` as code, whatever its quotes", hint)
    return None
