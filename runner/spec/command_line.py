"""A command line as one text: the words of a simple command, or why it is more than that and needs a shell.

A simple command is a program and its words, written with blanks, quotes and backslashes alone. Whatever a shell would
act on, and whatever a person could not see, makes it no simple one; nobody guesses what was meant.
"""

from __future__ import annotations

import unicodedata

LONGEST = 4_096
"""Characters of a command line that is taken apart."""
MOST_WORDS = 256
_BLANKS = " \t"
_SIGNS = "|&;<>()$`*?[]{}"
"""What a shell may act on when it stands outside of quotes."""
_AT_BEGIN = "#~"
"""What a shell may act on at the beginning of a word, or of a part of it."""
_IN_DOUBLE_QUOTES = '\\$`"'
"""What a backslash takes the meaning of inside of double quotes; before all else it stands for itself."""
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800") | {chr(code) for code in range(0xFE00, 0xFE10)}
_SPECIAL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
"""Classes of characters that are not seen, or seen as something else."""


class NotSimple(ValueError):
    """A command line that is no simple command; says why."""


def words(text: str) -> tuple[str, ...]:
    """The words of a simple command; raises NotSimple."""
    _refuse_unseen(text)
    found: list[str] = []
    place = 0
    while (place := _past_blanks(text, place)) < len(text):
        word, end = _word(text, place)
        if not found and _is_assignment(text[place:end]):
            raise NotSimple(f"{word!r} sets a variable before the program")
        if not found and text[place:end] == "!":
            raise NotSimple("a shell takes ! as `not`")
        found.append(word)
        place = end
    if not found or len(found) > MOST_WORDS:
        raise NotSimple(f"it has more than {MOST_WORDS} words" if found else "it is empty")
    return tuple(found)


def _refuse_unseen(text: str) -> None:
    if len(text) > LONGEST:
        raise NotSimple(f"it has {len(text):,} characters, more than {LONGEST:,}")
    for sign in text:
        if sign not in _BLANKS and (unicodedata.category(sign) in _SPECIAL or sign in _UNSEEN):
            raise NotSimple(f"it holds the character U+{ord(sign):04X}, which cannot be seen for what it is")


def _past_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def _word(text: str, place: int) -> tuple[str, int]:
    """The word that begins at a place, and where it ends."""
    parts = []
    while place < len(text) and text[place] not in _BLANKS:
        sign = text[place]
        if sign in _SIGNS or (sign in _AT_BEGIN and _begins_part(text, place)):
            raise NotSimple(f"a shell acts on {sign}")
        part, place = _READERS.get(sign, _plain)(text, place)
        parts.append(part)
    return "".join(parts), place


def _begins_part(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] in f"{_BLANKS}=:,"


def _plain(text: str, place: int) -> tuple[str, int]:
    return text[place], place + 1


def _escaped(text: str, place: int) -> tuple[str, int]:
    if place + 1 == len(text):
        raise NotSimple("it ends with a backslash")
    return text[place + 1], place + 2


def _single_quoted(text: str, place: int) -> tuple[str, int]:
    end = text.find("'", place + 1)
    if end < 0:
        raise NotSimple("a ' is not closed")
    return text[place + 1 : end], end + 1


def _double_quoted(text: str, place: int) -> tuple[str, int]:
    parts = []
    place += 1
    while place < len(text) and text[place] != '"':
        if text[place] in "$`":
            raise NotSimple(f"a shell acts on {text[place]}, also inside of double quotes")
        if text[place] == "\\" and text[place + 1 : place + 2] in tuple(_IN_DOUBLE_QUOTES):
            place += 1
        parts.append(text[place])
        place += 1
    if place >= len(text):
        raise NotSimple('a " is not closed')
    return "".join(parts), place + 1


_READERS = {"\\": _escaped, "'": _single_quoted, '"': _double_quoted}


def _is_assignment(written: str) -> bool:
    """Whether a shell takes the first word, as it is written, as `NAME=value`."""
    name, equals, _ = written.partition("=")
    return bool(equals) and name.removesuffix("+").isidentifier()
