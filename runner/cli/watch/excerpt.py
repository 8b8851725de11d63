"""The beginning of a text of several lines, and what a question to a person is about, each line safe to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.display import as_json, bounded, cut, safe

if TYPE_CHECKING:
    from runner.runs.events import ApprovalAsked
    from runner.runs.rows import ApprovalRow

MOST = 8
WIDE = 240
QUOTE = "│ "
"""Before each line that a file, a model or a tool has written: nothing there can pass for words of ours."""


def excerpt(text: object, most: int = MOST, width: int = WIDE) -> list[str]:
    """The first lines of a text; what is left out is counted."""
    lines = safe(text).strip("\n").split("\n")
    return bounded([cut(line, width) for line in lines], most)


def subject(asked: ApprovalAsked | ApprovalRow) -> str:
    """What a person says yes or no to: the exact words of the command or the arguments; empty for a mere question."""
    return asked.show or (as_json(asked.arguments, indent=2) if asked.arguments else "")


def brief(asked: ApprovalAsked | ApprovalRow) -> list[str]:
    """The beginning of what is asked about, quoted; where the rest is to be seen when there is more."""
    text = subject(asked)
    lines = [f"{QUOTE}{line}" for line in excerpt(text)] if text else []
    is_whole = lines == quoted(asked)
    return lines if is_whole else [*lines, f"all of it: runner runs show {asked.run}"]


def quoted(asked: ApprovalAsked | ApprovalRow) -> list[str]:
    """All of what is asked about, quoted."""
    text = subject(asked)
    return [f"{QUOTE}{line}" for line in safe(text).strip("\n").split("\n")] if text else []
