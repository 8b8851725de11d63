"""Where the command line works: the project's root, its files, its store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli import options
from runner.errors import ConfigInvalid, StoreError, Unreadable, UsageError
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from runner.engine.workbenches.versions import Version
    from runner.project.project import Project
    from runner.runs.store import Store

STORAGE = ".runner"


def root() -> Path:
    """The project's folder, absolute; raises `UsageError` when there is no project in it."""
    folder = options.current().directory.resolve()
    _refuse_odd(folder)
    if not is_here():
        raise UsageError(
            f"no project in {folder}: no runner.yaml, agents.d, tools.d or workflows is there",
            hint="`runner init` makes one here, `runner -C DIR …` works on one elsewhere",
        )
    return folder


def _refuse_odd(folder: Path) -> None:
    """Refuse what cannot hold a project for another reason than that none is in it."""
    from runner.project.sources import not_yours

    try:
        kept_out = folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)
    except PermissionError:  # one above it may not be searched
        kept_out = True
    if kept_out:
        raise UsageError(f"{folder} cannot be read: Permission denied", hint=not_yours(folder))
    if folder.is_file():
        raise UsageError(f"{folder} is a file, not a project's folder", hint=f"write `runner -C {folder.parent} …`")
    if not folder.exists():
        raise UsageError(f"{folder} is not there", hint=f"`runner init {folder}` makes a project there")


def is_here() -> bool:
    """Whether the folder holds a project."""
    from runner.project.sources import is_project

    return is_project(options.current().directory)


RULES = "other files are asked for, and the permissions of those on disk hold as well: mend them, or `runner up`"
"""Why the files on disk must be good although a run begins with others."""


def project(hint: str = "") -> Project:
    """The project as its files say now; raises `ConfigInvalid` with every problem, and the hint."""
    from runner.project.files.folders import misplaced
    from runner.project.load import load
    from runner.project.problems import refusal
    from runner.project.sources import Disk

    folder = root()
    loaded = load(Disk(folder), folder)
    if loaded.project is None:
        raise ConfigInvalid(refusal(misplaced(Disk(folder)), len(loaded.problems)), loaded.problems, hint=hint)
    return loaded.project


def version(at: str) -> Version:
    """The files of a kept revision or of a commit; raises `UsageError`, and `ConfigInvalid` with every problem."""
    from runner.engine.workbenches.versions import version_at
    from runner.runs.store import Store

    opened = Store.open(storage())
    try:
        return version_at(opened, root(), at)
    finally:
        opened.close()


def storage() -> Path:
    """The folder of the journal, which a broken file does not hide."""
    folder = root()
    return folder / (_configured(folder) or STORAGE)


def has_run() -> bool:
    """Whether anything has run here: without a journal none is made."""
    from runner.runs.store import FILE

    return (storage() / FILE).exists()


@contextmanager
def store() -> Iterator[Store]:
    """The store of what has run; raises `UsageError` when nothing has."""
    from runner.project.sources import not_yours
    from runner.runs.store import FILE, Store

    folder = storage()
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StoreError(f"{folder} cannot be read: Permission denied", hint=not_yours(folder))
    if not (folder / FILE).exists():
        raise UsageError("nothing has run here yet", hint='`runner run NAME "…"` runs an agent or a workflow')
    opened = Store.open(folder)
    try:
        yield opened
    finally:
        opened.close()


def _configured(folder: Path) -> str | None:
    """What `storage.path` says, without judging the rest of the file; nothing when it may not be read."""
    import yaml

    from runner.project.sources import Disk

    try:
        content = Disk(folder).read(SETTINGS) or b""
        data = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
        found = data["storage"]["path"]
    except (Unreadable, yaml.YAMLError, ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None
