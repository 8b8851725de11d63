"""Load a project: read every file, check it all, and give either a Project or every Problem at once."""

from __future__ import annotations

import gc
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner import __version__
from runner.models import ScriptedModel
from runner.project import folders, graph, idle, names, overrides, references
from runner.project.assemble import Assembly, by_name
from runner.project.catalogue import Catalogue
from runner.project.findings import Finding
from runner.project.followups import without_followups
from runner.project.literals import references as secret_names
from runner.project.project import Project
from runner.project.reading import SETTINGS, Reading
from runner.project.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.models.scripted import ReplySpec
    from runner.project.problems import Problem
    from runner.project.sources import Source


@dataclass(frozen=True)
class Loaded:
    """The outcome of a load: a project when there is no problem, and all problems and warnings in a stable order."""

    project: Project | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    files: Mapping[str, bytes]
    """Every byte that was read, also when the project cannot be used."""


def load(source: Source, root: Path) -> Loaded:
    """Read and check all files of a project; raises nothing for what they say."""
    with _no_collection():
        reading = Reading(source)
        settings = reading.spec(SETTINGS, Settings) or Settings()
        catalogue = Catalogue(reading, settings)
        replies = _read_replies(reading, settings)
        reading.findings += folders.check(source)
        project = _project(root, reading, settings, catalogue)
        reading.findings += without_followups(idle.check(project, replies), reading.broken)
        return _loaded(project, reading)


def _project(root: Path, reading: Reading, settings: Settings, catalogue: Catalogue) -> Project:
    parts = Assembly(catalogue, reading)
    project = Project(
        root=root,
        revision=revision(reading.files),
        files=dict(reading.files),
        settings=settings,
        agents=parts.agents,
        prompts=by_name(catalogue.prompts),  # type: ignore[arg-type]  # the catalogue holds PromptSpecs there
        packs=parts.packs,
        tools=parts.tools,
        workflows=parts.workflows,
        secrets=frozenset(_secrets(reading)),
    )
    found = [*parts.findings, *references.check(project), *graph.check(project), *names.check(project)]
    reading.findings += overrides.addressed(without_followups(found, reading.broken), project, catalogue)
    return project


def _loaded(project: Project, reading: Reading) -> Loaded:
    found = [(finding.severity, reading.problem(finding)) for finding in dict.fromkeys(reading.findings)]
    problems = [*reading.faults, *(problem for severity, problem in found if severity == "problem")]
    told = {(problem.file, problem.where) for problem in problems}
    hollow = map(reading.problem, reading.hollow)
    problems += [problem for problem in hollow if (problem.file, problem.where) not in told]
    warnings = [problem for severity, problem in found if severity == "warning"]
    usable = replace(project, worst_cases=graph.worst_cases(project)) if not problems else None
    return Loaded(usable, _sorted(problems), _sorted(warnings), project.files)


def revision(files: Mapping[str, bytes], version: str = __version__) -> str:
    """The digest of files by name and content, and of runner's version."""
    digest = hashlib.sha256(f"runner {version}".encode())
    for name in sorted(files):
        digest.update(b"\0%s\0%d\0" % (name.encode(), len(files[name])))
        digest.update(files[name])
    return digest.hexdigest()


def _read_replies(reading: Reading, settings: Settings) -> dict[str, list[ReplySpec]]:
    """The entries of each reply file of a scripted model; the files belong to the revision."""
    from runner.models.scripted import Replies

    read: dict[str, list[ReplySpec]] = {}
    for name, model in settings.models.items():
        if isinstance(model, ScriptedModel):
            read[model.replies] = reading.spec(model.replies, Replies) or []
            if model.replies not in reading.files:
                what = f"{model.replies} is not there"
                loc = ("models", name, "replies")
                reading.findings.append(Finding("no-file", SETTINGS, loc, what, "write it, or mend the path"))
    return read


def _secrets(reading: Reading) -> Iterator[str]:
    for name in reading.files:
        if name == SETTINGS or ("tools.d/" in name and name.endswith(".yaml")):
            yield from secret_names(reading.raw(name))


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column, one.code, one.what)))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Nothing of a load is garbage while it goes on: the collector would only walk all of it again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
