"""Files are read when they rest: nobody writes them, git is done, and the newest change is old enough."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from runner.reload.prints import Prints, survey
from runner.reload.quiet import CAP, LOOK, QUIET, Look, at_rest, git_lock, is_written, look
from tests.git.repository import git

TICK = 0.02
"""Seconds by which the times of files may lag behind the clock."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that has rested."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d/a.yaml").write_text("one")
    time.sleep(QUIET)
    return tmp_path


@pytest.fixture
def seen(root: Path) -> Prints:
    """The project as it was loaded."""
    return survey(root, ()).prints


def rest(root: Path, seen: Prints) -> tuple[Look, list[str]]:
    """The files at rest, and what was told meanwhile."""
    told: list[str] = []
    found = asyncio.run(at_rest(root, (), seen, told.append))
    return found, told


def test_files_that_are_as_they_were_loaded_need_no_rest(root: Path, seen: Prints) -> None:
    """Being asked for a reload without a change is answered after one look."""
    assert look(root, (), seen).rests(0.0)


def test_the_rest_is_counted_from_the_change_and_not_from_the_first_look(root: Path, seen: Prints) -> None:
    """What was written long ago may be read once two looks agree; what was written just now may not."""
    began = time.time()
    (root / "agents.d/a.yaml").write_text("two")
    assert 0 <= look(root, (), seen).age <= time.time() - began + TICK
    assert not Look(survey(root, ()), age=QUIET - 0.001).rests(QUIET - 0.001)
    assert Look(survey(root, ()), age=QUIET).rests(LOOK)
    assert not Look(survey(root, ()), age=QUIET).rests(0.0)


def test_a_file_that_went_is_a_change_of_the_moment_at_which_it_went(root: Path, seen: Prints) -> None:
    """Also with its folder: an editor puts another in its place a moment later."""
    for gone in (root / "agents.d/a.yaml", root / "agents.d"):
        began = time.time()
        gone.unlink() if gone.is_file() else gone.rmdir()
        assert 0 <= look(root, (), seen).age <= time.time() - began + TICK


def test_a_clock_that_was_set_back_only_makes_the_looks_count(root: Path, seen: Prints) -> None:
    """A change of the future is read when it has looked the same long enough."""
    assert not Look(survey(root, ()), age=-3600.0).rests(QUIET - 0.01)
    assert Look(survey(root, ()), age=-3600.0).rests(QUIET)


def test_a_file_that_is_open_for_writing_is_seen_and_one_that_is_read_is_not(root: Path) -> None:
    """By whatever process, and however it was opened."""
    path = root / "agents.d/a.yaml"
    assert not is_written(str(path))
    for mode in ("a", "r+", "w"):
        with path.open(mode):
            assert is_written(str(path))
        assert not is_written(str(path))
    with path.open():
        assert not is_written(str(path))
    with subprocess.Popen(["sh", "-c", f"exec >>{path}; read x"], stdin=subprocess.PIPE) as other:
        while not is_written(str(path)):
            assert other.poll() is None
    assert not is_written(str(path))
    assert not is_written(str(root / "none.yaml"))


def test_looking_at_files_that_others_write_all_the_time_harms_neither(root: Path) -> None:
    """A lease that a writer breaks sends its holder a signal: the process lives, and the writer goes on."""
    path = root / "agents.d/a.yaml"
    script = "import sys, time\nend = time.time() + 0.5\nwhile time.time() < end: open(sys.argv[1], 'w').close()"
    with subprocess.Popen(["python3", "-c", script, str(path)]) as writer:
        answers = [is_written(str(path))]
        while writer.poll() is None:
            answers.append(is_written(str(path)))
    assert writer.returncode == 0
    assert set(answers) == {True, False}
    assert signal.getsignal(signal.SIGIO) == signal.SIG_DFL


def test_a_writer_that_pauses_longer_than_any_quiet_is_waited_for(root: Path, seen: Prints) -> None:
    """Half a file is not read while somebody has it open."""
    script = f"printf tw > {root}/agents.d/a.yaml; exec >> {root}/agents.d/a.yaml; sleep {QUIET * 4}; printf o"
    with subprocess.Popen(["sh", "-c", script]):
        while survey(root, ()).prints == seen:
            time.sleep(0.001)
        rest(root, seen)
    assert (root / "agents.d/a.yaml").read_text() == "two"


def test_git_holds_its_index_in_a_repository_around_the_files_and_in_a_work_tree(root: Path) -> None:
    """The lock of a work tree is where its repository is."""
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"], ["worktree", "add", "-q", "tree"]):
        git(root, *words)
    assert git_lock(root / "agents.d") is git_lock(root / "tree") is None
    (root / ".git/index.lock").touch()
    (root / ".git/worktrees/tree/index.lock").touch()
    inner, other = git_lock(root / "agents.d"), git_lock(root / "tree")
    assert inner is not None
    assert inner[1] == root / ".git/index.lock"
    assert other is not None
    assert other[1] == root / ".git/worktrees/tree/index.lock"


def test_without_git_nothing_is_waited_for(root: Path) -> None:
    """A folder need not be in a repository, and a file .git that says nothing makes none."""
    (root / ".git").write_text("nonsense")
    assert git_lock(root) is None


def test_a_fresh_lock_is_waited_for_and_it_is_told_why(root: Path, seen: Prints) -> None:
    """Since when it exists, and what to do; once it has gone nothing is left to be said."""
    (root / ".git").mkdir()
    lock = root / ".git/index.lock"
    lock.touch()
    with subprocess.Popen(["sh", "-c", f"sleep 1.3; rm {lock}"]):
        found, told = rest(root, seen)
    (words,) = told
    since = time.strftime("%Y-%m-%d %H:%M")
    assert words.startswith(f"git is busy: {lock} exists since {since[:13]}")
    assert words.endswith("remove it if no git runs")
    assert found.notes == ()


def test_a_lock_that_was_left_behind_holds_nothing_up_and_is_told(root: Path, seen: Prints) -> None:
    """Its age counts, not how long this look has waited: each save goes live as fast as ever."""
    (root / ".git").mkdir()
    lock = root / ".git/index.lock"
    lock.touch()
    os.utime(lock, (time.time() - CAP - 1,) * 2)
    (root / "agents.d/a.yaml").write_text("two")
    found, told = rest(root, seen)
    assert told == []
    assert len(found.notes) == 1
    assert "remove it if no git runs" in found.notes[0]
