"""Words that a shell, or a program, reads otherwise than as plain arguments.

A value may be an argument only of a program that is written out. What reads the words of a command is its `reader`: a
name, and behind a blank how far it is in them.
"""

from __future__ import annotations

import re

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "rbash", "zsh"})
"""Programs that take a script behind `-c`."""
_AGAIN = frozenset({"csh", "eval", "fish", "rsh", "ssh", "su", "runuser", "tcsh"})
"""Programs that give words to a shell, wherever in a command they stand."""
_ALONE = _AGAIN - {"eval", "rsh", "ssh"}
"""Those that read their input, as shells do."""
_CODE = _AGAIN | {".", "at", "batch", "bind", "fc", "flock", "let", "parallel", "script", "source", "trap", "watch"}
"""Words that read those behind them as code, or run a file."""
ATTRIBUTES = frozenset({"export", "local", "readonly"})
"""Words of a shell that read those behind them as variables, and by options change what a later value is."""
_NAMES = ATTRIBUTES | {"getopts", "hash", "read", "type", "unalias", "unset", "wait"}
"""Words of a shell that read those behind them as names."""
TESTS = frozenset({"[", "test"})
"""Words of a shell that may take a word for an operator, by those around it."""
_OPERATORS = frozenset(
    "! ( = == != -a -o -b -c -d -e -f -g -h -k -n -p -r -s -t -u -w -x -z -L -S"  # noqa: SIM905 - shorter
    " -eq -ne -lt -le -gt -ge -nt -ot -ef".split()
)
"""Words of `test` behind which another one is nothing but text: no `-v`, which some shells know."""
ROLES = {"for": "name", "case": "subject"}
"""Words of a shell, and what the next word is."""
CLAUSES = frozenset({"name", "items", "subject"})
"""Roles of the words between `for` or `case` and what they do."""
NOT_EVERYWHERE = frozenset(
    "[[ alias builtin compgen complete compopt coproc declare enable function mapfile readarray"  # noqa: SIM905
    " select shopt typeset".split()
)
"""Words that only some shells know, or that change how later words are read."""
_KEYWORDS = frozenset("! { } do done elif else esac fi if then until while".split())  # noqa: SIM905 - shorter
"""Words of a shell behind which a program may follow."""
LAUNCHERS = {
    "command": ("p", ""),
    "doas": ("n", "u"),
    "env": ("i", "uC"),
    "exec": ("", ""),
    "ionice": ("t", "cn"),
    "nice": ("", "n"),
    "nohup": ("", ""),
    "setsid": ("cfw", ""),
    "stdbuf": ("", "ioe"),
    "sudo": ("nEHb", "ug"),
    "time": ("p", ""),
    "timeout": ("v", "ks"),
    "xargs": ("0rt", "dILnP"),
}
"""Programs that run the one behind their options: letters of those, and of those that take a word."""
RUNNING = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
"""Options of `find` behind which a program follows."""
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
_PLAIN = re.compile(r"[A-Za-z0-9_./:+][\w./:+-]*|\[")
"""A program that is written out."""
_SHELL_OPTION = re.compile(r"-[abefhlmnuvx]*(c?)[abefhlmnuvx]*|[-+][abefhlmnuvx]*(o)")
_LOGIN = re.compile(r"-\w*[is]\w*|--shell|--login")
"""Options of `sudo` for a shell of its own."""
_DONE = "-"
"""A reader that has read what it takes for code: plain arguments follow."""
UNCLEAR = "?"
"""In place of a reader: nobody knows which program it is."""


def bare(word: str) -> str:
    """A word without what stands in it for quotes."""
    return word.replace("\0", "")


def is_own(variable: str) -> bool:
    """Whether a variable is the author's: shells and programs run what is in some of those with capitals."""
    return re.fullmatch(r"[a-z]\w*", variable) is not None


def is_before_programs(word: str) -> bool:
    """Whether a program may follow a word that stands where programs do."""
    return word in _KEYWORDS or ASSIGNMENT.match(word) is not None


def role_behind(role: str, word: str) -> str:
    """The role of the word behind one of a clause."""
    if role == "name":
        return "items"
    if role == "items":
        return "program" if word == "do" else "argument"
    return "program" if word == "in" else "subject"


def launcher_behind(launcher: str, word: str) -> str:
    """What is to come behind a further word of a launcher; nothing when the word is the program."""
    name, _, state = launcher.partition(" ")
    if state:
        return name
    flags, taking = LAUNCHERS[name]
    option = re.fullmatch(rf"-(?!-)[{flags}-]*(?:[{taking}-]([\w.%{{}}]*))?", word)
    if option and word != "-":
        return name if option[1] is None or option[1] else f"{name} -"
    return "nohup" if name == "timeout" and word[:1] != "-" else ""


def reader_of_program(word: str) -> str:
    """What reads the words behind the first one of a command otherwise than as arguments."""
    if _LOGIN.fullmatch(word):
        return "sh !"
    if not _PLAIN.fullmatch(word):
        return bare(word) if bare(word) in _CODE else reader_behind("", word) or UNCLEAR
    return word if word in _CODE | _NAMES | TESTS | {"printf"} else reader_behind("", word)


def reader_behind(reader: str, word: str) -> str:
    """The same, behind a further word that `reader` has read."""
    name, _, state = reader.partition(" ")
    program = bare(word).rpartition("/")[2]
    if name in SHELLS | {".", "source"} and bare(word).startswith(("/dev/", "/proc/")):  # could be the input
        return f"{name} !"
    if name in SHELLS:
        return _shell_behind(name, state, word)
    if name in TESTS:
        return name if word in _OPERATORS else f"{name} ?"
    if name == "printf":
        return _DONE if bare(word)[:1] not in ("", "-", "$") else UNCLEAR
    if name in _CODE | _NAMES | {UNCLEAR}:
        is_shell = any(part.rpartition("/")[2] in SHELLS for part in bare(word).split())
        return f"{name} !" if is_shell and name not in _NAMES else reader
    if program in SHELLS and reader == _DONE:
        return f"{program} !"
    if program in SHELLS | _AGAIN:
        return program if program in word else f"{program} !"
    return "sh !" if bare(word).startswith("$SHELL") else reader


def _shell_behind(name: str, state: str, word: str) -> str:
    """How far a shell is: before a script, behind `-o` or `-c`, at its `$0`, done; or `!`, where nobody knows."""
    if state == "!":
        return f"{name} !"
    if state == "-o":
        return name if word.isalpha() else f"{name} !"
    if state == "-c":
        return f"{name} $0" if bare(word)[:1] not in ("-", "+") else f"{name} !"
    if state == "$0" or (word[:1] != "+" and _PLAIN.fullmatch(word)):
        return _DONE
    option = _SHELL_OPTION.fullmatch(word) if len(word) > 1 else None
    if option is None:
        return f"{name} !"
    return f"{name} -c" if option[1] else f"{name} -o" if option[2] else name


def is_done(reader: str) -> bool:
    """Whether plain arguments follow."""
    return reader in ("", _DONE)


def takes_code(reader: str) -> bool:
    """Whether a word would be read as code."""
    name, _, state = reader.partition(" ")
    return name in _CODE or (name in SHELLS and state != "$0")


def takes_input(reader: str) -> bool:
    """Whether it may be a shell that was given no script, and reads one from its input."""
    name, _, state = reader.partition(" ")
    return state == "!" or name in _ALONE or (name in SHELLS and state not in ("$0", "-c"))


def takes_names(reader: str) -> bool:
    """Whether a word could be read as the name of a variable."""
    return reader in _NAMES or reader.partition(" ")[::2] in {(name, "?") for name in TESTS}
