"""The history of reloads, as people read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from runner.runs.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli


@pytest.fixture
def reloaded(starter: Path) -> Path:
    """A project whose store knows of three reloads: of a commit, of one with changes, and of none."""
    store = Store.open(starter / ".runner")
    try:
        for commit, dirty in (("c0ffee00" * 5, False), ("c0ffee00" * 5, True), ("", False)):
            store.revisions.record_reload(
                ok=True, revision="abcdef0123", problems_json="[]", trigger="change", commit=commit, dirty=dirty
            )
    finally:
        store.close()
    return starter


def test_a_reload_says_whether_the_files_differed_from_the_commit(cli: Cli, reloaded: Path) -> None:
    """In words for people, as `dirty` for programs; without a commit there is nothing to differ from."""
    lines = cli("-C", reloaded, "reload", "--history").out.splitlines()
    assert [line.partition("revision ")[2] for line in lines] == [
        "abcdef01",
        "abcdef01, commit c0ffee00 with changes",
        "abcdef01, commit c0ffee00",
    ]
    rows = json.loads(cli("-C", reloaded, "--json", "reload", "--history").out)
    assert [row["dirty"] for row in rows] == [False, True, False]
