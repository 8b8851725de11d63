"""Folders with hostile content: walked, measured and removed without following a link, however deep they are.

No more descriptors are open than one goes down by, and no path is told to the kernel whole: each name is looked up in
the folder that was opened before it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 3500
"""Bytes of a path that is walked into; the kernel takes 4096, and the store's own come before."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 512
_SHOWN = 60
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Entry(NamedTuple):
    """What is in a folder; `folder` is the folder's descriptor, open until the next entry is asked for."""

    path: str
    name: str
    folder: int
    stat: os.stat_result

    @property
    def is_too_deep(self) -> bool:
        """Whether it is a folder that is not walked into."""
        return stat.S_ISDIR(self.stat.st_mode) and len(os.fsencode(self.path)) > LONGEST


def walk(top: Path, name: str, *, passing: tuple[type[OSError], ...] = ()) -> Iterator[Entry]:
    """All that is below a folder of `top`, a folder before what is in it.

    Where others may be at work in there, say which errors are passed over; then nothing is changed, either.
    """
    above = os.open(top, FOLDER)
    folder, at = above, ""
    try:
        pending = [name]
        while pending:
            path = pending.pop()
            with suppress(*passing):
                is_below = bool(at) and path.startswith(f"{at}/")
                inner = _descend(
                    folder if is_below else above, path[len(at) + 1 if is_below else 0 :], opens=not passing
                )
                _close(folder, above)
                folder, at = inner, path
                for name_in in sorted(os.listdir(folder)):  # noqa: PTH208 - a descriptor
                    found = _stat(name_in, folder, passing)
                    if found is None:
                        continue
                    entry = Entry(f"{path}/{name_in}", name_in, folder, found)
                    if stat.S_ISDIR(found.st_mode) and not entry.is_too_deep:
                        pending.append(entry.path)
                    yield entry
    finally:
        _close(folder, above)
        os.close(above)


def size(top: Path, name: str) -> int:
    """Bytes that a folder of `top` takes on the disk, nearly: somebody may be at work in there."""
    return _sum(walk(top, name, passing=(OSError,)))


def whole_size(top: Path, name: str) -> int:
    """As `size`, but raises OSError where something is hidden from it: too deep, or closed to its owner."""
    return _sum(map(_within_reach, walk(top, name, passing=(FileNotFoundError, NotADirectoryError))))


def _within_reach(entry: Entry) -> Entry:
    if entry.is_too_deep:
        raise OSError(f"{entry.path[:_SHOWN]!r}… is too deep")
    return entry


def _sum(entries: Iterator[Entry]) -> int:
    """Allocated bytes, a file with several names once; a name of nothing counts too, or there could be any number."""
    total, known = 0, set[tuple[int, int]]()
    for entry in entries:
        found = entry.stat
        if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
            if (found.st_dev, found.st_ino) in known:
                total += _BLOCK
                continue
            known.add((found.st_dev, found.st_ino))
        total += max(found.st_blocks * _BLOCK, _BLOCK)
    return total


def open_file(entry: Entry) -> int:
    """A descriptor of a regular file; raises OSError when it has become something else."""
    descriptor = _open(entry.name, entry.folder, _FILE, 0o600)
    found = os.fstat(descriptor)
    if (found.st_dev, found.st_ino) != (entry.stat.st_dev, entry.stat.st_ino):
        os.close(descriptor)
        raise OSError(f"{entry.path} was replaced")
    return descriptor


def remove(top: Path) -> None:
    """Remove a folder and all in it: each folder below is moved up before it is emptied, so depth costs nothing."""
    descriptor = os.open(top, FOLDER)
    try:
        token, moved = token_hex(8), 0
        while names := os.listdir(descriptor):  # noqa: PTH208 - a descriptor
            for name in names:
                moved = _remove(descriptor, name, f".{token}-", moved)
    finally:
        os.close(descriptor)
    top.rmdir()


def _remove(top: int, name: str, prefix: str, moved: int) -> int:
    """Remove one thing in the top folder; how many folders were moved there by now."""
    if not _is_folder(name, top):
        os.unlink(name, dir_fd=top)
        return moved
    folder = _open(name, top, FOLDER, 0o700)
    try:
        for inner in os.listdir(folder):  # noqa: PTH208 - a descriptor
            if _is_folder(inner, folder):
                os.close(_open(inner, folder, FOLDER, 0o700))  # one that may not be written may not be moved
                moved += 1
                os.rename(inner, f"{prefix}{moved}", src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)
    return moved


def _stat(name: str, folder: int, passing: tuple[type[OSError], ...]) -> os.stat_result | None:
    with suppress(*passing):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _descend(above: int, path: str, *, opens: bool) -> int:
    """A descriptor of a folder below another, found name by name."""
    folder = above
    for name in path.split("/"):
        try:
            inner = _open(name, folder, FOLDER, 0o700 if opens else 0)
        finally:
            _close(folder, above)
        folder = inner
    return folder


def _close(folder: int, above: int) -> None:
    if folder != above:
        os.close(folder)


def _open(name: str, folder: int, flags: int, needed: int) -> int:
    """Open something that its owner may have closed to himself: then it is opened to him first."""
    place = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        mode = os.fstat(place).st_mode
        if not stat.S_ISLNK(mode) and mode & needed != needed:
            Path(f"/proc/self/fd/{place}").chmod(stat.S_IMODE(mode) | needed)  # this very thing, whatever its name is
        return os.open(name, flags, dir_fd=folder)
    finally:
        os.close(place)
