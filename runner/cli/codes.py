"""The exit code of a run, from how it ended or what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.runs.events import RunEnded

WAITING = 5
"""It waits for a person."""
OUT_OF_TIME = 124
"""Its `time` or `deadline` ended it."""
_VERDICTS = {"pass": 0, "fail": 1, "error": 6, "cancelled": 7}


def code_of(ended: RunEnded) -> int:
    """The exit code of an end."""
    return OUT_OF_TIME if ended.limit else _VERDICTS[ended.verdict]
