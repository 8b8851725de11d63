"""What the project's files look like from outside: a print of each that changes whenever the file may have."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.project.sources import Disk
from runner.secrets.env_file import ENV_FILE
from runner.spec.layout import SETTINGS, TOP_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

FILES = (SETTINGS, ENV_FILE)
SUFFIXES = (".yaml", ".py", ".lock")
LINKS = 40
"""Links that one path may lead over; the system's own bound."""
_BELOW = tuple(f"{folder}/" for folder in TOP_FOLDERS)
_PASSED_OVER = (".", "__pycache__")

Prints = dict[str, tuple[int, ...]]
"""Path -> when its content and its place changed last (both ns), its size, its inode."""
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Survey:
    """One look at all of a project's files."""

    prints: Prints = field(default_factory=dict)
    """The files that make up the project."""
    folders: dict[str, int] = field(default_factory=dict)
    """Every folder to watch and its inode: one that was deleted and made again is another one."""
    ways: set[str] = field(default_factory=set)
    """Links on the way to files, and where they lead."""


def survey(root: Path, named: Collection[str]) -> Survey:
    """Look at the files of a project; `named` are those outside the three folders, by their names from the root."""
    found = Survey()
    _add_folder(found, root)
    for name in (*FILES, *named):
        _add_file(found, root / name)
        for folder in PurePosixPath(name).parents:
            _add_folder(found, root / folder)
    around = {place for folder in (root, *root.parents) if (place := _place(folder))}
    looked: set[_Place] = set()
    for name in TOP_FOLDERS:
        _walk(found, str(root / name), around, looked)
    return found


def digests(root: Path, files: Iterable[str]) -> dict[str, bytes]:
    """The digest of each file, by its name from the root; those that cannot be read have none."""
    found, disk = {}, Disk(root)
    for name in files:
        with suppress(Unreadable):  # a pipe, say, which would be read for ever
            content = disk.read(name)
            if content is not None:
                found[name] = hashlib.sha256(content).digest()
    return found


def is_part(root: Path, named: Collection[str], path: str) -> bool:
    """Whether a change at a path may concern the project: one of its files, or a directory that may hold some."""
    try:
        inside = Path(path).relative_to(root).as_posix()
    except ValueError:
        inside = path
    if inside in FILES or inside in TOP_FOLDERS or inside in named or inside == ".":
        return True
    if any(name.startswith(f"{inside}/") for name in named):
        return True
    return inside.startswith(_BELOW) and Path(path).suffix in (*SUFFIXES, "")


def is_followed(name: str) -> bool:
    """Whether a file is followed without being named: by its name from the root."""
    return name in FILES or (name.startswith(_BELOW) and name.endswith(SUFFIXES))


def _walk(found: Survey, folder: str, above: set[_Place], looked: set[_Place]) -> None:
    """Add a folder and all in it, unless it is one of those around it, which would lead round for ever.

    Of a folder that was `looked` into under another name only the link to it is added: links to one another multiply.
    """
    place = _place(folder)
    try:
        entries = list(os.scandir(folder))
    except OSError:
        place = None
    if place is None:
        _add_way(found, Path(folder))  # a link may lead nowhere for a moment
        return
    if place in above:
        return
    _add_folder(found, Path(folder))
    if place in looked:
        with suppress(OSError):  # it has just gone
            found.prints[folder] = _print(os.lstat(folder))
        return
    looked.add(place)
    for entry in entries:
        if _is_folder(entry):
            if not entry.name.startswith(_PASSED_OVER):
                _walk(found, entry.path, {*above, place}, looked)
        elif entry.name.endswith(SUFFIXES) and not entry.name.startswith(_PASSED_OVER):
            _add_file(found, Path(entry.path), is_link=entry.is_symlink())


def _place(folder: str | Path) -> _Place | None:
    try:
        status = os.stat(folder)  # noqa: PTH116 - called for each folder at each look
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _add_file(found: Survey, path: Path, *, is_link: bool = True) -> None:
    try:
        status = path.stat()
    except OSError:
        status = None
    if status is not None:
        found.prints[str(path)] = _print(status)
    if is_link:
        _add_way(found, path)


def _print(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _add_folder(found: Survey, path: Path) -> None:
    if str(path) in found.folders:
        return
    try:
        status = path.stat()
    except OSError:
        return
    found.folders[str(path)] = status.st_ino
    _add_way(found, path)


def _add_way(found: Survey, path: Path) -> None:
    """Add every link on the way to a path, where it leads, and the folders that a change of these is told of."""
    for _ in range(LINKS):
        link = next((part for part in (*reversed(path.parents), path) if os.path.islink(part)), None)  # noqa: PTH114 - Path raises where it may not look
        if link is None:
            return
        try:
            leads_to = Path(os.path.normpath(link.parent / link.readlink()))
        except OSError:  # it has just gone
            return
        path = leads_to / path.relative_to(link)
        found.ways.update((str(link), str(leads_to), str(path)))
        for folder in (link.parent, leads_to.parent, path.parent):
            with suppress(OSError):
                found.folders.setdefault(str(folder), folder.stat().st_ino)
