"""The utilities pack: archives - zip, and tar in its compressed forms - listed, made and unpacked.

An archive is a stranger's word: entries that lead out of the folder, links, devices and what overwrites a file are
refused before anything is written; how many there are, how large they are and how much larger than the archive itself
is bounded while it is unpacked, whatever the archive says of itself.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import time
import zipfile
import zlib
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

from runner.tools.context import Context, ToolFailed
from runner.tools.places import is_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

InfoT = TypeVar("InfoT")
_COUNT = 2_000
"""Entries of an archive."""
_SIZE = 100_000_000
"""Bytes that an archive unpacks to."""
_ONE = 20_000_000
"""Bytes of one file."""
_RATIO = 100
"""How much larger than the archive what comes out of it may be."""
_SMALL = 1_000_000
"""Bytes that may come out of any archive, however small it is."""
_OWN = {".git", ".runner", ".venv"}


class _Entry(NamedTuple):
    name: str
    size: int
    is_folder: bool
    is_plain: bool
    open: Callable[[], IO[bytes]]


def archive_list(context: Context, path: str) -> dict[str, Any]:
    """What is in an archive."""
    with _entries(context, path) as (entries, _):
        rows = [{"name": one.name, "size": one.size, "folder": one.is_folder} for one in entries]
    return {"count": len(rows), "size": sum(row["size"] for row in rows), "entries": rows}


def archive_extract(context: Context, path: str, folder: str) -> dict[str, Any]:
    """Unpack an archive into a folder; nothing is overwritten."""
    with _entries(context, path) as (entries, size):
        most = min(_SIZE, max(_SMALL, size * _RATIO))
        names = [_place(context, folder, one) for one in entries]
        _refuse_large(sum(one.size for one in entries), most)
        left, files = most, []
        for entry, name in zip(entries, names, strict=True):
            if entry.is_folder:
                context.make_directory(name)
                continue
            with entry.open() as file:
                data = file.read(min(_ONE, left) + 1)
            _refuse_large(len(data), min(_ONE, left))
            left -= len(data)
            context.make_directory(Path(name).parent)
            context.write_bytes(name, data)
            files.append(context.relative(name))
    return {"folder": context.relative(folder), "count": len(files), "size": most - left, "files": files[:200]}


def archive_create(context: Context, path: str, sources: list[str]) -> dict[str, Any]:
    """Pack files and folders into a new archive."""
    _refuse_own(context, path)
    if (context.workspace / context.relative(path)).exists():
        raise ToolFailed(f"'{path}' is there already", hint="give it a new name; nothing is overwritten")
    names = sorted({name for source in sources for name in _files(context, source)})
    if not names:
        raise ToolFailed("there is no file to pack", hint="list_directory shows what there is")
    made, left = io.BytesIO(), _SIZE
    with _writer(path, made) as add:
        for name in names:
            data = context.read_bytes(name, min(_ONE, left))
            left -= len(data)
            add(name, data)
    context.make_directory(Path(path).parent)
    context.write_bytes(path, made.getvalue())
    return {"path": context.relative(path), "count": len(names), "size": len(made.getvalue()), "files": names[:200]}


@contextmanager
def _entries(context: Context, path: str) -> Iterator[tuple[list[_Entry], int]]:
    """The entries of an archive, and its own size."""
    with context.open(path) as file:
        size = os.fstat(file.fileno()).st_size
        _refuse_large(size, _SIZE)
        try:
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    yield [_zipped(archive, info) for info in _few(archive.infolist())], size
            else:
                file.seek(0)
                inner = _Bounded(_unpacked(file), min(_SIZE, max(_SMALL, size * _RATIO)) + _SMALL)
                with tarfile.open(fileobj=inner, mode="r:") as packed:  # type: ignore[call-overload]  # reads and seeks
                    yield [_packed(packed, info) for info in _few(packed)], size
        except (
            zipfile.BadZipFile,
            tarfile.TarError,
            lzma.LZMAError,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise ToolFailed(f"'{path}' cannot be read as an archive: {error}", hint="zip and tar are read") from error


class _Bounded:
    """A file that ends in a failure where more comes out of it than may: headers, too, are read in one go."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        """At most what is left."""
        left = self._most - self._file.tell()
        data = self._file.read(left + 1 if size < 0 else min(size, left + 1))
        _refuse_large(len(data), left)
        return data

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Only as far as may be read."""
        if whence == os.SEEK_SET:
            _refuse_large(place, self._most)
        return self._file.seek(place, whence)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """What is inside of gzip, bzip2 or xz; the file itself when it is none of them."""
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]  # it reads as the others do
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if start.startswith(b"\xfd7zXZ\0") else file


def _few(infos: Iterable[InfoT]) -> list[InfoT]:
    found = list(islice(infos, _COUNT + 1))
    if len(found) > _COUNT:
        raise ToolFailed(f"the archive has more than {_COUNT:,} entries")
    return found


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Entry:
    kind = stat.S_IFMT(info.external_attr >> 16)
    # Other methods give out as much as they like at once; what is encrypted cannot be read.
    is_readable = info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} and not info.flag_bits & 1
    is_plain = is_readable and kind in {0, stat.S_IFREG, stat.S_IFDIR}
    return _Entry(info.filename, info.file_size, info.is_dir(), is_plain, lambda: archive.open(info))


def _packed(archive: tarfile.TarFile, info: tarfile.TarInfo) -> _Entry:
    is_plain = info.isdir() or (info.isreg() and not info.issparse())
    return _Entry(info.name, info.size, info.isdir(), is_plain, lambda: archive.extractfile(info) or io.BytesIO())


def _place(context: Context, folder: str, entry: _Entry) -> str:
    """Where an entry goes; refused unless it is a new plain file, or a folder, below the one that is named."""
    parts = PurePosixPath(entry.name.replace("\\", "/")).parts
    if not entry.is_plain:
        raise ToolFailed(f"the entry {entry.name!r} is no plain file: a link, a device, encrypted or packed otherwise")
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in parts[0] or "\0" in entry.name:
        raise ToolFailed(f"the entry {entry.name!r} leads out of the folder")
    name = str(Path(folder, *parts))
    _refuse_own(context, name)
    there = context.workspace / context.relative(name)
    if there.exists() and not (entry.is_folder and there.is_dir()):
        raise ToolFailed(f"'{name}' is there already", hint="name a new folder; nothing is overwritten")
    return name


def _refuse_own(context: Context, path: str) -> None:
    """Refuse what belongs to git, to runner or to the environment that commands come from."""
    own = _OWN & {part.lower() for part in (*context.relative(path).split("/"), *Path(path).parts)}
    environment = os.path.realpath(context.workspace / ".venv")
    if own or context.resolve(path).is_relative_to(environment):
        raise ToolFailed(f"'{path}' belongs to {min(own, default='.venv')}", hint="name another folder")


def _refuse_large(size: int, most: int) -> None:
    if size > most:
        raise ToolFailed(f"it is larger than the {most:,} bytes that may come out of it")


def _files(context: Context, source: str) -> list[str]:
    """The files of a folder, or the one file; links and what belongs to runner are left out."""
    base = Path(context.relative(source))
    if not (context.workspace / base).is_dir():
        context.open(source).close()
        return [str(base)]
    names: list[str] = []
    with context.directory(source) as descriptor:
        for root, folders, files, _ in os.fwalk(".", dir_fd=descriptor):
            folders[:] = sorted(set(folders) - _OWN)
            names += [str(base / root / name) for name in files]
            _few(names)
    places = ((name, context.workspace / name) for name in names)
    return [
        name
        for name, place in places
        if place.is_file() and not place.is_symlink() and not is_inside(place, context.closed)
    ]


@contextmanager
def _writer(path: str, made: IO[bytes]) -> Iterator[Callable[[str, bytes], None]]:
    """What adds a file to a new archive, of the kind that its name says."""
    if path.endswith(".zip"):
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            yield archive.writestr
        return
    modes = {".tar": "w:", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}
    mode = next((mode for end, mode in modes.items() if path.endswith(end)), None)
    if mode is None:
        raise ToolFailed(f"'{path}' names no kind of archive", hint=f"end it with .zip, {', '.join(modes)}")
    with tarfile.open(fileobj=made, mode=mode) as packed:  # type: ignore[call-overload]  # one of the modes above

        def add(name: str, data: bytes) -> None:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o644, int(time.time())
            packed.addfile(info, io.BytesIO(data))

        yield add
