"""Where git keeps its own files for a folder: found without asking it, as that is looked at for each run."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[tuple[int, int] | None, ...]
_MOVED = ("HEAD", "index", "logs/HEAD")
_SHARED = ("packed-refs", "reftable/tables.list")


def folder_of(root: Path) -> Path | None:
    """The folder in which git keeps its files for the repository or work tree around a folder; None outside of any."""
    return next((git for folder in (root, *root.parents) if (git := _folder_in(folder)) is not None), None)


def shared_folder(git: Path) -> Path:
    """Where the branches are: of a linked work tree, the repository's own folder."""
    try:
        return git / (git / "commondir").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return git


def stamp(git: Path) -> Stamp:
    """Another value whenever HEAD or the index may have moved."""
    shared = shared_folder(git)
    places = [*(git / name for name in _MOVED), *(shared / name for name in _SHARED)]
    try:
        head = (git / "HEAD").read_text(encoding="utf-8", errors="replace")
    except OSError:
        head = ""
    if head.startswith("ref: "):
        places.append(shared / head.removeprefix("ref: ").strip())
    return tuple(map(_print, places))


def _folder_in(folder: Path) -> Path | None:
    git = folder / ".git"
    try:
        if git.is_file():  # a linked work tree or a submodule: the file says where the repository is
            told = git.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
            return folder / told if told else None
        return git if git.is_dir() else None
    except OSError:
        return None


def _print(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
