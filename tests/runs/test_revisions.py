"""Revisions: the exact files of every run, and which went live."""

from __future__ import annotations

import json
import sqlite3

import pytest

from runner.errors import StoreError
from runner.runs.store import Store

FILES = {"runner.yaml": b"use: []\n", "tools.d/lib/x.py": b"X = 1\n", "agents.d/same.yaml": b"X = 1\n"}


@pytest.fixture
def saved(store: Store) -> Store:
    """A store that keeps revision r1."""
    store.revisions.save("r1", FILES, "c1", dirty=True)
    return store


def test_the_files_of_a_revision_can_be_had_back(saved: Store) -> None:
    """Byte for byte; of others there is nothing."""
    assert saved.revisions.files("r1") == FILES
    assert saved.revisions.files("r2") is None


def test_a_revision_may_be_saved_again(saved: Store) -> None:
    """The same files, another commit."""
    saved.revisions.save("r1", FILES, "c2", dirty=False)
    assert saved.revisions.files("r1") == FILES


def test_a_missing_file_is_named(saved: Store) -> None:
    """Saving the revision again mends it."""
    connection = sqlite3.connect(saved.folder / "runner.db", isolation_level=None)
    connection.execute("DELETE FROM contents WHERE content = ?", (FILES["runner.yaml"],))
    connection.close()
    with pytest.raises(StoreError, match=r"revision r1 is no longer whole: runner\.yaml is missing"):
        saved.revisions.files("r1")
    saved.revisions.save("r1", FILES, "c1", dirty=False)
    assert saved.revisions.files("r1") == FILES


def test_a_revision_is_a_folder_for_workers(saved: Store) -> None:
    """Made once, read-only, with nothing else beside it."""
    folder = saved.revisions.folder("r1")
    assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == FILES
    assert (folder / "tools.d/lib/x.py").stat().st_mode & 0o777 == 0o400
    assert saved.revisions.folder("r1") == folder
    assert list(folder.parent.iterdir()) == [folder]


def test_a_damaged_folder_is_made_again(saved: Store) -> None:
    """A power cut may have emptied a file, or somebody removed one."""
    folder = saved.revisions.folder("r1")
    (folder / "runner.yaml").chmod(0o600)
    (folder / "runner.yaml").write_bytes(b"")
    assert (saved.revisions.folder("r1") / "runner.yaml").read_bytes() == FILES["runner.yaml"]
    (folder / "runner.yaml").unlink()
    assert (saved.revisions.folder("r1") / "runner.yaml").read_bytes() == FILES["runner.yaml"]


def test_an_unknown_revision_has_no_folder(saved: Store) -> None:
    """Nor does a name that is no digest."""
    for name in ("r2", "..", "../r1"):
        with pytest.raises(StoreError, match=f"revision {name} is not kept here"):
            saved.revisions.folder(name)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside"])
def test_a_file_outside_its_revision_is_refused(store: Store, name: str) -> None:
    """A manifest that came from elsewhere writes nothing into the system."""
    store.revisions.save("r1", {name: b""}, "", dirty=False)
    with pytest.raises(StoreError, match="which leaves its folder"):
        store.revisions.folder("r1")
    assert list((store.folder / "revisions").iterdir()) == []


def test_the_last_good_revision_is_the_one_marked_last(saved: Store) -> None:
    """Also when an older one comes back."""
    saved.revisions.save("r2", {}, "c2", dirty=False)
    assert saved.revisions.last_good() is None
    for digest in ("r1", "r2", "r1"):
        saved.revisions.mark_good(digest)
        assert saved.revisions.last_good() == digest


def test_reloads_are_remembered_newest_first(store: Store) -> None:
    """With what was wrong."""
    store.revisions.record_reload(ok=True, revision="r1", problems_json="[]", trigger="start")
    store.revisions.record_reload(ok=False, revision="r2", problems_json='["bad"]', trigger="watcher")
    newest, oldest = store.revisions.reloads()
    assert (newest.ok, newest.revision, json.loads(newest.problems), newest.trigger) == (
        False,
        "r2",
        ["bad"],
        "watcher",
    )
    assert (oldest.ok, oldest.revision) == (True, "r1")
    assert newest.time >= oldest.time
    assert store.revisions.reloads(limit=1) == [newest]
