"""Whether the secrets that files name are on this machine, and look like secrets; no value is ever shown."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runner import secrets
from runner.models import needs_key
from runner.project.findings import Finding
from runner.project.literals import located_references
from runner.project.parse import parse
from runner.project.problems import problem_of
from runner.spec.layout import SETTINGS
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.project.findings import Loc
    from runner.project.load import Loaded
    from runner.project.problems import Problem
    from runner.project.project import Project

_PLACEHOLDER = re.compile(
    r"(change[-_ ]?me|x{3,}|\*{3,}|\.{3}|…|todo|fixme|placeholder|replace[-_ ]?me|insert.*here|<.*>|\[.*\]|\{.*\}"
    r"|(your|my|the)[-_ ].*(key|token|secret|password).*)",
    re.IGNORECASE,
)
_QUOTES = "\"'`“”‘’„«»"


def added(loaded: Loaded, root: Path) -> Loaded:
    """The same with a problem for each secret that is missing, and a warning for each that looks wrong."""
    wanted = [*_named(loaded.files), *(_keys(loaded.project) if loaded.project else ())]
    found = secrets.find({name for _, _, name in wanted}, root)
    missing = [_missing(one, found, root) for one in wanted if one[2] not in found.values]
    odd = [odd for one in wanted if one[2] in found.values and (odd := _odd(one, found.values[one[2]], root))]
    problems = _ordered((*loaded.problems, *_placed(missing, loaded.files)))
    warnings = _ordered((*loaded.warnings, *_placed(odd, loaded.files)))
    return replace(loaded, project=None if problems else loaded.project, problems=problems, warnings=warnings)


def _named(files: Mapping[str, bytes]) -> Iterator[tuple[str, Loc, str]]:
    """(file, place, name) of each `${NAME}` that is filled in; a tool that is turned off needs none."""
    for file, content in files.items():
        if file == SETTINGS or ("tools.d/" in file and file.endswith(".yaml")):
            data = parse(file, content, empty=True).data
            for loc, name in located_references(data):
                if loc[0] != "tools" or data["tools"][loc[1]].get("enabled") is not False:
                    yield file, loc, name


def _keys(project: Project) -> Iterator[tuple[str, Loc, str]]:
    """The keys that models need without naming them."""
    for name, spec in project.settings.models.items():
        variable = needs_key(spec)
        if variable and getattr(spec, "key", None) is None:
            yield SETTINGS, ("models", name), variable


def _missing(wanted: tuple[str, Loc, str], found: secrets.Secrets, root: Path) -> Finding:
    file, loc, name = wanted
    what = f"{name} is not set (looked in {found.places})"
    near = did_you_mean(name, secrets.names_in_file(root))
    return Finding("missing-secret", file, loc, what, near or f"write {name}=… into .env", at_key=loc[-1] != "key")


def _odd(wanted: tuple[str, Loc, str], value: str, root: Path) -> Finding | None:
    file, loc, name = wanted
    fault = _fault(value)
    if not fault:
        return None
    source = "the environment" if os.environ.get(name) else ".env"
    hint = f"look at it in {source}"
    if source == ".env" and (line := secrets.line_in_file(root, name)):
        hint = f"look at line {line} of .env"
    return Finding("suspicious-secret", file, loc, f"the value of {name} {fault}", hint, "warning")


def _fault(value: str) -> str:
    """What is odd about a value, without any of it."""
    if _PLACEHOLDER.fullmatch(value.strip()):
        return "is a placeholder"
    if "\r" in value or "\n" in value:
        return "holds a line end"
    if value != value.strip():
        return "begins or ends with a blank"
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        return "begins or ends with a quote"
    return "holds a blank" if re.search(r"\s", value) else ""


def _placed(findings: list[Finding], files: Mapping[str, bytes]) -> Iterator[Problem]:
    for one in dict.fromkeys(findings):
        yield problem_of(one, parse(one.file, files.get(one.file, b""), empty=True))


def _ordered(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda one: (one.file, one.line, one.column, one.code, one.what)))
