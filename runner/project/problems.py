"""Faults of files as people get them: place, what, hint."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from runner.project.meant.explain import from_validation
from runner.project.words import dotted, listed

if TYPE_CHECKING:
    from runner.project.findings import Finding, Loc
    from runner.project.parsing.parse import Parsed

_MISSING = "missing-key"
_SHOWN = 10
"""Lines that a message names."""
_COMMENT = re.compile(r"\s*#\S")

__all__ = ["Problem", "from_validation", "problem_of", "refusal"]


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
        """What `check --json` prints; the list it stands in says how severe it is."""
        data = asdict(self)
        del data["severity"]
        return data


def problem_of(finding: Finding, parsed: Parsed) -> Problem:
    """A finding with its place in the file."""
    line, column = finding.place or _locate(finding, parsed)
    where = dotted(_shown(finding, parsed))
    hint = finding.hint
    if finding.what.endswith("got nothing") and _COMMENT.match(_rest(parsed.text, line, column)):
        hint = "what stands behind # is a comment: put the value in quotes"
    what = finding.what + _again(finding, parsed)
    return Problem(finding.code, finding.file, line, column, where, what, hint, finding.severity)


def _again(finding: Finding, parsed: Parsed) -> str:
    """The lines in which the same stands again."""
    lines = [str(parsed.locate(loc, at_key=finding.at_key)[0]) for loc in finding.also[:_SHOWN]]
    rest = len(finding.also) - len(lines)
    shown = f"{', '.join(lines)} and {rest} more" if rest else listed(lines, "and") if lines else ""
    return f"; it stands again in line{'s' * (len(finding.also) > 1)} {shown}" if shown else ""


def _locate(finding: Finding, parsed: Parsed) -> tuple[int, int]:
    if finding.code == _MISSING:  # a key of that name may stand further up
        return parsed.locate(finding.loc[:-1], at_key=True)
    return parsed.locate(finding.loc, at_key=finding.at_key, line=finding.line, near=finding.near)


def _shown(finding: Finding, parsed: Parsed) -> Loc:
    if finding.code == _MISSING:
        return (*parsed.shown(finding.loc[:-1]), *finding.loc[-1:])
    return parsed.shown(finding.loc)


def refusal(why: str, count: int) -> str:
    """Why files are refused, in one line, with the number of their problems."""
    counted = f"the files have {count} problem{'s' * (count != 1)}" if count or not why else ""
    return "; ".join(filter(None, (why, counted)))


def _rest(text: str, line: int, column: int) -> str:
    rows = text.splitlines()
    return rows[line - 1][column - 1 :] if line <= len(rows) else ""
