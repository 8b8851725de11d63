"""Words of a command that only a shell would act on, and scripts that get no values: there is no shell between."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.words import flow
from runner.tools.shell.words import SHELLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.project.findings import Loc
    from runner.project.project import ToolEntry

_SIGNS = frozenset({"|", "||", "&&", "&", ";", "<", ">", ">>", "2>", "2>&1", ">/dev/null", "2>/dev/null"})
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<inside>.*\{\{.*)(?P=quote)""", re.DOTALL)
_HOME = re.compile(r"~/|\$HOME\b|\$\{?[A-Z_]+\}?/")


def check(tool: ToolEntry, words: Sequence[str]) -> Iterator[Finding]:
    """A warning for the first such word."""
    yield from of_words(tool.file, ("tools", tool.name), words)


def of_words(file: str, loc: Loc, words: Sequence[str]) -> Iterator[Finding]:
    """The warning for the command of a tool that stands at `loc`."""
    program = words[0].rpartition("/")[2]
    found = _in_script(words) if program in SHELLS else None if program.endswith("sh") else _outside(words)
    if found is not None:
        index, what, hint = found
        yield Finding("shell-sign", file, (*loc, "command", index), what, hint, "warning")


def _outside(words: Sequence[str]) -> tuple[int, str, str] | None:
    for index, word in enumerate(words):
        if word in _SIGNS:
            what = f"`{word}` is given to {words[0]} as a word: there is no shell that acts on it"
            return index, what, f"write {_for_a_shell(words)}"
        if quoted := _QUOTED.fullmatch(word):
            what = f"the quotes in {word} are given to {words[0]}, too: there is no shell that takes them off"
            return index, what, f"write {flow(quoted['inside'])}: a value stays inside its word"
        if _HOME.match(word):
            what = f"`{word}` is given to {words[0]} as it stands: there is no shell that knows the folder"
            return index, what, "write the whole path, or give it as a parameter"
    return None


def _in_script(words: Sequence[str]) -> tuple[int, str, str] | None:
    """A script that reads more values than it is given, or whose first value is its `$0`."""
    if len(words) < 4 or "c" not in words[1].lstrip("-") or not words[1].startswith("-"):  # noqa: PLR2004 sh -c SCRIPT VALUE
        return None
    most = max((int(number) for number in re.findall(r"\$\{?([1-9])", words[2])), default=0)
    if most < len(words) - 3:
        return None
    values = list(words[3:])
    given = len(values) - 1
    if given and "{{" not in values[0]:
        what = f"the script reads ${most}, and behind its name stands no more than ${given}"
        return 2, what, f"write ${given}, or give it one more word" if given == 1 else f"read one of $1 to ${given}"
    what = f"the script reads ${most}, and the first word behind it is $0"
    return 3, what, f"write {flow([*words[:3], words[0], *values])}"


def _for_a_shell(words: Sequence[str]) -> str:
    """The same words as a script, to which values are given as arguments: they may not stand in it."""
    values = list(dict.fromkeys(word for word in words if "{{" in word))
    script = " ".join(f'"${values.index(word) + 1}"' if word in values else word for word in words)
    given = [f", {json.dumps(value, ensure_ascii=False)}" for value in values]
    return f"[sh, -c, {json.dumps(script, ensure_ascii=False)}{', sh' if given else ''}{''.join(given)}]"
