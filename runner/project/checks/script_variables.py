"""Variables of `env` that no word of a shell's command reads, while its script reads one of nearly that name."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.spec.words import nearest
from runner.tools.shell.words import SHELLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.project.project import ToolEntry

_GIVEN = re.compile(
    r"(?:PATH|HOME|LANG|PWD|OLDPWD|USER|LOGNAME|SHELL|SHLVL|TERM|TMPDIR|TZ|HOSTNAME|UID|EUID|PPID|IFS|RANDOM|SECONDS|"
    r"LINENO|OPTARG|OPTIND|REPLY|FUNCNAME|PIPESTATUS|(?:BASH|LC|XDG|RUNNER)_\w+)"
)
"""What the system, the shell or runner itself gives, or usually does."""
_LITERAL = re.compile(r"""\\.|'[^']*'|["](?:\\.|[^"\\])*["]""", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_READ = re.compile(r"\$\{?([A-Za-z_]\w*)")
_SET = re.compile(r"(?<![\w$])(?:\$\{)?([A-Za-z_]\w*)(?:\+|:|\[[^]]*\])?=")
_SET_BY_NAME = re.compile(
    r"\b(?:for|select|read|getopts|mapfile|readarray|local|export|declare|typeset|printf -v)\b([^\n;|&]*)"
)
_SET_ELSEWHERE = re.compile(r"(?:^|[\s;&|(])(?:\.|source|eval)\s")


def check(tool: ToolEntry, words: Sequence[str], env: Mapping[str, str]) -> Iterator[Finding]:
    """A warning for each name of `env` that is probably another's; a program that the script calls may read it, too."""
    idle = [name for name in env if not any(re.search(rf"(?<!\w){name}(?!\w)", word) for word in words)]
    missing = _missing(_script(words), env) if idle else []
    for name in idle:
        if meant := _alike(name, missing):
            what = f"no word of the command reads `{name}`; the script reads ${meant}, which nobody gives"
            hint = f"write {meant}, or read ${name}"
            loc = ("tools", tool.name, "env", name)
            yield Finding("unread-variable", tool.file, loc, what, hint, "warning", at_key=True)


def _script(words: Sequence[str]) -> str:
    """The script of `sh -c SCRIPT`; nothing of any other command, or where it takes over variables from elsewhere."""
    if words[0].rpartition("/")[2] not in SHELLS:
        return ""
    for option, script in pairwise(words[1:]):
        if not option.startswith("-"):
            break
        if "c" in option and not option.startswith("--"):
            return "" if _SET_ELSEWHERE.search(script) else script
    return ""


def _missing(script: str, env: Mapping[str, str]) -> list[str]:
    """The variables that a script reads and nobody gives, in its order."""
    taken = {*env, *_SET.findall(script)}
    for names in _SET_BY_NAME.findall(script):
        taken |= {*re.findall(r"(?<![\w$])[A-Za-z_]\w*", names)}
    read = dict.fromkeys(_READ.findall(_LITERAL.sub(_expanded, script)))
    return [name for name in read if name not in taken and not _GIVEN.fullmatch(name)]


def _expanded(quoted: re.Match[str]) -> str:
    """What of a quoted part a shell looks for variables in."""
    return _ESCAPED.sub(" ", quoted[0]) if quoted[0].startswith('"') else " "


def _alike(name: str, others: Sequence[str]) -> str:
    """The one of others that has all the words of a name, or all of whose words it has; else one spelt nearly so."""
    words = set(name.lower().split("_"))
    within = (other for other in others if words <= (its := set(other.lower().split("_"))) or its <= words)
    return next(within, "") or nearest(name, others)
