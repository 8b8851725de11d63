"""Why a value may not stand at a place in a text for a shell, and what to write there."""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """The end of a sentence that begins with the value, and what to do."""

    what: str
    hint: str


_OUTSIDE = "a value brings its own quotes: write it outside of them, as in {0}count of {0}{{{{ … }}}}{0} files{0}"
_BEFORE = 'write the values before it, as `name={{ … }}`, and read "$name"'
_SCRIPT = "write the code out, and give it the value as an argument: sh -c 'ls -- \"$1\"' sh {{ … }}"

_RECKONED = Refusal("stands in arithmetic, where a value can be code", "reckon inside of the braces, as in {{ n + 1 }}")
INSIDE = {
    "'": Refusal("stands in single quotes, which the quotes around the value would end", _OUTSIDE.format("'")),
    '"': Refusal(
        "stands in double quotes, where the quotes around the value would be part of the text", _OUTSIDE.format('"')
    ),
    "#": Refusal("stands in a comment, which a line feed in the value would end", "remove it, or the comment"),
    "${": Refusal("stands in `${…}`, where shells read quotes differently", "write `name={{ … }}` before, and read it"),
    "$((": _RECKONED,
    "((": _RECKONED,
}
"""By what is open there."""
PROGRAM = Refusal(
    "stands where the program does, and would choose what runs",
    "write the program out; a value is one of its arguments",
)
VARIABLE = Refusal("stands where the name of a variable does", "write `name={{ … }}`")
CAPITALS = Refusal(
    "becomes a variable with capitals in its name, and shells and programs run some of those",
    'write `name={{ … }}`; a program that needs it gets NAME="$name"',
)
UNCLEAR = Refusal(
    "stands where the program is not written out, or has an option that cannot be followed",
    "write a plain name of a program, without quotes or variables; or a script for `command`",
)
FED = Refusal(
    "stands in a text with a shell that reads code from its input",
    "give the shell a file, as `sh ./FILE`, or its code, as sh -c 'CODE'",
)
FORMAT = Refusal("is the format of `printf`, or an option of it", "write printf '%s\\n' {{ … }}")
LIST = Refusal("is a list, and stands where one word belongs", "put blanks around it, among the arguments")
NUMBER = Refusal("stands behind `>&` or `<&`, where some shells read it twice", "write >FILE 2>&1 for a file")

BACKQUOTES = Refusal("stands behind a backquote, inside of which shells read quotes differently", "write $(…)")
HERE = Refusal("stands behind a here-document, whose end could be in the value", f"write printf instead, or {_BEFORE}")
SPLIT = Refusal("stands behind a line that goes on in the middle of a word", "put a blank before the backslash")
DOLLAR = Refusal("stands behind $'…', which not every sh knows", "write '…', or printf")
EXPANSION = Refusal("stands behind quotes inside of `${…}`, which shells read differently", _BEFORE)
ARITHMETIC = Refusal("stands behind arithmetic that cannot be followed", _BEFORE)
ARRAY = Refusal("stands behind an array, which not every sh knows", "write the list where it is needed, as arguments")
CASE = Refusal("stands behind a `case` inside of ( ), whose end cannot be told", _BEFORE)


def behind_sign(sign: str) -> Refusal:
    """Of a sign that would act on the first quote."""
    return Refusal(f"stands behind {sign}, which acts on its quotes", f"remove the {sign}")


def not_everywhere(word: str) -> Refusal:
    """Of a word that only some shells know."""
    return Refusal(f"stands behind `{word}`, which not every sh knows or reads like any command", _BEFORE)


def read_as_code(reader: str) -> Refusal:
    """Of a program that reads its words as code."""
    hint = "leave ssh out: the host is the target of the call" if reader == "ssh" else _SCRIPT
    return Refusal(f"is read by `{reader}` as code, whatever its quotes", hint)
