"""One SQLite file under two connections."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.errors import StoreError
from runner.runs.database import Database


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Database]:
    """A database that waits for nobody."""
    database = Database.open(tmp_path / "runner.db", patience=0.01)
    yield database
    database.close()


def test_every_commit_reaches_the_disk(impatient: Database) -> None:
    """Write-ahead log, and a sync with each commit."""
    with impatient.transaction() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert impatient.read("PRAGMA journal_mode") == [("wal",)]


def test_a_fault_in_a_transaction_leaves_nothing_of_it(impatient: Database) -> None:
    """And the next one begins afresh."""
    with pytest.raises(StoreError, match="no such table: nowhere"), impatient.transaction() as connection:  # noqa: PT012 - the first belongs to the show
        connection.execute("INSERT INTO keys VALUES ('k', 'r')")
        connection.execute("INSERT INTO nowhere VALUES (1)")
    assert impatient.read("SELECT * FROM keys") == []
    with impatient.transaction() as connection:
        connection.execute("INSERT INTO keys VALUES ('k', 's')")
    assert impatient.read("SELECT * FROM keys") == [("k", "s")]


def test_a_lock_that_is_never_let_go_names_the_file(impatient: Database) -> None:
    """Another process sits on the database."""
    other = sqlite3.connect(impatient.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"runner\.db is locked by another process"), impatient.transaction():
        pass
    other.close()
    with impatient.transaction() as connection:
        assert connection.in_transaction


def test_readers_do_not_wait_for_a_writer(impatient: Database) -> None:
    """They see what was committed before."""
    with impatient.transaction() as connection:
        connection.execute("INSERT INTO keys VALUES ('k', 'r')")
        assert impatient.read("SELECT * FROM keys") == []


def test_a_damaged_page_is_reported(tmp_path: Path) -> None:
    """The file opens, but its check finds the fault."""
    path = tmp_path / "runner.db"
    database = Database.open(path)
    with database.transaction() as connection:
        connection.executemany("INSERT INTO keys VALUES (?, ?)", [(f"key-{n:06}", "r") for n in range(5000)])
    database.close()
    content = bytearray(path.read_bytes())
    content[-8192:-4096] = b"\x55" * 4096
    path.write_bytes(content)
    database = Database.open(path)
    try:
        assert database.check()
    finally:
        database.close()
