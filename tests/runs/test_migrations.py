"""Stores that an earlier runner wrote are brought up to date when they are opened, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from runner.runs.database import MIGRATIONS
from runner.runs.inbox import Answer, Answered
from runner.runs.store import FILE, Store

FORMER = """
INSERT INTO runs (id, kind, name, revision, "commit", dirty, workspace, "by", queued_at, status)
VALUES ('r', 'agent', 'hello', 'abc', 'c0ffee', 1, '/w', 'ada', 7.0, 'ended');
INSERT INTO commands (kind, run, payload, approval, result) VALUES
    ('cancel', 'r', '{}', NULL, NULL),
    ('decide', 'r', '{}', 'a1', 'approved'),
    ('decide', 'r', '{}', NULL, 'too late: already approved by ada'),
    ('cancel', 'r', '{}', NULL, 'refused: the run has ended');
INSERT INTO revisions (digest, manifest, "commit", dirty, good) VALUES ('abc', '{}', 'c0ffee', 1, 1);
INSERT INTO reloads (time, ok, revision, problems, cause) VALUES (7.0, 1, 'abc', '[]', 'start');
"""


@pytest.fixture
def written_by(tmp_path: Path) -> Callable[[int], Path]:
    """A store as a runner wrote it that knew so many of the scripts."""

    def write(version: int) -> Path:
        with closing(sqlite3.connect(tmp_path / FILE)) as connection:
            for script in sorted(MIGRATIONS.glob("*.sql"))[:version]:
                connection.executescript(script.read_text())
            connection.executescript(FORMER)
            connection.execute(f"PRAGMA user_version = {version}")
        return tmp_path

    return write


@pytest.mark.parametrize("version", [1, 2])
def test_an_earlier_store_keeps_its_runs_and_its_answers(written_by: Callable[[int], Path], version: int) -> None:
    """What stood only in the words of an answer stands in its status."""
    store = Store.open(written_by(version))
    try:
        (row,) = store.runs()
        assert (row.id, row.revision, row.dirty, row.rerun_of, row.queued_at) == ("r", "abc", True, "", 7.0)
        assert [store.inbox.answer_of(number) for number in (1, 2, 3, 4)] == [
            None,
            Answer(Answered.DONE, "approved"),
            Answer(Answered.LATE, "too late: already approved by ada"),
            Answer(Answered.REFUSED, "refused: the run has ended"),
        ]
        assert [command.id for command in store.inbox.pending()] == [1]
        assert (store.revisions.last_good(), store.revisions.reloads()[0].why) == ("abc", "")
    finally:
        store.close()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_reloads_of_an_earlier_store_differed_from_no_commit(written_by: Callable[[int], Path], version: int) -> None:
    """Nobody noted it then, so nothing is claimed."""
    store = Store.open(written_by(version))
    try:
        assert [(row.revision, row.dirty) for row in store.revisions.reloads()] == [("abc", False)]
    finally:
        store.close()
