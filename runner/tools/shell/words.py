"""Words that a shell, or a program, reads otherwise than as plain arguments."""

from __future__ import annotations

import re

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
"""Programs that take a script behind `-c`."""
CODE = frozenset({".", "[[", "alias", "let", "source", "trap"})
"""Words of a shell that read those behind them as code, or run a file."""
NAMES = frozenset({"declare", "export", "getopts", "local", "read", "readonly", "typeset", "unset"})
"""Words of a shell that read those behind them as names of variables."""
ROLES = {"for": "name", "case": "subject"}
"""Words of a shell, and what the next word is."""
CLAUSES = frozenset({"name", "items", "subject"})
"""Roles of the words between `for` or `case` and what they do."""
NOT_EVERYWHERE = frozenset({"coproc", "function", "select"})
"""Words that only some shells know, whose next words are programs there and arguments elsewhere."""
_BEFORE_PROGRAMS = frozenset(
    "! { } do done elif else esac exec fi if then time until while builtin command".split()  # noqa: SIM905 - shorter
)
"""Words of a shell behind which a program may follow."""
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_NAMES_BY_OPTION = frozenset({"[", "printf", "test"})
"""Words of a shell that read the name of a variable behind `-v`, where they know it."""
_AGAIN = frozenset({"eval", "ssh", "su"})
"""Programs that give words to a shell, wherever in a command they stand."""
_SCRIPT_OPTION = re.compile(r"[-+]\w*c\w*")
_EXPANDED = re.compile(r"(?:\$[\w@*#?!-]*\x00?)+")
"""A word of nothing but variables, which may be empty, or what `$( )` put out."""
_DONE = "-"
"""In place of a reader: what it reads as code stands there, and plain arguments follow."""


def is_before_programs(word: str) -> bool:
    """Whether a program may follow a word that stands where programs do: also one that may come to nothing."""
    return word in _BEFORE_PROGRAMS or ASSIGNMENT.match(word) is not None or _EXPANDED.fullmatch(word) is not None


def role_behind(role: str, word: str) -> str:
    """The role of the word behind one of a clause."""
    if role == "name":
        return "items"
    if role == "items":
        return "program" if word == "do" else "argument"
    return "program" if word == "in" else "subject"


def reader_of_program(word: str) -> str:
    """What reads the words behind the first one of a command otherwise than as arguments."""
    return word if word in CODE | NAMES | _NAMES_BY_OPTION else reader_behind("", word)


def reader_behind(reader: str, word: str) -> str:
    """The same, behind a further word that `reader` has read."""
    name, is_option = word.rpartition("/")[2], word.startswith(("-", "+"))
    if reader in _NAMES_BY_OPTION:
        return "unset" if word == "-v" else reader
    if reader == _DONE or (reader.endswith(" -c") and is_option):
        return reader
    if reader.endswith(" -c"):
        return _DONE
    if reader in SHELLS and not is_option and ("/" in word or "." in word):  # a file, whatever options were before
        return _DONE
    if reader in SHELLS and _SCRIPT_OPTION.fullmatch(word):
        return f"{reader} -c"
    return name if name in SHELLS | _AGAIN else reader


def takes_code(reader: str) -> bool:
    """Whether a word would be read as code."""
    return bool(reader) and reader not in {_DONE} | NAMES | _NAMES_BY_OPTION
