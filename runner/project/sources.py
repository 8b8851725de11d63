"""Where the bytes of files come from: a folder on disk, or a revision that was kept."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from runner.errors import Unreadable
from runner.project import std
from runner.spec.layout import LARGEST, SETTINGS, TOP_FOLDERS, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

_ODD = stat.S_IFMT(0o777777) | stat.S_IWOTH
_PIECE = 1 << 20
_BELOW = tuple(f"{folder}/" for folder in TOP_FOLDERS)


class Source(Protocol):
    """Files by their name from the project's root; shipped ones begin with `std/`."""

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; raises `Unreadable`."""

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted."""

    def folders(self, folder: str) -> list[str]:
        """The names of all folders directly in a folder (`.` is the root), sorted; a revision knows of none."""


@dataclass(frozen=True)
class Disk:
    """A project's folder, and the shipped files."""

    root: Path

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; raises `Unreadable`."""
        is_below = name.startswith(_BELOW)
        is_ours = is_below or not name.startswith((std.PREFIX, "/"))
        path = f"{self._top}/{name}" if is_ours else str(std.place(self.root, name))
        try:
            content = _content(path)
            if not is_below and Path(path).parent == self.root:
                _refuse_open(self.root)
            return content
        except OSError as error:
            if isinstance(error, FileNotFoundError | NotADirectoryError) and not os.path.islink(path):  # noqa: PTH114 - a text
                return None
            raise _unreadable(Path(path), error) from error

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted."""
        path = self._path(folder)
        try:
            entries = sorted([entry.name for entry in os.scandir(path) if _may_be_file(entry)])
            _refuse_open(path)
        except OSError as error:
            if os.path.lexists(path):  # also says no below a folder that may not be searched
                raise _unreadable(path, error) from error
            return []
        return [f"{folder}/{name}" for name in entries]

    def folders(self, folder: str) -> list[str]:
        """The names of all folders directly in a folder (`.` is the root), sorted; none of one that cannot be read."""
        try:
            return sorted([entry.name for entry in os.scandir(self._path(folder)) if not _may_be_file(entry)])
        except OSError:
            return []

    @cached_property
    def _top(self) -> str:
        return str(self.root)

    def _path(self, name: str) -> Path:
        return std.place(self.root, name)


@dataclass(frozen=True)
class Stored:
    """The files of a revision; what it did not read does not exist."""

    files: Mapping[str, bytes]

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file."""
        return self.files.get(name)

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted."""
        return sorted(name for name in self.files if str(PurePosixPath(name).parent) == folder)

    def folders(self, _folder: str) -> list[str]:
        """None: a revision holds what was read, and nothing else."""
        return []


@dataclass(frozen=True)
class Committed:
    """The files of a commit, and of shipped ones those that ship with this runner: a commit holds none."""

    tree: Source

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; raises `Unreadable`."""
        return self._of(name).read(name)

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted; raises `Unreadable`."""
        return self._of(folder).names(folder)

    def folders(self, folder: str) -> list[str]:
        """The names of all folders directly in a folder (`.` is the root), sorted."""
        return self._of(folder).folders(folder)

    def _of(self, name: str) -> Source:
        return Disk(std.folder()) if name.startswith(std.PREFIX) else self.tree


def is_project(root: Path) -> bool:
    """Whether a folder holds a runner.yaml or one of the three folders."""
    return any((root / name).exists() for name in (SETTINGS, *TOP_FOLDERS))


def _may_be_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, or named as one that is read: reading it says what it is."""
    try:
        return entry.name.endswith((".yaml", ".yml")) or not entry.is_dir()
    except OSError:  # a loop of links: reading it says so
        return True


def _content(path: str) -> bytes:
    """What is in a file; by the system's own calls, as a load reads thousands."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)  # a pipe must not hold us up
    try:
        status = os.fstat(file)
        if status.st_mode & _ODD != stat.S_IFREG:
            _refuse_odd(path, status)
        _refuse_large(status.st_size)  # it may have a size and take no room on the disk
        content = os.read(file, status.st_size + 1)
        while len(content) > status.st_size and (more := os.read(file, _PIECE)):  # it has grown meanwhile
            content += more
            _refuse_large(len(content))
        return content
    finally:
        os.close(file)


def _refuse_odd(path: str, status: os.stat_result) -> None:
    """A file that anyone may write, or that is no file, is no configuration."""
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("it is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("it is no regular file")
    if status.st_mode & stat.S_IWOTH:
        raise Unreadable("every user of this machine may write it", f"chmod o-w {path}")


def _refuse_large(size: int) -> None:
    if size > LARGEST:
        raise Unreadable(too_large(size), "move data out of it")


def _refuse_open(folder: Path) -> None:
    """Who may write a folder may put another file in the place of one that only its owner may write."""
    if folder.stat().st_mode & stat.S_IWOTH:
        raise Unreadable(f"every user of this machine may write into {folder}", f"chmod o-w {folder}")


def not_yours(path: Path) -> str:
    """Whose a file or folder is, for somebody whom the system keeps from it."""
    while not os.path.lexists(path) or not os.access(path.parent, os.X_OK):  # what keeps us out may be above it
        path = path.parent
    owner, user = path.stat().st_uid, os.geteuid()
    whose = "" if owner == user else f"it belongs to {_user(owner)}, and runner runs as {_user(user)}: "
    return f"{whose}look at `ls -ld {path}`"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a user without a name
        return str(uid)


def _unreadable(path: Path, error: OSError) -> Unreadable:
    return Unreadable(_reason(path, error), not_yours(path) if isinstance(error, PermissionError) else "")


def _reason(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return f"it is a link to {path.readlink()}, which is not there"
    if isinstance(error, NotADirectoryError):
        return "it is a file, not a folder"
    return f"it cannot be read: {error.strerror or error}"
