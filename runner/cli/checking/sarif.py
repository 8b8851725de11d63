"""Problems as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner import __version__
from runner.cli.checking import pages
from runner.cli.checking.lines import seen_from_here
from runner.project.codes import TITLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.problems import Problem

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(found: Sequence[Problem]) -> dict[str, Any]:
    """One run: the rules of the codes that were found, and a result for each problem and warning."""
    codes = sorted({problem.code for problem in found})
    driver = {"name": "runner", "version": __version__, "rules": [_rule(code) for code in codes]}
    results = [_result(problem, codes.index(problem.code)) for problem in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    page = pages.read(code)
    return {
        "id": code,
        "shortDescription": {"text": TITLES[code]},
        "fullDescription": {"text": pages.meaning(page)},
        "help": {"text": pages.plain(page), "markdown": page},
    }


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    text = f"{problem.what}. Hint: {problem.hint}" if problem.hint else problem.what
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(os.fsencode(seen_from_here(problem.file)))},
            "region": {"startLine": problem.line, "startColumn": problem.column},
        }
    }
    if problem.where:
        place["logicalLocations"] = [{"fullyQualifiedName": problem.where}]
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": "warning" if problem.severity == "warning" else "error",
        "message": {"text": text.replace("](", "] (")},  # else a name in a file could be a link to anywhere
        "locations": [place],
    }
