"""Faults of files as people get them: place, what, hint."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.findings import Finding, Loc
    from runner.project.parse import Parsed


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in a file; line and column count from 1."""

    code: str
    file: str
    line: int
    column: int
    where: str
    """The way from the file's top, dotted: `phases.verify.next[0].to`."""
    what: str
    hint: str = ""
    severity: Literal["problem", "warning"] = "problem"

    def to_dict(self) -> dict[str, Any]:
        """What `check --json` prints; its list says how severe it is."""
        data = asdict(self)
        del data["severity"]
        return data


def problem_of(finding: Finding, parsed: Parsed) -> Problem:
    """A finding with its place in the file."""
    line, column = parsed.locate(finding.loc, at_key=finding.at_key, line=finding.line)
    where = dotted(parsed.shown(finding.loc))
    return Problem(finding.code, finding.file, line, column, where, finding.what, finding.hint, finding.severity)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the known word that is nearest, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


def dotted(loc: Loc) -> str:
    """A way into a file as people write it: `next[0].to`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
