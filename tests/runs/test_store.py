"""The store: opening, journals, keys, and finding runs."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import FenceLost, KeyTaken, StoreError, StoreTooNew, UsageError
from runner.runs.events import AnyEvent, RunQueued, RunStarted
from runner.runs.store import Store, new_run_id

Numbered = Callable[..., list[AnyEvent]]


def test_a_new_folder_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    """Nobody else reads it, and no commit takes it along."""
    Store.open(tmp_path / "deep" / ".runner").close()
    folder = tmp_path / "deep" / ".runner"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "runner.db").stat().st_mode & 0o777 == 0o600


def test_a_folder_with_files_keeps_its_permissions_and_gets_no_gitignore(tmp_path: Path) -> None:
    """A storage path that points to somebody's work must not hide it from git."""
    (tmp_path / "work.txt").touch()
    tmp_path.chmod(0o755)
    Store.open(tmp_path).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert not (tmp_path / ".gitignore").exists()


def test_a_database_of_a_newer_runner_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    Store.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "runner.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    words = r"runner\.db was written by a newer runner \(format 99, this one knows \d+\)"
    with pytest.raises(StoreTooNew, match=words):
        Store.open(tmp_path)


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    """With its path and what to do."""
    (tmp_path / "runner.db").write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match=r"runner\.db is damaged or no database of runner") as caught:
        Store.open(tmp_path)
    assert "\n" not in caught.value.message
    assert "restore a backup" in caught.value.hint


def test_a_folder_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file/store cannot be used as the store: Not a directory"):
        Store.open(tmp_path / "file" / "store")


def test_a_folder_in_the_databases_place_is_one_clear_line(tmp_path: Path) -> None:
    """Also when it is the file itself that cannot be opened."""
    (tmp_path / "runner.db").mkdir()
    with pytest.raises(StoreError, match=r"runner\.db: Is a directory"):
        Store.open(tmp_path)


def _open_and_close(folder: Path) -> None:
    Store.open(folder).close()


def test_many_processes_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    """The first one migrates, the others wait for it."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_and_close, args=(tmp_path / "store",)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_events_are_read_back_as_they_were_written(store: Store, numbered: Numbered, running: list[AnyEvent]) -> None:
    """In order, from any number on, and no more than asked for."""
    events = numbered("r", *running)
    store.append(events)
    assert store.events("r") == events
    assert store.events("r", after=1, limit=2) == events[2:4]
    assert store.events("other") == []


def test_a_number_that_is_taken_loses_the_fence_and_writes_nothing(
    store: Store, numbered: Numbered, queued: RunQueued
) -> None:
    """The error names the run; what came with it is not written either."""
    store.append(numbered("r", queued))
    with pytest.raises(FenceLost, match="another owner has taken over run r"):
        store.append(numbered("r", RunStarted(), RunStarted()))
    assert len(store.events("r")) == 1
    assert store.run("r") is not None


def test_an_event_that_cannot_be_read_is_named(store: Store) -> None:
    """By run and number."""
    connection = sqlite3.connect(store.folder / "runner.db", isolation_level=None)
    connection.execute("INSERT INTO events VALUES ('r', 3, 'run.dreamt', '{\"type\": \"run.dreamt\"}')")
    connection.close()
    with pytest.raises(StoreError, match=r"event 3 of run r cannot be read: Input tag 'run.dreamt'"):
        store.events("r")


def test_an_idempotency_key_begins_one_run(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """The second request learns which run the first one began, and leaves nothing behind."""
    store.append(numbered("first", queued), keys={"first": "k"})
    with pytest.raises(KeyTaken) as caught:
        store.append(numbered("second", queued), keys={"second": "k"})
    assert caught.value.run == "first"
    assert store.run("second") is None
    assert store.run_of_key("k") == "first"
    assert store.run_of_key("other") is None


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """If it is the only one; a whole id wins over a longer one."""
    for run in ("ab", "abc1", "abd2"):
        store.append(numbered(run, queued))
    assert store.find("abd").id == "abd2"
    assert store.find("ABC").id == "abc1"
    assert store.find("ab").id == "ab"
    with pytest.raises(UsageError, match="several runs begin with `a`: abd2, abc1, ab"):
        store.find("a")
    with pytest.raises(UsageError, match="no run's id begins with `x`"):
        store.find("x")
    with pytest.raises(UsageError, match="no run's id begins with ``"):
        store.find("")


def test_ids_are_short_unique_and_in_order_of_time() -> None:
    """Twenty letters and digits that nobody mistakes for one another."""
    ids = [new_run_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(one) for one in ids} == {20}
    assert not set("".join(ids)) & set("ilouABCDEFG")
    assert [one[:8] for one in ids] == sorted(one[:8] for one in ids)


def test_a_store_without_faults_has_nothing_to_complain_of(
    store: Store, numbered: Numbered, running: list[AnyEvent]
) -> None:
    """SQLite's own check."""
    store.append(numbered("r", *running))
    assert store.check() == []


def test_a_closed_store_says_so(store: Store) -> None:
    """Instead of a traceback of SQLite."""
    store.close()
    with pytest.raises(StoreError, match="closed database"):
        store.unfinished()


def test_a_removed_database_takes_no_more_events(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """SQLite would write on into a file that nobody can open again."""
    (store.folder / "runner.db").unlink()
    with pytest.raises(StoreError, match="was removed or replaced while in use"):
        store.append(numbered("r", queued))
