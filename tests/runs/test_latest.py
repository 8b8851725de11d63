"""The revision that was used last, read beside whoever writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.runs.events import AnyEvent, RunQueued
from runner.runs.latest import latest_revision
from runner.runs.store import FILE, Store

FILES = {"runner.yaml": b"use: [std/qa]\n", "std/tools.d/qa.yaml": b"a"}


def went_live(store: Store, digest: str) -> None:
    """A revision is kept and adopted."""
    store.revisions.save(digest, FILES, "", dirty=False)
    store.revisions.mark_good(digest)
    store.revisions.record_reload(ok=True, revision=digest, problems_json="[]", trigger="start")


def test_the_revision_that_went_live_last_is_read_with_its_files(store: Store) -> None:
    """While the store is open elsewhere; a refused reload changes nothing."""
    went_live(store, "one")
    went_live(store, "two")
    store.revisions.record_reload(ok=False, revision="one", problems_json="[]", trigger="change")
    assert latest_revision(store.folder / FILE) == ("two", FILES)


def test_a_run_without_a_daemon_counts_too(
    store: Store, numbered: Callable[..., list[AnyEvent]], queued: RunQueued
) -> None:
    """Its revision was never adopted."""
    store.revisions.save(queued.revision, FILES, "", dirty=False)
    store.append(numbered("run", queued))
    assert latest_revision(store.folder / FILE) == (queued.revision, FILES)


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_without_a_store_there_is_none(tmp_path: Path, content: bytes | None) -> None:
    """Nothing is made, nothing is raised."""
    path = tmp_path / FILE
    if content is not None:
        path.write_bytes(content)
    assert latest_revision(path) is None
    assert path.exists() is (content is not None)


def test_a_revision_that_is_no_longer_whole_is_none(store: Store) -> None:
    """Half of its files would look like a change."""
    went_live(store, "one")
    with sqlite3.connect(store.folder / FILE) as connection:
        connection.execute("DELETE FROM contents WHERE content = ?", (b"a",))
    connection.close()
    assert latest_revision(store.folder / FILE) is None
