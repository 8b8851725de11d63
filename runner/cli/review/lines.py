"""The lines of differences, whoever prints them: unified diffs of texts, and values in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import click

from runner.cli.display import as_json, safe

if TYPE_CHECKING:
    from runner.project.compare import Change

MARKS = {(True, False): "+", (False, True): "-"}
COLORS = {"+": "green", "-": "red", "@": "cyan"}
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#\[)")
"""How the commands begin that GitHub takes from the log of a job, whoever printed them (`::add-mask::`)."""
SHORT = 80
"""Characters of two values that stand on one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line for a terminal, and how far it stands in; its colour is that of the first sign of `text`."""

    text: str
    depth: int = 0
    plain: bool = False

    def print(self) -> None:
        """Print it."""
        color = None if self.plain else COLORS.get(self.text[:1])
        text = _COMMAND.sub(lambda found: found[0][:-1] + f"\\x{ord(found[0][-1]):x}", self.text)
        click.secho(f"{'  ' * (self.depth + 1)}{text}".rstrip(), fg=color)


def unified(old: str, new: str, context: int = 3) -> list[str]:
    """A unified diff of two texts without file names; a last line without its end makes no difference."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=context)
    found = [safe(line.rstrip("\r\n")) for line in lines][2:]
    return found or ["(only the ends of lines differ)"]


def mark(old: object, new: object) -> str:
    """`+` for what is only in the new one, `-` for what was only in the old one, `~` for what is in both."""
    return MARKS.get((old is None, new is None), "~")


def value(data: Any) -> str:
    """A value on one line; nothing of it is left out."""
    return safe(data).replace("\n", "\\n") if isinstance(data, str) else as_json(data)


def values(change: Change) -> list[str]:
    """The values of a change: one line for short ones, else `-` and `+` lines."""
    if change.old is None or change.new is None:
        return _whole(change.new if change.old is None else change.old)
    old, new = value(change.old), value(change.new)
    return [f"{old} → {new}"] if len(old) + len(new) <= SHORT else [f"- {old}", f"+ {new}"]


def _whole(data: Any) -> list[str]:
    """A thing that came or went: each of its keys on a line."""
    if not isinstance(data, dict) or len(value(data)) <= SHORT:
        return [value(data)]
    return [f"{value(key)}: {value(one)}" for key, one in data.items()]
