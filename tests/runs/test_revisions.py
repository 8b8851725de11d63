"""Revisions: the exact files of every run, and which went live."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from runner.errors import StoreError
from runner.runs.events import AnyEvent, RunQueued
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


def test_a_revision_has_the_commit_that_was_noted_last(saved: Store) -> None:
    """A note changes nothing else; of others there is none."""
    assert saved.revisions.commit("r1") == ("c1", True)
    saved.revisions.note("r1", "c2", dirty=False)
    assert saved.revisions.commit("r1") == ("c2", False)
    assert saved.revisions.files("r1") == FILES
    assert saved.revisions.commit("r2") == ("", False)


def test_revisions_are_found_by_the_beginning_of_their_digests(saved: Store) -> None:
    """The one that went live last comes first; nothing in the beginning is a pattern."""
    saved.revisions.save("r12", FILES, "", dirty=False)
    saved.revisions.save("r13", FILES, "", dirty=False)
    saved.revisions.mark_good("r13")
    assert saved.revisions.beginning("r1") == ["r13", "r1", "r12"]
    assert saved.revisions.beginning("r1", limit=1) == ["r13"]
    assert saved.revisions.beginning("r12") == ["r12"]
    assert saved.revisions.beginning("r%") == []


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


def test_revisions_that_nobody_needs_are_forgotten_with_their_files_and_folders(
    store: Store, queued: RunQueued, numbered: Callable[..., list[AnyEvent]]
) -> None:
    """Kept are the newest, those of runs, those in use, and those that never went live: a run may be about to begin."""
    for number in range(1, 11):
        store.revisions.save(f"r{number}", {"same": b"same", "own": b"%d" % number}, "", dirty=False)
        store.revisions.mark_good(f"r{number}")
        store.revisions.folder(f"r{number}")
    store.revisions.save("never", {"own": b"never"}, "", dirty=False)
    store.append(numbered("run", queued.model_copy(update={"revision": "r2"})))
    assert store.revisions.prune({"r3"}, kept=6) == []
    assert store.revisions.prune({"r3"}, kept=2) == ["r1", "r4", "r5", "r6", "r7", "r8"]
    left = ["r2", "r3", "r9", "r10", "never"]
    assert [digest for digest in left if store.revisions.files(digest) is None] == []
    assert store.revisions.files("r4") is None
    assert not store.revisions.place("r4").exists()
    assert store.revisions.place("r2").exists()
    with closing(sqlite3.connect(store.folder / "runner.db")) as connection:
        assert connection.execute("SELECT count(*) FROM contents").fetchone() == (len(left) + 1,)
    assert store.revisions.last_good() == "r10"


def test_the_history_of_reloads_is_newest_first_and_as_it_was_told(store: Store) -> None:
    """Also why files were refused that have no problem of their own."""
    store.revisions.record_reload(
        ok=True, revision="r1", problems_json="[]", trigger="start", commit="c0ffee", dirty=True
    )
    store.revisions.record_reload(ok=False, revision="r1", problems_json="[]", trigger="change", why="they never rest")
    newest, first = (row.report() for row in store.revisions.reloads())
    assert (newest["ok"], newest["why"], newest["trigger"], newest["problems"]) == (
        False,
        "they never rest",
        "change",
        [],
    )
    assert (first["ok"], first["commit"], first["dirty"]) == (True, "c0ffee", True)
    assert newest["dirty"] is False
