"""What the project's files look like from outside: a print of each that changes whenever the file may have."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FILES = ("runner.yaml", ".env")
FOLDERS = ("agents.d", "tools.d", "workflows")
SUFFIXES = (".yaml", ".py")
_BELOW = tuple(f"{folder}/" for folder in FOLDERS)

Prints = dict[str, tuple[int, ...]]
"""Path -> what its content and place changed last, its size and its inode."""


def prints(root: Path, named: Collection[str]) -> Prints:
    """The prints of all files that make up the project; `named` are those outside the three folders, from the root."""
    found = {}
    for path in (*(root / name for name in (*FILES, *named)), *_inside(root)):
        stamp = _stamp(path)
        if stamp is not None:
            found[str(path)] = stamp
    return found


def directories(root: Path, named: Collection[str]) -> dict[str, int]:
    """Every directory to watch and its inode: one that was deleted and made again is another one."""
    wanted = {root, *(root / folder for name in named for folder in PurePosixPath(name).parents)}
    for folder in FOLDERS:
        wanted.update(Path(parent) for parent, _, _ in os.walk(root / folder, followlinks=False))
    stamps = {str(path): _stamp(path) for path in wanted if path.is_dir()}
    return {path: stamp[-1] for path, stamp in sorted(stamps.items()) if stamp is not None}


def is_part(root: Path, named: Collection[str], path: str) -> bool:
    """Whether a change at a path may concern the project: one of its files, or a directory that may hold some."""
    try:
        inside = Path(path).relative_to(root).as_posix()
    except ValueError:
        inside = path
    if inside in FILES or inside in FOLDERS or inside in named:
        return True
    if any(name.startswith(f"{inside}/") for name in named):
        return True
    return inside.startswith(_BELOW) and Path(path).suffix in (*SUFFIXES, "")


def is_followed(name: str) -> bool:
    """Whether a file is followed without being named: by its name from the root."""
    return name in FILES or (name.startswith(_BELOW) and name.endswith(SUFFIXES))


def git_is_busy(root: Path) -> bool:
    """Whether git is changing the files just now: it holds the lock of the index of the repository around them."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return (git / "index.lock").exists()
        if git.is_file():  # a work tree or a submodule: the file says where the repository is
            told = git.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
            return bool(told) and (folder / told / "index.lock").exists()
    return False


def _inside(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for parent, _, names in os.walk(root / folder):
            yield from (Path(parent, name) for name in names if name.endswith(SUFFIXES))


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
