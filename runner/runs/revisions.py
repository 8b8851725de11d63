"""The exact files of every revision that was opened, which of them went live, and the history of reloads."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from runner.errors import StoreError
from runner.runs.database import Database

KEPT = 50
"""Revisions that went live last and stay although no run refers to them."""
RELOADS = 1000
"""Lines of the history of reloads."""
_DIGEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class ReloadRow:
    """One reload: whether it went live, what it found wrong (JSON), what set it off, and why it was refused."""

    time: float
    ok: bool
    revision: str
    problems: str
    trigger: str
    why: str = ""
    commit: str = ""
    dirty: bool = False
    """Whether the files differed from the commit."""

    def report(self) -> dict[str, Any]:
        """The same as plain data, the problems as they were found."""
        row = asdict(self)
        return {"at": row.pop("time"), **row, "problems": json.loads(self.problems)}


class Revisions:
    """Files kept by content; the digest of a revision is given by whoever read them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._making = threading.Lock()

    def save(self, digest: str, files: Mapping[str, bytes], commit: str, *, dirty: bool) -> None:
        """Keep a revision's files; one that is known only has its commit and dirty flag refreshed."""
        manifest = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
        contents = [(manifest[name], content) for name, content in files.items()]
        with self._database.transaction() as connection:
            connection.executemany(_SAVE_CONTENT, contents)
            connection.execute(_SAVE, (digest, json.dumps(manifest), commit, dirty))

    def beginning(self, prefix: str, limit: int = 6) -> list[str]:
        """The revisions whose digests begin so, those that went live last first."""
        sql = "SELECT digest FROM revisions WHERE substr(digest, 1, length(?)) = ? ORDER BY good DESC, digest LIMIT ?"
        return [digest for (digest,) in self._database.read(sql, (prefix, prefix, limit))]

    def commit(self, digest: str) -> tuple[str, bool]:
        """The commit that a revision's files were of when they were read last, and whether they differed from it."""
        rows = self._database.read('SELECT "commit", dirty FROM revisions WHERE digest = ?', (digest,))
        return next(((commit, bool(dirty)) for commit, dirty in rows), ("", False))

    def note(self, digest: str, commit: str, *, dirty: bool) -> None:
        """Note anew which commit a revision's files are of."""
        with self._database.transaction() as connection:
            connection.execute(_NOTE, (commit, dirty, digest))

    def files(self, digest: str) -> dict[str, bytes] | None:
        """The files of a revision, None if it was never saved; raises `StoreError` naming a file that is missing."""
        if not self._database.read("SELECT 1 FROM revisions WHERE digest = ?", (digest,)):
            return None
        files: dict[str, bytes] = {}
        for name, content in self._database.read(_FILES, (digest,)):
            if content is None:
                raise StoreError(f"revision {digest} is no longer whole: {name} is missing")
            files[name] = content
        return files

    def folder(self, digest: str) -> Path:
        """A read-only folder with the files of a revision, made once; raises `StoreError` if it is not known."""
        files = self.files(digest) if _DIGEST.fullmatch(digest) else None
        if files is None:
            raise StoreError(f"revision {digest} is not kept here")
        target = self.place(digest)
        try:
            with self._making:  # two workers may start at the same time
                if not _holds(target, files):
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    _materialise(files, target)
        except OSError as error:
            raise StoreError(f"{target} cannot be written: {error.strerror or error}") from error
        return target

    def place(self, digest: str) -> Path:
        """Where `folder` makes the folder of a revision."""
        return self._folder / digest

    def mark_good(self, digest: str) -> None:
        """Note that a saved revision has gone live."""
        with self._database.transaction() as connection:
            connection.execute(_MARK_GOOD, (digest,))

    def last_good(self) -> str | None:
        """The revision that went live last."""
        sql = "SELECT digest FROM revisions WHERE good IS NOT NULL ORDER BY good DESC LIMIT 1"
        return next((digest for (digest,) in self._database.read(sql)), None)

    def prune(self, in_use: Collection[str], kept: int = KEPT) -> list[str]:
        """Forget what went live, was followed by `kept` others, and no run refers to; the digests that are gone.

        Nothing happens before as many can go: to find the contents that nobody needs costs a look at all revisions.
        """
        unused = [digest for (digest,) in self._database.read(_UNUSED, (kept,)) if digest not in in_use]
        if len(unused) < kept:
            return []
        with self._database.transaction() as connection:
            connection.executemany(_FORGET, [(digest,) for digest in unused])
            connection.execute(_FORGET_CONTENTS)
            connection.execute(_FORGET_RELOADS, (RELOADS,))
        for digest in unused:
            shutil.rmtree(self.place(digest), ignore_errors=True)
        return unused

    def record_reload(
        self,
        *,
        ok: bool,
        revision: str,
        problems_json: str,
        trigger: str,
        why: str = "",
        commit: str = "",
        dirty: bool = False,
    ) -> None:
        """Add a line to the history of reloads."""
        with self._database.transaction() as connection:
            connection.execute(_RELOAD, (time.time(), ok, revision, problems_json, trigger, why, commit, dirty))

    def reloads(self, limit: int = 20) -> list[ReloadRow]:
        """The history of reloads, newest first."""
        rows = self._database.read(_RELOADS, (limit,))
        return [
            ReloadRow(at, bool(ok), revision, problems, cause, why, commit, bool(dirty))
            for at, ok, revision, problems, cause, why, commit, dirty in rows
        ]


_SAVE_CONTENT = "INSERT INTO contents (digest, content) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FILES = """
SELECT file.key, contents.content FROM revisions, json_each(revisions.manifest) AS file
LEFT JOIN contents ON contents.digest = file.value WHERE revisions.digest = ?
"""
_SAVE = """
INSERT INTO revisions (digest, manifest, "commit", dirty) VALUES (?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET "commit" = excluded."commit", dirty = excluded.dirty
"""
_NOTE = 'UPDATE revisions SET "commit" = ?, dirty = ? WHERE digest = ?'
_MARK_GOOD = "UPDATE revisions SET good = (SELECT coalesce(max(good), 0) + 1 FROM revisions) WHERE digest = ?"
_UNUSED = """
SELECT digest FROM revisions WHERE good <= (SELECT max(good) FROM revisions) - ?
AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.revision = revisions.digest)
ORDER BY good
"""
_FORGET = """
DELETE FROM revisions WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.revision = revisions.digest)
"""
_FORGET_CONTENTS = """
DELETE FROM contents WHERE digest NOT IN (SELECT file.value FROM revisions, json_each(revisions.manifest) AS file)
"""
_FORGET_RELOADS = "DELETE FROM reloads WHERE id <= (SELECT max(id) FROM reloads) - ?"
_RELOAD = """
INSERT INTO reloads (time, ok, revision, problems, cause, why, "commit", dirty) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_RELOADS = """
SELECT time, ok, revision, problems, cause, why, "commit", dirty FROM reloads ORDER BY id DESC LIMIT ?
"""


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a folder made earlier is still whole: it was never synced, so a power cut may have emptied its files."""
    try:
        return folder.is_dir() and all((folder / name).read_bytes() == content for name, content in files.items())
    except FileNotFoundError:
        return False


def _materialise(files: Mapping[str, bytes], target: Path) -> None:
    """Write the files beside their place and rename the whole folder: readers see all of it or nothing."""
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for name, content in files.items():
            _write(temporary, name, content)
        try:
            temporary.rename(target)
        except OSError:
            if not _holds(target, files):  # else another process was faster, with the same bytes
                shutil.rmtree(target)
                temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(folder: Path, name: str, content: bytes) -> None:
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        raise StoreError(f"a revision holds {name!r}, which leaves its folder")
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o400)
