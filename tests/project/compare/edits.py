"""A small project in which every field of the files has a value, and edits of each with what a review must say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from runner.project.load import load
from runner.project.project import Project
from runner.project.sources import Disk, Stored
from runner.spec.layout import FOLDERS

HERE = Path(__file__).resolve().parent
Edit = tuple[str, str, str]
"""A file, a text in it, and what stands in its place; an empty text stands for the whole file."""


def _files() -> dict[str, str]:
    root = HERE / "project"
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*.*")
        if path.is_file() and path.suffix != ".pyc"
    }


def _shipped() -> dict[str, bytes]:
    disk = Disk(HERE)
    names = (name for folder in FOLDERS for name in disk.names(f"std/{folder}"))
    return {name: content for name in names if (content := disk.read(name)) is not None}


FILES = _files()
SHIPPED = _shipped()
EDITS: list[tuple[Edit, str]] = [
    ((file, edit.get("in", ""), edit["put"]), told)
    for file, edits in yaml.safe_load((HERE / "edits.yaml").read_text()).items()
    for edit in edits
    for told in edit["says"]
]
"""Each with the beginning of a line that it must show."""


def edited(edits: Iterable[Edit]) -> dict[str, bytes]:
    """The files after some edits; one whose text an earlier edit took away does nothing."""
    files = dict(FILES)
    for file, old, new in edits:
        files[file] = files[file].replace(old, new, 1) if old else new
    return {name: text.encode() for name, text in files.items()}


def loaded(files: dict[str, bytes]) -> Project:
    """The project of some files."""
    found = load(Stored(files | SHIPPED), Path("/project"))
    assert found.project, found.problems
    return found.project
