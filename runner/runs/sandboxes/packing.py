"""A folder with hostile content as an archive: links are kept as links, holes as holes, and only files are opened."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.runs.sandboxes import trees
from runner.runs.sandboxes.places import WORK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.runs.sandboxes.trees import Entry

LEFT_OUT = "left-out.txt"
"""What an archive says of things that are in none."""
_MOST = 1000
"""Lines of it."""


def pack(top: Path, archive: Path, go_on: Callable[[], None]) -> None:
    """Write the archive of a sandbox, whole and on the disk before it has its name.

    `go_on` is called all along, and raises where it is to be given up.
    """
    part = archive.with_name(f".{archive.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3, format=tarfile.PAX_FORMAT) as tar:
                _Packing(tar, go_on).add(top)
            file.flush()
            os.fsync(file.fileno())
        part.rename(archive)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    sync_folder(archive.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, trees.FOLDER)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Packing:
    """One archive being written."""

    def __init__(self, tar: tarfile.TarFile, go_on: Callable[[], None]) -> None:
        self._tar = tar
        self._go_on = go_on
        self._first: dict[tuple[int, int], str] = {}
        """Where a file with several names was met first."""
        self._left_out: list[str] = []

    def add(self, top: Path) -> None:
        """All of a sandbox's work folder, then what was left out of it."""
        self._put(_about(WORK, (top / WORK).stat(), tarfile.DIRTYPE))
        for entry in trees.walk(top, WORK):
            self._go_on()
            self._add(entry)
        if self._left_out:
            more = [f"and {len(self._left_out) - _MOST} more"] if len(self._left_out) > _MOST else []
            text = "\n".join([*self._left_out[:_MOST], *more, ""]).encode(errors="surrogateescape")
            member = tarfile.TarInfo(LEFT_OUT)
            member.size = len(text)
            self._put(member, io.BytesIO(text))

    def _add(self, entry: Entry) -> None:
        mode = entry.stat.st_mode
        if stat.S_ISDIR(mode) and not entry.is_too_deep:
            self._put(_about(entry.path, entry.stat, tarfile.DIRTYPE))
        elif stat.S_ISLNK(mode):
            member = _about(entry.path, entry.stat, tarfile.SYMTYPE)
            member.linkname = os.readlink(entry.name, dir_fd=entry.folder)
            self._put(member)
        elif stat.S_ISREG(mode):
            self._add_file(entry)
        else:
            why = "a folder too deep to be named" if stat.S_ISDIR(mode) else "neither a file, a folder nor a link"
            self._left_out.append(f"{entry.path[-200:]!r}: {why}")

    def _add_file(self, entry: Entry) -> None:
        known = (entry.stat.st_dev, entry.stat.st_ino)
        if known in self._first:
            member = _about(entry.path, entry.stat, tarfile.LNKTYPE)
            member.linkname = self._first[known]
            self._put(member)
            return
        if entry.stat.st_nlink > 1:
            self._first[known] = entry.path
        member = _about(entry.path, entry.stat, tarfile.REGTYPE)
        member.size = entry.stat.st_size
        with os.fdopen(trees.open_file(entry), "rb", buffering=0) as file:
            head, parts = _laid_out(member, file.fileno(), entry.stat)
            self._put(member, _Data(head, file.fileno(), parts, self._go_on))

    def _put(self, member: tarfile.TarInfo, data: io.RawIOBase | io.BytesIO | None = None) -> None:
        self._tar.addfile(member, data)
        self._tar.members.clear()  # type: ignore[attr-defined]  # it would hold every member in memory, for nobody


def _about(path: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.mtime = kind, stat.S_IMODE(found.st_mode) & 0o777, int(found.st_mtime)
    return member


def _laid_out(member: tarfile.TarInfo, file: int, found: os.stat_result) -> tuple[bytes, list[tuple[int, int]]]:
    """What stands before a file's data, and where its data are: one with holes is stored as tar's sparse format 1.0."""
    if found.st_blocks * 512 >= found.st_size:
        return b"", [(0, found.st_size)]
    parts = _parts(file, found.st_size)
    numbers = [len(parts), *(number for part in parts for number in part)]
    head = "".join(f"{number}\n" for number in numbers).encode()
    head += bytes(-len(head) % tarfile.BLOCKSIZE)
    member.size = len(head) + sum(length for _, length in parts)
    member.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": member.name,
        "GNU.sparse.realsize": str(found.st_size),
    }
    return head, parts


def _parts(file: int, size: int) -> list[tuple[int, int]]:
    """(offset, length) of all that is no hole, and of nothing at the end."""
    found, at = [], 0
    with suppress(OSError):  # behind the last data there are none
        while at < size:
            begin = os.lseek(file, at, os.SEEK_DATA)
            at = os.lseek(file, begin, os.SEEK_HOLE)
            found.append((begin, at - begin))
    return [*found, (size, 0)]


class _Data(io.RawIOBase):
    """The bytes of a member as it is stored."""

    def __init__(self, head: bytes, file: int, parts: list[tuple[int, int]], go_on: Callable[[], None]) -> None:
        self._head = head
        self._file = file
        self._parts = [part for part in reversed(parts) if part[1]]
        self._go_on = go_on

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes, fewer only at the end; tarfile always says how many."""
        self._go_on()
        found = self._head[:count]
        self._head = self._head[count:]
        while len(found) < count and self._parts:
            offset, length = self._parts.pop()
            data = os.pread(self._file, min(length, count - len(found)), offset)
            if not data:
                break
            if len(data) < length:
                self._parts.append((offset + len(data), length - len(data)))
            found += data
        return found
