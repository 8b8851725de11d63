"""Whether the secrets that files name are on this machine, and look like secrets; no value is ever shown."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from runner import secrets
from runner.models import needs_key
from runner.project.files.literals import located_references
from runner.project.findings import Finding
from runner.project.parsing.parse import parse
from runner.project.problems import Problem, problem_of
from runner.secrets.env_file import ENV_FILE, read_env
from runner.spec.layout import SETTINGS
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.project.findings import Loc
    from runner.project.load import Loaded
    from runner.project.project import Project
    from runner.secrets.env_file import EnvFile

_PLACEHOLDER = re.compile(
    r"((\w{1,8}[-_])*(x{3,}|\*{3,}|\.{3,}|…)|change[-_ ]?(me|it|this)|todo|fixme"
    r"|placeholder|replace[-_ ]?me|insert.*here|<.*>|\[.*\]|\{.*\}"
    r"|(your|my|the)[-_ ].*(key|token|secret|password).*)",
    re.IGNORECASE,
)
_QUOTES = "\"'`“”‘’„«»"


def added(loaded: Loaded, root: Path, *, missing: bool) -> Loaded:
    """The same with a warning for each secret that looks wrong, and with `missing` a problem for each that lacks."""
    file = read_env(root)
    wanted = [*_named(loaded.files), *(_keys(loaded.project) if loaded.project else ())]
    found = secrets.find({name for _, _, name in wanted}, root)
    lacking = [_missing(one, found, file) for one in wanted if one[2] not in found.values] if missing else []
    odd = [odd for one in wanted if one[2] in found.values and (odd := _odd(one, found.values[one[2]], file))]
    of_file = _of_file(root, file, {name for _, _, name in wanted})
    problems = _ordered((*loaded.problems, *_placed(lacking, loaded.files)))
    warnings = _ordered((*loaded.warnings, *_placed(odd, loaded.files), *of_file))
    return replace(loaded, project=None if problems else loaded.project, problems=problems, warnings=warnings)


def _named(files: Mapping[str, bytes]) -> Iterator[tuple[str, Loc, str]]:
    """(file, place, name) of each `${NAME}` that is filled in; a tool that is turned off needs none."""
    for file, content in files.items():
        if b"${" in content and (file == SETTINGS or ("tools.d/" in file and file.endswith(".yaml"))):
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


def _of_file(root: Path, file: EnvFile, wanted: set[str]) -> Iterator[Problem]:
    """What is wrong with `.env` itself; who may read it matters once it holds a secret that is used."""
    for fault in file.faults:
        if fault.harm != "elsewhere":
            yield Problem("env-line", ENV_FILE, fault.line, 1, "", fault.what, fault.hint, severity="warning")
    others = stat.S_IROTH | stat.S_IWOTH
    if wanted & file.values.keys() and (root / ENV_FILE).stat().st_mode & others:
        what = "every user of this machine may read the secrets in it"
        yield Problem("open-secrets", ENV_FILE, 1, 1, "", what, f"chmod 600 {ENV_FILE}", severity="warning")


def _missing(wanted: tuple[str, Loc, str], found: secrets.Secrets, file_of_secrets: EnvFile) -> Finding:
    file, loc, name = wanted
    what = f"{name} is not set (looked in {found.looked(name)})"
    near = "" if name in found.faults else did_you_mean(name, sorted(file_of_secrets.values))
    return Finding("missing-secret", file, loc, what, near or found.mended(name), at_key=loc[-1] != "key")


def _odd(wanted: tuple[str, Loc, str], value: str, file_of_secrets: EnvFile) -> Finding | None:
    file, loc, name = wanted
    fault = _fault(value)
    if not fault:
        return None
    source = "the environment" if os.environ.get(name) else ENV_FILE
    hint = f"look at it in {source}"
    if source == ENV_FILE and (line := file_of_secrets.lines.get(name)):
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
