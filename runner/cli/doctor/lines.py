"""A line of the doctor's report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, how it is, and what to do."""

    level: Literal["ok", "warn", "fail"]
    area: Literal["files", ".env", "key", "model", "host", "port", "sandbox", "git", "store"]
    what: str
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self)


def ok(area: Any, what: str, hint: str = "") -> Line:
    """It is as it should be."""
    return Line("ok", area, what, hint)


def warn(area: Any, what: str, hint: str) -> Line:
    """It works, or may, and is not as it should be."""
    return Line("warn", area, what, hint)


def fail(area: Any, what: str, hint: str) -> Line:
    """It does not work."""
    return Line("fail", area, what, hint)
