"""Load a project: read every file, check it all, and give either a Project or every Problem at once."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.models import ScriptedModel
from runner.project.assemble import Assembly, by_name
from runner.project.catalogue import Catalogue
from runner.project.checks import (
    aims,
    bare_steps,
    costs,
    covered_replies,
    habits,
    idle,
    model_keys,
    outside_paths,
    references,
    resources,
    routing,
    shell_values,
    short_limits,
    triggers,
)
from runner.project.checks import hosts as given_hosts
from runner.project.files import folders, not_in_use, overrides
from runner.project.files.literals import may_hold_any
from runner.project.files.literals import references as secret_names
from runner.project.findings import Finding
from runner.project.followups import without_followups
from runner.project.graph import checks as graph
from runner.project.meant import told_once
from runner.project.memory import Recall
from runner.project.names import checks as names
from runner.project.parsing.build import MOST_FAULTS
from runner.project.project import Project
from runner.project.reading import Reading
from runner.project.remembered import Memory
from runner.project.settings import Settings
from runner.project.view import view_of
from runner.secrets.literals import without
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
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


_MEMORY = Memory()
"""Of this process's last load, whatever it was of: a load of other files only finds nothing in it."""


def load(source: Source, root: Path, memory: Memory = _MEMORY) -> Loaded:
    """Read and check all files of a project; raises nothing for what they say.

    What the last load with this memory worked out is taken over where nothing it came from has changed.
    """
    with _no_collection():
        recall = Recall(memory)
        reading = Reading(source, recall)
        settings = reading.spec(SETTINGS, Settings) or Settings()
        catalogue = Catalogue(reading, settings)
        replies = _read_replies(reading, settings)
        reading.findings += resources.read(reading, settings)
        reading.findings += folders.check(source)
        project, seen = _project(root, reading, settings, catalogue)
        reading.findings += without_followups(idle.check(project, reading.recall, replies), reading.broken)
        for file, entries in replies.items():
            reading.findings += covered_replies.check(file, entries, partial(_line_of_entry, reading, file))
        loaded = _loaded(project, seen, reading)
        recall.keep(everything=loaded.project is None)
        return loaded


def _project(root: Path, reading: Reading, settings: Settings, catalogue: Catalogue) -> tuple[Project, Project]:
    """The project, and the view of it that checks have."""
    recall = reading.recall
    hosts = given_hosts.read(reading, settings.hosts, settings.inventory)
    parts = Assembly(catalogue, reading, recall, settings, hosts)
    project = Project(
        root=root,
        revision=revision(reading.files, digest=reading.digest),
        files=dict(reading.files),
        settings=settings,
        agents=parts.agents,
        prompts=by_name(catalogue.prompts),  # type: ignore[arg-type]  # the catalogue holds PromptSpecs there
        packs=parts.packs,
        tools=parts.tools,
        workflows=parts.workflows,
        hosts=hosts,
        policy=catalogue.policy,
        secrets=frozenset((*_secrets(reading), *given_hosts.secrets(hosts))),
    )
    reading.findings = list(bare_steps.named(reading.findings, reading.raw, project))
    reading.findings = list(told_once.named(reading.findings, reading.raw, project))
    seen = view_of(project, recall)
    found = [*parts.findings, *_checked(project, seen, parts, recall)]
    standing = overrides.addressed(without_followups(found, reading.broken), project, catalogue)
    standing = folders.with_moved_prompts(standing, reading.source)
    reading.findings += not_in_use.told(standing, project, catalogue)
    return project, seen


def _checked(project: Project, seen: Project, parts: Assembly, recall: Recall) -> Iterator[Finding]:
    """What is wrong between files that can each be read."""
    checks = (
        references.check(project, seen, recall, parts.offers.things),
        aims.check(project, seen, recall),
        graph.check(project, seen, recall),
        names.check(project, seen, recall),
        habits.check(project, seen, recall),
        costs.check(project, recall),
        model_keys.check(project),
        outside_paths.check(project, recall),
        resources.check(project),
        routing.check(project),
        shell_values.check(project, recall),
        short_limits.check(project, recall),
        triggers.check(project),
    )
    return chain.from_iterable(checks)


def _loaded(project: Project, seen: Project, reading: Reading) -> Loaded:
    found = [(finding.severity, reading.problem(finding)) for finding in _bounded(dict.fromkeys(reading.findings))]
    problems = [*reading.faults, *(problem for severity, problem in found if severity == "problem")]
    told = {(problem.file, problem.where) for problem in problems}
    hollow = map(reading.problem, reading.hollow)
    problems += [problem for problem in hollow if (problem.file, problem.where) not in told]
    warnings = [problem for severity, problem in found if severity == "warning"]
    usable = replace(project, worst_cases=graph.worst_cases(seen, reading.recall)) if not problems else None
    return Loaded(usable, _sorted(problems, project.files), _sorted(warnings, project.files), project.files)


def _bounded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, at most `MOST_FAULTS` of a file and severity: a place is looked for from the top of its file."""
    counts: Counter[tuple[str, Any]] = Counter()
    for finding in findings:
        key = finding.file, finding.severity
        counts[key] += 1
        if counts[key] <= MOST_FAULTS:
            yield finding
    for (file, severity), count in counts.items():
        if count > MOST_FAULTS:
            what = f"the file has {count - MOST_FAULTS:,} more {severity}s"
            yield Finding("too-many", file, (), what, severity=severity)


def revision(
    files: Mapping[str, bytes],
    version: str = __version__,
    digest: Callable[[str, bytes], bytes] = lambda _name, content: hashlib.sha256(content).digest(),
) -> str:
    """The digest of files by name and content (`digest` gives that of each), and of runner's version."""
    each = [b"\0%s\0%s" % (name.encode(), digest(name, files[name])) for name in sorted(files)]
    return hashlib.sha256(b"".join((f"runner {version}".encode(), *each))).hexdigest()


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


def _line_of_entry(reading: Reading, file: str, index: int) -> int:
    return reading.problem(Finding("covered-reply", file, (index,), "")).line


def _secrets(reading: Reading) -> Iterator[str]:
    files, data = reading.files, reading.raw
    asking = {name: files[name] for name in files if name == SETTINGS or ("tools.d/" in name and name[-5:] == ".yaml")}
    found = reading.recall.each("secrets", lambda name: _secrets_in(name, files[name], data(name)), asking)
    return chain.from_iterable(found)


def _secrets_in(name: str, content: bytes, data: Any) -> tuple[str, ...]:
    return tuple(secret_names(data)) if may_hold_any(name, content) else ()


def _sorted(problems: list[Problem], files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    told = (_hushed(one, files.get(one.file, b"")) for one in dict.fromkeys(problems))
    return tuple(sorted(told, key=lambda one: (one.file, one.line, one.column, one.code, one.what)))


def _hushed(problem: Problem, content: bytes) -> Problem:
    """A problem that quotes no secret which stands in its file."""
    text = content.decode(errors="replace")
    return replace(problem, what=without(problem.what, text), hint=without(problem.hint, text))


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
