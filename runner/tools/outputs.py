"""How the output of a command is read, and told when it failed."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.spec.cuts import end_of

if TYPE_CHECKING:
    from runner.targets.port import Completed

_SHOWN = 2_000
"""Characters of the last output that a failure shows."""


def rows(text: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """A row for each line after the first; the last column takes the rest of it."""
    lines = [line for line in text.splitlines() if line.strip()][1:]
    return [dict(zip(columns, line.split(maxsplit=len(columns) - 1), strict=False)) for line in lines]


def data(done: Completed) -> Any:
    """What the output says as JSON; raises ToolFailed."""
    try:
        return json.loads(done.text)
    except ValueError as error:
        why = f"{done.truncated:,} bytes of it were left out" if done.truncated else str(error)
        raise ToolFailed(f"the output is no JSON: {why}{last_words(done.text)}") from error


def ended(code: int) -> str:
    """How a program ended, in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"failed with exit code {code}"


def last_words(text: str) -> str:
    """The end of the output, as a failure shows it."""
    words = end_of(text.strip(), _SHOWN)
    return f":\n{words}" if words else "; it put out nothing"
