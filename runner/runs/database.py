"""One SQLite file: opened with full durability, brought up to date by numbered migrations, errors in one clear line."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from runner.errors import StoreError, StoreTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 30.0
"""Seconds that a statement waits for another process to finish its own transaction."""

Row = tuple[Any, ...]


class Database:
    """Two connections to one file, one that writes and one that reads, each used by one thread at a time."""

    def __init__(self, path: Path, write: sqlite3.Connection, read: sqlite3.Connection) -> None:
        self.path = path
        self._write = write
        self._read = read
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path, *, patience: float = PATIENCE) -> Database:
        """Open or create the file and bring it up to date; raises `StoreError` and `StoreTooNew`."""
        with _in_words(path), _alone(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            write = _connect(path, patience)
            try:
                _migrate(path, write)
                read = _connect(path, patience)
            except BaseException:
                write.close()
                raise
        return cls(path, write, read)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on disk when the block is left; raises `StoreError`."""
        with self._writing, _in_words(self.path):
            self._write.execute("BEGIN IMMEDIATE")
            try:
                yield self._write
                self._write.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a failed commit may have rolled back by itself
                    self._write.execute("ROLLBACK")
                raise
            self._still_there()

    def read(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """All rows of one query, as they are committed now."""
        with self._reading, _in_words(self.path):
            return self._read.execute(sql, parameters).fetchall()

    def check(self) -> list[str]:
        """What SQLite's own integrity check complains of: nothing when all is well."""
        try:
            return [line for (line,) in self.read("PRAGMA integrity_check") if line != "ok"]
        except StoreError as error:  # the check itself may stumble over what it looks for
            return [error.message]

    def close(self) -> None:
        """Close both connections; whatever comes after raises `StoreError`."""
        with self._writing, self._reading:
            self._read.close()
            self._write.close()

    def _still_there(self) -> None:
        # A removed file takes writes for ever, and nobody could read them again.
        try:
            gone = self.path.stat().st_ino != self._inode
        except FileNotFoundError:
            gone = True
        if gone:
            raise StoreError(f"{self.path} was removed or replaced while in use")


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    """A connection without implicit transactions; `Database` lends it to one thread at a time."""
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(path: Path, connection: sqlite3.Connection) -> None:
    """Apply every numbered script that the file has not seen, in one transaction."""
    scripts = sorted(MIGRATIONS.glob("*.sql"))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(scripts):
        raise StoreTooNew(
            f"{path} was written by a newer runner (format {version}, this one knows {len(scripts)})",
            hint="start that newer runner, or set another storage.path in runner.yaml",
        )
    if version == len(scripts):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for script in scripts[version:]:
        for statement in _statements(script.read_text(encoding="utf-8")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(scripts)}")
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit before each script."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from opening the same file meanwhile: a switch to WAL does not wait for its lock."""
    with closing(_Lock(path.with_name(path.name + ".lock"))):
        yield


class _Lock:
    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}", hint=_HINTS["unwritable"]) from error


def _explained(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    code = None if code is None else code & 0xFF  # the low byte is the kind, the rest its detail
    match code:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StoreError(f"{path} is damaged or no database of runner ({error})", hint=_HINTS["damaged"])
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(f"{path} is locked by another process, which does not let go of it")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreError(f"{path} cannot be written ({error})", hint=_HINTS["unwritable"])
        case _:
            return StoreError(f"{path}: {error}")


_HINTS = {
    "damaged": "restore a backup, or move the file away to begin with an empty history",
    "unwritable": "check the folder's owner and permissions, or set storage.path in runner.yaml",
}
