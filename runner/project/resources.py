"""The databases under `resources` of runner.yaml, and where a revision finds them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from runner.spec import Spec
from runner.spec.layout import SETTINGS, TOP_FOLDERS

if TYPE_CHECKING:
    from runner.project.project import Project

_NOT_THERE = (".git", ".env", SETTINGS, *TOP_FOLDERS)
"""What begins no path of a database: files that say what agents may do, or that hold secrets."""


def _in_the_project(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith(("/", "~")) or ".." in parts or "\0" in path:
        msg = f"{path!r} leads out of the project; write it from the project's folder on, such as data/music.db"
        raise ValueError(msg)
    if parts[0] in _NOT_THERE:
        msg = f"{parts[0]} is no place for a database; give it a folder of its own, such as data/{parts[-1]}"
        raise ValueError(msg)
    return path


ProjectPath = Annotated[str, AfterValidator(_in_the_project)]
"""A path in the project's folder, seen from there."""


class Database(Spec):
    """A database that functions of python tools are given open."""

    sqlite: ProjectPath
    """The SQLite file, seen from the project's folder."""
    init: ProjectPath | None = None
    """A file of SQL that makes the database when it is not there; it belongs to the revision."""


def places_of(project: Project, copy: Path) -> dict[str, dict[str, str]]:
    """Where each database is, by name; the SQL that makes one is taken from the revision's own copy."""
    root = str(project.root)
    return {
        name: {"sqlite": spec.sqlite, "root": root, "init": str(copy / spec.init) if spec.init else ""}
        for name, spec in project.settings.resources.items()
    }


def digest_of(project: Project) -> list[list[str]]:
    """What workers that hold the databases depend on, as plain data."""
    return [
        [name, spec.sqlite, project.files.get(spec.init or "", b"").hex()]
        for name, spec in sorted(project.settings.resources.items())
    ]
