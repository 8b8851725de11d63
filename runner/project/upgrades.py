"""What a new runner changed in the shipped files that a project uses, seen from the revision that it ran on last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import Field, TypeAdapter

from runner import __version__
from runner.project.load import revision
from runner.project.packs import modules_of
from runner.project.parsing.parse import parse
from runner.project.std import PREFIX
from runner.project.words import dotted
from runner.spec import Spec

if TYPE_CHECKING:
    from runner.project.findings import Loc
    from runner.project.project import Project

_SORTS = {"agents.d": "agent", "agents.d/prompts": "prompt", "tools.d": "pack", "workflows": "workflow"}
_LONGEST = 60
"""Characters of a value that a change still shows."""


class Note(Spec):
    """What one version changed in one shipped file."""

    file: str
    """The file, such as tools.d/qa.yaml."""
    what: str
    """What is different."""
    do: str = Field(default="")
    """What a project may have to do."""


Notes = Mapping[str, tuple[Note, ...]]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What became of one shipped thing since the project ran last."""

    item: str
    """The thing, such as `pack std/qa`."""
    file: str
    since: str
    """The version that the project ran on last; empty when it is not known."""
    changes: tuple[str, ...] = ()
    """The values that differ, a line each."""
    notes: tuple[Note, ...] = ()
    hidden_by: str = ""
    """The project's own file that stands in its place, so that nothing of this reaches the project."""

    def to_dict(self) -> dict[str, Any]:
        """What `check --json` prints."""
        return {**asdict(self), "notes": [note.model_dump() for note in self.notes]}


@lru_cache(maxsize=1)
def shipped_notes() -> Notes:
    """The notes of every version, oldest first."""
    path = Path(__file__).with_suffix(".yaml")
    data = parse(path.name, path.read_bytes()).data
    return TypeAdapter(dict[str, tuple[Note, ...]]).validate_python(data, strict=False)


def upgrades(project: Project, files: Mapping[str, bytes], digest: str, notes: Notes) -> tuple[Upgrade, ...]:
    """What changed between the files of the revision `digest` and the project's, of what both use; then what is hidden.

    A shipped file that the project replaces is in no revision: of that one only the notes are known.
    """
    since = _version_of(files, digest, notes)
    newer = _newer(notes, since)
    found = []
    for file in sorted(project.files):
        own = file.removeprefix(PREFIX)
        noted = tuple(note for note in newer if note.file == own)
        if file.startswith(PREFIX) and file in files and file.endswith(".yaml"):
            changes = (*_changes(file, files[file], project.files[file]), *_code(project, files, file))
            if changes or noted:
                found.append(Upgrade(_item(own), file, since, changes, noted))
        elif noted and own == file and project.settings.use:
            found.append(Upgrade(_item(own), f"{PREFIX}{own}", since, notes=noted, hidden_by=own))
    return tuple(found)


def _version_of(files: Mapping[str, bytes], digest: str, notes: Notes) -> str:
    """The version whose name makes the digest of these files."""
    return next((version for version in (*notes, __version__) if revision(files, version) == digest), "")


def _newer(notes: Notes, since: str) -> list[Note]:
    """The notes of the versions after `since`; when that is not known, of the newest alone."""
    versions = list(notes)
    first = versions.index(since) + 1 if since in versions else len(versions) - 1
    return [note for version in versions[first:] for note in notes[version]]


def _item(file: str) -> str:
    path = PurePosixPath(file)
    return f"{_SORTS.get(str(path.parent), 'file')} {PREFIX}{path.stem}"


def _code(project: Project, files: Mapping[str, bytes], pack: str) -> Iterator[str]:
    """The Python files of a pack that are no longer the same."""
    folder = pack.rpartition("/")[0]
    modules = {module for tool in project.tools.values() if tool.file == pack for module in modules_of(tool.spec)}
    for module in sorted(modules):
        name = f"{folder}/{module}.py"
        if files.get(name) != project.files.get(name):
            yield f"{module}.py changed"


def _changes(file: str, old: bytes, new: bytes) -> Iterator[str]:
    if old != new:
        yield from _differences((), parse(file, old).data, parse(file, new).data)


def _differences(loc: Loc, old: Any, new: Any) -> Iterator[str]:
    """What differs between two values, a line for each place."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            place = (*loc, key)
            if key not in new:
                yield f"{dotted(place)} is gone"
            elif key not in old:
                yield f"{dotted(place)} is new"
            else:
                yield from _differences(place, old[key], new[key])
    elif old != new:
        shown = f"{_shown(old)} → {_shown(new)}"
        yield f"{dotted(loc)}: {shown}" if loc and len(shown) <= _LONGEST else f"{dotted(loc) or 'all of it'} changed"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
