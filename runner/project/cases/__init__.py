"""The cases of a project: tests/cases/*.yaml, read as strictly as all its files, but no part of a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.project.cases.checks import check, inputs_of
from runner.project.cases.fields import Case, Cases, Expect, OutputCheck
from runner.project.findings import Finding
from runner.project.memory import Recall
from runner.project.parsing.parse import parse
from runner.project.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.project.problems import Problem
    from runner.project.project import Project
    from runner.project.sources import Source

__all__ = ["FOLDER", "Case", "Expect", "Found", "NamedCase", "OutputCheck", "inputs_of", "load"]

FOLDER = "tests/cases"


@dataclass(frozen=True, slots=True)
class NamedCase:
    """A case and where it stands: `name` is the file's, with that of the case behind it where the file has several."""

    name: str
    file: str
    spec: Case


@dataclass(frozen=True, slots=True)
class Found:
    """The cases that can be used, all that is wrong with the others, and what may be."""

    cases: tuple[NamedCase, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load(source: Source, project: Project | None) -> Found:
    """All cases; of a project that cannot be used only their fields are checked, and not what they name."""
    reading = Reading(source, Recall())
    cases: list[NamedCase] = []
    for stem, file in reading.stems(FOLDER):
        for name, loc, spec in _cases(reading, stem, file):
            if project is not None:
                reading.findings += check(spec, project, file, loc)
            if any(name == one.name for one in cases):
                what = f"another case of this file is called {spec.name}"
                reading.findings.append(Finding("duplicate-name", file, (*loc, "name"), what))
            cases.append(NamedCase(name, file, spec))
    found = dict.fromkeys([*reading.findings, *reading.hollow])
    problems = [*reading.faults, *(reading.problem(one) for one in found if one.severity == "problem")]
    warnings = [reading.problem(one) for one in found if one.severity == "warning"]
    return Found(tuple(cases), _sorted(problems), _sorted(warnings))


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda one: (one.file, one.line, one.column)))


def _cases(reading: Reading, stem: str, file: str) -> Iterator[tuple[str, Loc, Case]]:
    """(name, place, fields) of each case of a file."""
    if not _holds_several(reading, file):
        one = reading.spec(file, Case)
        yield from [(stem, (), one)] if one else []
        return
    several = reading.spec(file, Cases)
    for index, one in enumerate(several.cases if several else ()):
        yield f"{stem}/{one.name or index + 1}", ("cases", index), one


def _holds_several(reading: Reading, file: str) -> bool:
    data = parse(file, reading.read(file) or b"").data
    return isinstance(data, dict) and "cases" in data
