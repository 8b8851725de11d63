"""What a check finds, addressed by file and path inside it; loading turns each into a Problem with line and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.project.codes import require

Loc = tuple[str | int, ...]
"""Keys and indexes from a file's top to a value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault or a warning at `loc` of `file`."""

    code: str
    file: str
    loc: Loc
    what: str
    hint: str = ""
    severity: Literal["problem", "warning"] = "problem"
    at_key: bool = False
    """Point at the key, not at its value."""
    line: int | None = None
    """Line, from 1, inside a text value."""
    near: str = ""
    """What is wrong on that line, as it is probably written there."""
    also: tuple[Loc, ...] = ()
    """Where the same stands again; the message names the lines."""
    place: tuple[int, int] | None = None
    """Line and column, from 1, in a file that is no YAML; instead of `loc`."""

    def __post_init__(self) -> None:
        """Refuse a code that nobody could look up."""
        require(self.code)
