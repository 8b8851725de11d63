"""The beginning of a text of several lines, and what a question to a person is about, each line safe to print."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from runner.cli.display import as_json, bounded, cut, safe
from runner.project.drawing.text import columns
from runner.runs.rows import ApprovalRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.runs.events import ApprovalAsked

MOST = 8
WIDE = 240
QUOTE = "│ "
"""Before each line that a file, a model or a tool has written: nothing there can pass for words of ours."""
MORE = "┊ "
"""In its place where a line that is too wide goes on."""
_WIDTH, _NARROW = 120, 40
"""Columns where there is no terminal, and the fewest that are used of one."""
_INDENT = 6
"""The most columns before a sign."""


def excerpt(text: object, most: int = MOST, width: int = WIDE) -> list[str]:
    """The first lines of a text; what is left out is counted."""
    lines = safe(text).strip("\n").split("\n")
    return bounded([cut(line, width) for line in lines], most)


def subject(asked: ApprovalAsked | ApprovalRow) -> str:
    """What a person says yes or no to: the exact words of the command or the arguments; empty for a mere question."""
    return asked.show or (as_json(asked.arguments, indent=2) if asked.arguments else "")


def brief(asked: ApprovalAsked | ApprovalRow) -> list[str]:
    """Both ends of what is asked about, quoted; what is left out between them is counted, and said where it is."""
    whole = quoted(asked)
    lines = [middle(line, WIDE) for line in whole]
    if (left := len(lines) - MOST) > 0:
        lines = [*lines[: MOST // 2], f"… {left:,} line{'s' * (left != 1)} …", *lines[-MOST // 2 :]]
    name = asked.id if isinstance(asked, ApprovalRow) else asked.approval
    return lines if lines == whole else [*lines, f"cut in the middle; all of it: runner approve --show {name}"]


def is_cut(asked: ApprovalAsked | ApprovalRow) -> bool:
    """Whether lists show less than all of it."""
    return brief(asked) != quoted(asked)


def middle(line: str, width: int) -> str:
    """Both ends of a line; what is left out between them is counted: nothing can hide behind a long beginning."""
    left = len(line) - width
    return line if left <= 0 else f"{line[: width // 2]}… {left:,} character{'s' * (left != 1)} …{line[-width // 2 :]}"


def wrapped(line: str, width: int, mark: str = QUOTE) -> list[str]:
    """A line as so many of `width` columns as it needs, the first behind `mark`, each that goes on with it by `MORE`.

    A terminal that had to break one itself would begin its next line without a sign.
    """
    pieces, room = [""], width
    for sign in line:
        room -= (wide := columns(sign))
        if room < 0:
            pieces.append("")
            room = width - wide
        pieces[-1] += sign
    return [f"{mark if number == 0 else MORE}{piece}" for number, piece in enumerate(pieces)]


def room() -> int:
    """Columns that a line has behind its sign."""
    return max(_NARROW, shutil.get_terminal_size((_WIDTH, 0)).columns - _INDENT - len(QUOTE))


def fitted(lines: Iterable[str]) -> Iterator[str]:
    """Lines, some of them quoted, broken as this terminal needs it."""
    width = room()
    for line in lines:
        yield from wrapped(line.removeprefix(QUOTE), width, QUOTE if line.startswith(QUOTE) else "")


def quoted(asked: ApprovalAsked | ApprovalRow) -> list[str]:
    """All of what is asked about, quoted."""
    text = subject(asked)
    return [f"{QUOTE}{line}" for line in lines_of(text.strip("\n"))] if text else []


def lines_of(text: str) -> list[str]:
    r"""The lines of a foreign text, each as wide as it looks: a tab is written out as well (`\t`)."""
    return safe(text).replace("\t", "\\t").split("\n")
