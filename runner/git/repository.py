"""Where git keeps its own files for a folder: found without asking it, as that is looked at for each run."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[tuple[int, int] | None, ...]
_MOVED = ("HEAD", "index", "logs/HEAD")
_SHARED = ("packed-refs", "reftable/tables.list")
_MOST = 1 << 16
"""Bytes that are read of one of git's own files."""


def top_of(root: Path) -> Path | None:
    """The top folder of the repository or work tree around a folder: the nearest that holds a `.git`."""
    return next((folder for folder in (root, *root.parents) if _folder_in(folder) is not None), None)


def folder_of(root: Path) -> Path | None:
    """The folder in which git keeps its files for the repository or work tree around a folder; None outside of any."""
    top = top_of(root)
    return None if top is None else _folder_in(top)


def shared_folder(git: Path) -> Path:
    """Where the branches are: of a linked work tree, the repository's own folder."""
    return git / _text(git / "commondir").strip()


def stamp(git: Path) -> Stamp:
    """Another value whenever HEAD or the index may have moved."""
    shared = shared_folder(git)
    places = [*(git / name for name in _MOVED), *(shared / name for name in _SHARED)]
    head = _text(git / "HEAD")
    if head.startswith("ref: "):
        places.append(shared / head.removeprefix("ref: ").strip())
    return tuple(map(_print, places))


def _folder_in(folder: Path) -> Path | None:
    git = folder / ".git"
    try:
        if git.is_file():  # a linked work tree or a submodule: the file says where the repository is
            told = _text(git).partition("gitdir:")[2].strip()
            return folder / told if told else None
        return git if git.is_dir() else None
    except OSError:
        return None


def _text(path: Path) -> str:
    """What one of git's own files says; nothing when it is damaged, or no file: a pipe must not hold us up."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        text = os.read(file, _MOST).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(file)
    return "" if "\0" in text else text  # no path holds one; a file that a power cut took is full of them


def _print(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
