"""Content-addressed files: what is too large for a journal is kept once, under the sha256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from runner.errors import StoreError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class Blobs:
    """A folder of files named by what they hold (`ab/cdef…`); one is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep these bytes, on disk when this returns; the answer is their digest."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.exists(digest):
            self._keep([content])
        return digest

    def put_file(self, path: Path) -> str:
        """Keep what a file holds, without ever having all of it in memory."""
        with path.open("rb") as source:
            return self._keep(iter(lambda: source.read(_CHUNK), b""))

    def get(self, digest: str) -> bytes:
        """The bytes of a digest; raises `StoreError` when they are missing or damaged."""
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"blob {digest} is missing from {self.folder}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreError(f"blob {digest} in {self.folder} is damaged: its bytes no longer fit its name")
        return content

    def path(self, digest: str) -> Path:
        """Where the bytes of a digest are, or would be."""
        if not _DIGEST.fullmatch(digest):
            raise StoreError(f"{digest!r} is no digest of a blob")
        return self.folder / digest[:2] / digest[2:]

    def exists(self, digest: str) -> bool:
        """Whether the bytes of a digest are here."""
        return self.path(digest).is_file()

    def _keep(self, chunks: Iterable[bytes]) -> str:
        try:
            return self._written(chunks)
        except OSError as error:
            raise StoreError(f"{self.folder}: a blob cannot be written: {error.strerror or error}") from error

    def _written(self, chunks: Iterable[bytes]) -> str:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                digest = _copy(chunks, file)
            target = self.path(digest)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (target.parent, self.folder):
            _sync_folder(folder)
        return digest


def _sync_folder(folder: Path) -> None:
    """Bring to disk which names a folder holds: a renamed file is safe only then."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(chunks: Iterable[bytes], file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()
