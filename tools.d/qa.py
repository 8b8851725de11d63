"""The qa pack: what the output of git, pytest, ruff, mypy and the build says, as fields.

Each function takes the output of one command, as it came, and its exit code; a line that it does not know is passed
over, since long outputs arrive with their middle left out.
"""

from __future__ import annotations

import re
from typing import Any

_SHOWN = 20
"""Faults that are listed; the counts are of all."""
_DIAGNOSTIC = re.compile(r"^([^\s:][^:\n]*):(\d+):(?:\d+:)? (.+)$", re.MULTILINE)
"""`file:line:column: rest`, as ruff, mypy and the build print a fault."""

_RED = re.compile(r"^(?:FAILED|ERROR) (\S[^\[\n]*?(?:\[.*?\])?)(?: - (.*))?$", re.MULTILINE)
"""A line of pytest's summary; what stands in brackets may hold a dash of its own."""


def pytest_report(text: str, exit: int) -> dict[str, Any]:
    """Counts by outcome, and the test and message of each failure."""
    summary = (re.findall(r"^.*\bin \d+\.\d+s.*$", text, re.MULTILINE) or [""])[-1]
    counts = {word.removesuffix("s"): int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", summary)}
    red = _RED.findall(text)
    failures = [{"test": test, "message": message or _import_error(text, test)} for test, message in red]
    if exit and not failures:
        failures = [{"test": "", "message": _why_none_ran(text)}]
    outcomes = {"passed": "passed", "failed": "failed", "errors": "error", "skipped": "skipped"}
    return {name: counts.get(word, 0) for name, word in outcomes.items()} | {"failures": failures[:_SHOWN]}


def ruff_report(text: str, exit: int) -> dict[str, Any]:
    """How many findings, and where and what the first are."""
    found = [(file, line, *rest.partition(" ")[::2]) for file, line, rest in _DIAGNOSTIC.findall(text)]
    problems = [
        {"file": file, "line": int(line), "code": code.rstrip(":"), "message": message.removeprefix("[*] ")}
        for file, line, code, message in found
    ]
    return {"count": len(problems), "problems": problems[:_SHOWN]}


def format_report(text: str, exit: int) -> dict[str, Any]:
    """How many files were, or would be, formatted, and in a check which."""
    count = re.search(r"^(\d+) files? (?:would be )?reformatted", text, re.MULTILINE)
    files = re.findall(r"^(?:Would reformat: (.+)|unformatted:.*\n *--> (.+?):\d+:\d+)$", text, re.MULTILINE)
    return {"count": int(count[1]) if count else 0, "files": [old or new for old, new in files]}


def build_report(text: str, exit: int) -> dict[str, Any]:
    """How many files do not compile, and where and why."""
    errors = [{"file": file, "line": int(line), "message": rest} for file, line, rest in _DIAGNOSTIC.findall(text)]
    return {"count": len(errors), "errors": errors[:_SHOWN]}


def mypy_report(text: str, exit: int) -> dict[str, Any]:
    """How many type errors, and where and what the first are."""
    errors = []
    for file, line, rest in _DIAGNOSTIC.findall(text):
        if rest.startswith("error: "):
            message, _, code = rest.removeprefix("error: ").partition("  [")
            errors.append({"file": file, "line": int(line), "code": code.rstrip("]"), "message": message})
    if exit and not errors:
        errors = [{"file": "", "line": 0, "code": "", "message": text.strip()[:500]}]
    return {"count": len(errors), "errors": errors[:_SHOWN]}


def git_status_report(text: str, exit: int) -> dict[str, Any]:
    """The branch, the files that differ from the last commit, and those that git does not track."""
    head = re.search(r"^## (?:No commits yet on )?(.+?)(?:\.\.\..*)?$", text, re.MULTILINE)
    states = [(line[:2], _unquoted(line[3:])) for line in text.splitlines() if re.match(r"[ MTADU?]{2} \S", line)]
    changed = [path for state, path in states if state != "??"]
    untracked = [path for state, path in states if state == "??"]
    branch = head[1] if head and head[1] != "HEAD (no branch)" else ""
    return {"branch": branch, "changed": changed, "untracked": untracked, "clean": not states}


def git_diff_report(text: str, exit: int) -> dict[str, Any]:
    """The changed files, and how many lines were added and removed in all of them."""
    counts = re.findall(r"^(\d+|-)\t(\d+|-)\t(.+)$", text.partition("\ndiff --git ")[0], re.MULTILINE)
    insertions, deletions = (sum(int(row[side]) for row in counts if row[side] != "-") for side in (0, 1))
    return {"files": [_unquoted(row[2]) for row in counts], "insertions": insertions, "deletions": deletions}


def _import_error(text: str, test: str) -> str:
    """Why a test file could not be imported: the last error of its section."""
    section = text.partition(f"ERROR collecting {test} ")[2].partition("\n____")[0]
    reasons: list[str] = re.findall(r"^E\s+(\w+(?:Error|Exception|Warning)\b.*)$", section, re.MULTILINE)
    return reasons[-1] if reasons else ""


def _why_none_ran(text: str) -> str:
    """What pytest says when it could not begin: an import error of conftest.py, a wrong option, or no tests."""
    said: list[str] = re.findall(r"^(?:E\s+|ERROR: |pytest: error: )(.+)$", text, re.MULTILINE)
    usage = [line for line in said if not line.startswith("usage:")]
    return usage[-1] if usage else "no tests were found"


def _unquoted(path: str) -> str:
    """A path as it is: git quotes one with a quote, a backslash or a control character in it."""
    if not path.startswith('"'):
        return path
    return path[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
