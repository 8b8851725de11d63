"""What is said to a host's shell: scripts for its standard input, so that no word of them is in its process list.

The login shell of a host may be any; all it is told is `exec /bin/sh`. A script is one `{ … }`: a POSIX shell reads it
to its end before it begins, so that one that breaks off does nothing.
"""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.targets.processes import STEP

if TYPE_CHECKING:
    from runner.targets.port import Command

SHELL = "exec /bin/sh"
"""The command line that the host's SSH server is given, whatever runs."""
CALL = "RUNNER_CALL"
"""Environment variable by which the processes of one command are found again on the host."""
REFUSED = "refused"
"""What the script says, and nothing more, when sudo does not take the password."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_STOP = r"""
members() {
  marked=$(grep -lsF "RUNNER_CALL=$call" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n' | tr '\n' ' ')
  cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) /\1 /' |
  awk -v leader="$leader" -v known="$known $marked" '
    BEGIN { count = split(known, list, " "); for (i = 1; i <= count; i++) found[list[i]] = 1; found[leader] = 1 }
    $2 != "Z" && $2 != "X" { parent[$1] = $3; if ($4 == leader) found[$1] = 1 }
    END {
      do {
        more = 0
        for (p in parent) if (!(p in found) && (parent[p] in found)) { found[p] = 1; more = 1 }
      } while (more)
      for (p in parent) if (p in found) printf "%s ", p
    }'
}
if [ ! -r /proc/self/stat ]; then
  $sudo kill -TERM "-$leader"; sleep 2; $sudo kill -KILL "-$leader"; exit 0
fi
known=; known=$(members); rounds=0; signal=TERM
while [ -n "$known" ]; do
  case $rounds in 0) $sudo kill -TERM $known ;; 20|30) $sudo kill -KILL $known ;; 40) exit 1 ;; esac
  rounds=$((rounds + 1)); sleep 0.1 || sleep 1; known=$(members)
done 2>/dev/null
exit 0
"""
"""End a group, its descendants and all that is marked; SIGKILL after two seconds; exit 1 when some are left."""


def start(command: Command, call: str, sudo_password: str | None) -> str:
    """The script that runs a command: it says its process id, then becomes silent, and ends with the command's code.

    Its variables are set in the shell and inherited, so that their values are in no command line. sudo checks the
    password first and apart, from standard input: a command never stands where it could read it. Raises `ToolFailed`.
    """
    env = {CALL: call, STEP: command.mark, **command.env}
    lines = [f"{name}={_word(value)}; export {name}" for name, value in env.items() if _is_name(name)]
    words = _words(command)
    lines.append(f"echo {call} $$")
    if not command.sudo:
        # `exec`, because the first word must be a program: `eval` and `.` are none.
        return _whole([*lines, f"(exec {words} </dev/null)", "exit $?"])
    if sudo_password is not None:
        lines += [*_check(call, sudo_password), f"[ $? = 0 ] || {{ echo {call} {REFUSED}; exit 1; }}"]
    keep = f" --preserve-env={','.join(command.env)}" if command.env else ""
    lines += [f"(exec sudo -n{keep} -- {words} </dev/null)", "status=$?"]
    return _whole([*lines, *(["sudo -k"] if sudo_password is not None else []), "exit $status"])


def _check(call: str, sudo_password: str) -> list[str]:
    """Show sudo the password, by standard input."""
    return [f"sudo -S -p '' -v >/dev/null 2>&1 <<'{call}'", sudo_password, call]


def stop(leader: int, call: str, sudo_password: str | None, *, sudo: bool) -> str:
    """The script that ends what a command started."""
    lines = [f"leader={leader} call={call} sudo={quote('sudo -n') if sudo else ''}"]
    if sudo and sudo_password is not None:
        lines += _check(call, sudo_password)
    return _whole([*lines, _STOP])


def _whole(lines: list[str]) -> str:
    # One pipe for both streams, so that they come in order.
    return "\n".join(["{", "exec 2>&1", *lines, "}", ""])


def _words(command: Command) -> str:
    """The words of a command, each quoted whole."""
    if not command.argv or not command.argv[0] or command.argv[0].startswith("-"):
        raise ToolFailed(f"{quote(command.argv[0]) if command.argv else 'nothing'} is no program", match="tool")
    return " ".join(map(_word, command.argv))


def _word(text: str) -> str:
    if "\0" in text:
        raise ToolFailed("a word with a NUL byte cannot be given to a program", match="tool")
    return quote(text) if text else "''"


def _is_name(name: str) -> bool:
    if not _NAME.fullmatch(name):
        raise ToolFailed(f"`{name}` is no name of an environment variable", match="tool")
    return True
