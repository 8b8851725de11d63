"""Faults of files as people get them: place, what, hint."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from runner.project.explain import from_validation
from runner.project.words import did_you_mean, dotted, plain

if TYPE_CHECKING:
    from runner.project.findings import Finding
    from runner.project.parse import Parsed

__all__ = ["Problem", "did_you_mean", "from_validation", "problem_of", "render"]

_WIDEST = 160


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
    line, column = parsed.locate(finding.loc, at_key=finding.at_key, line=finding.line)
    where = dotted(parsed.shown(finding.loc))
    return Problem(finding.code, finding.file, line, column, where, finding.what, finding.hint, finding.severity)


def render(problem: Problem, source: bytes | None) -> str:
    """The problem in a few lines: place and what, the line of the file with a caret below the fault, the hint."""
    head = f"{problem.file}:{problem.line}:{problem.column}"
    lines = ["  ".join(plain(part) for part in (head, problem.where, problem.what) if part)]
    row = _row(source, problem.line)
    if row.strip():
        begin = max(0, problem.column - 1 - _WIDEST // 2)
        before = plain(row[begin : problem.column - 1])
        lines += [f"    {plain(row[begin : begin + _WIDEST])}", f"    {' ' * len(before)}^"]
    if problem.hint:
        lines.append(f"    hint: {plain(problem.hint)}")
    return "\n".join(lines)


def _row(source: bytes | None, line: int) -> str:
    rows = (source or b"").decode(errors="replace").removeprefix("\ufeff").splitlines()
    return rows[line - 1] if line <= len(rows) else ""
