"""Free command lines: `command: "{{ line }}"`, one text that is the one parameter of its tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.spec.command_line import NotSimple, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.spec.types import Fields

PATTERN = r"^\s*\{\{\s*[A-Za-z_]\w*\s*\}\}\s*$"
"""How it is written; nothing else stands in the text."""


def parameter(command: Sequence[str]) -> str:
    """The parameter that is the whole command line; empty when the command is a list of words."""
    first = command[0]
    return first.strip().strip("{}").strip() if "{" in first and re.match(PATTERN, first) else ""


def fault(name: str, params: Fields | None, risk: str | None, *, sudo: bool) -> str:
    """What is wrong with the tool around a free command line; empty when nothing is."""
    types = params.types if params else {}
    if list(types) != [name] or types[name].schema.get("type") != "string":
        return f"a free command line is the one parameter of its tool, a text; write params: {{{name}: str}}"
    if risk not in (None, "danger"):
        return (
            f"`risk: {risk}` would hold for every command; leave it out: tools.d/policy.yaml judges each by its words"
        )
    if sudo:
        return "`sudo: true` would make every command that is judged harmless one of root's; leave it out"
    return ""


def argv(line: str) -> list[str]:
    """What runs when nobody judged the line: its words, or a shell with the text; a person has been asked."""
    if "\0" in line:
        raise ToolFailed("the command line holds a NUL byte, which no program can be given")
    try:
        return list(words(line))
    except NotSimple:
        return ["/bin/sh", "-c", line]
