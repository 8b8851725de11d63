"""`runner check` after an upgrade of runner."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.project.load import load, revision
from runner.project.sources import Disk
from runner.runs.store import FILE, Store

Cli = Callable[..., Any]
FILES = "std/tools.d/files.yaml"


@pytest.fixture
def upgraded(starter: Path) -> Path:
    """A project that went live when std/files had other limits and a tool more."""
    project = load(Disk(starter), starter).project
    assert project
    text = project.files[FILES].decode()
    older = text.replace("timeout: quick", "timeout: deep").replace("  read_file:\n", "  read_text:\n")
    files = {**project.files, FILES: older.encode()}
    digest = revision(files, "0.0.1")
    with closing(Store.open(starter / ".runner")) as store:
        store.revisions.save(digest, files, "", dirty=False)
        store.revisions.mark_good(digest)
        store.revisions.record_reload(ok=True, revision=digest, problems_json="[]", trigger="start")
    return starter


def test_what_a_new_runner_changed_is_told_and_is_no_error(cli: Cli, upgraded: Path) -> None:
    """Below the summary, on stderr."""
    answer = cli("-C", upgraded, "check")
    assert answer.code == 0
    assert answer.err.splitlines() == [
        "since this project ran last, with another runner:",
        "  pack std/files changed",
        "    defaults.timeout: deep → quick",
        "    tools.read_text is gone",
        "    tools.read_file is new",
    ]


def test_the_same_as_json(cli: Cli, upgraded: Path) -> None:
    """Each thing with its changes."""
    report = json.loads(cli("-C", upgraded, "--json", "check").out)
    assert report["ok"] is True
    assert [(one["item"], one["file"], len(one["changes"])) for one in report["upgrades"]] == [
        ("pack std/files", FILES, 3)
    ]


def test_without_a_store_nothing_is_told_and_none_is_made(cli: Cli, starter: Path) -> None:
    """A check starts nothing."""
    answer = cli("-C", starter, "check")
    assert (answer.code, answer.err) == (0, "")
    assert not (starter / ".runner" / FILE).exists()
