"""The note of commit and changes: fresh whenever HEAD or the files move, wherever the repository lies."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.git import Commit, CommitNote
from runner.git.repository import stamp
from runner.project.sources import Disk

Git = Callable[..., str]


def _files(root: Path) -> dict[str, bytes]:
    disk = Disk(root)
    names = ["runner.yaml", *(name for name in disk.names("agents.d") if name.endswith(".yaml"))]
    return {**{name: disk.read(name) or b"" for name in names}, "std/tools.d/system.yaml": b"shipped"}


def _read(note: CommitNote, files: dict[str, bytes]) -> Commit:
    return asyncio.run(note.read(files))


def test_a_commit_is_seen_without_a_change_of_the_files(repo: Path, git: Git) -> None:
    """What was dirty is clean, and has the new commit."""
    first = git("rev-parse", "HEAD")
    note, files = CommitNote(repo), _files(repo)
    assert _read(note, files) == Commit(first)
    (repo / "agents.d/a.yaml").write_text("prompt: two\n")
    files = _files(repo)
    assert _read(note, files) == Commit(first, dirty=True)
    git("commit", "-qam", "second")
    second = git("rev-parse", "HEAD")
    assert _read(note, files) == Commit(second)
    git("reset", "-q", "--hard", first)
    assert _read(note, files) == Commit(first, dirty=True)
    assert _read(note, _files(repo)) == Commit(first)


def test_untracked_ignored_and_removed_files_are_changes_and_others_are_not(repo: Path, git: Git) -> None:
    """What counts is what the agents are told, not what else lies there."""
    head = git("rev-parse", "HEAD")
    note = CommitNote(repo)
    (repo / "README").write_text("new")
    (repo / "agents.d/notes.txt").write_text("new")
    assert _read(note, _files(repo)) == Commit(head)
    (repo / "agents.d/b.yaml").write_text("prompt: b\n")
    assert _read(note, _files(repo)).dirty
    (repo / ".git/info/exclude").write_text("b.yaml\n")
    assert _read(note, _files(repo)).dirty
    (repo / "agents.d/b.yaml").unlink()
    assert not _read(note, _files(repo)).dirty
    (repo / "agents.d/a.yaml").unlink()
    assert _read(note, _files(repo)).dirty


def test_a_file_behind_a_link_is_compared_by_what_it_says(repo: Path, git: Git) -> None:
    """Git itself would see an unchanged link."""
    (repo / "shared.yaml").write_text("prompt: shared\n")
    (repo / "agents.d/b.yaml").symlink_to("../shared.yaml")
    git("add", ".")
    git("commit", "-qm", "linked")
    note = CommitNote(repo)
    assert not _read(note, _files(repo)).dirty
    (repo / "shared.yaml").write_text("prompt: other\n")
    assert _read(note, _files(repo)).dirty


def test_work_trees_packed_branches_and_folders_of_a_repository_are_followed(
    repo: Path, git: Git, tmp_path: Path
) -> None:
    """Where .git is a file, where the branch is no file, and where the project is not the whole."""
    git("worktree", "add", "-q", "-b", "side", "../tree")
    (tmp_path / "tree/inner/agents.d").mkdir(parents=True)
    (tmp_path / "tree/inner/agents.d/a.yaml").write_text("prompt: inner\n")
    (tmp_path / "tree/inner/runner.yaml").write_text("use: []\n")
    note, files = CommitNote(tmp_path / "tree/inner"), _files(tmp_path / "tree/inner")
    assert _read(note, files) == Commit()
    git("add", ".", in_="tree")
    git("commit", "-qm", "inner", in_="tree")
    inner = git("rev-parse", "side")
    assert _read(note, files) == Commit(inner)
    git("pack-refs", "--all")
    git("config", "core.logAllRefUpdates", "false")
    assert _read(note, files) == Commit(inner)
    git("update-ref", "refs/heads/side", "main")
    assert _read(note, files) == Commit()
    git("worktree", "remove", "--force", "../tree")
    assert _read(note, files) == Commit()


def test_a_repository_that_comes_later_is_found(repo: Path, git: Git) -> None:
    """And one that goes leaves no note."""
    head = git("rev-parse", "HEAD")
    (repo / ".git").rename(repo / "away")
    note, files = CommitNote(repo), _files(repo)
    assert _read(note, files) == Commit()
    (repo / "away").rename(repo / ".git")
    assert _read(note, files) == Commit(head)
    (repo / ".git").rename(repo / "away")
    assert _read(note, files) == Commit()


def test_a_project_that_is_not_committed_yet_is_dirty(repo: Path, git: Git) -> None:
    """The repository is its own, although no commit has any of its files."""
    git("rm", "-rq", "--cached", ".")
    git("commit", "-qm", "nothing")
    assert _read(CommitNote(repo), _files(repo)) == Commit(git("rev-parse", "HEAD"), dirty=True)


def test_a_damaged_repository_is_no_reason_to_fail(repo: Path, git: Git) -> None:
    """The note is a note."""
    note, files = CommitNote(repo), _files(repo)
    (repo / ".git/HEAD").write_text("nonsense")
    assert _read(note, files) == Commit()


@pytest.mark.parametrize("name, begin", [("HEAD", b"ref: "), ("HEAD", b""), ("commondir", b""), ("", b"gitdir: ")])
def test_a_file_of_git_that_a_power_cut_took_is_no_reason_to_fail(repo: Path, name: str, begin: bytes) -> None:
    """It is full of zeros, which no path may hold."""
    if not name:
        shutil.rmtree(repo / ".git")
    (repo / ".git" / name).write_bytes(begin + bytes(20))
    told = _read(CommitNote(repo), _files(repo))
    assert told == Commit() if name != "commondir" else not told.dirty


@pytest.mark.parametrize("name", ["HEAD", "commondir"])
def test_a_pipe_among_the_files_of_git_holds_nobody_up(repo: Path, name: str) -> None:
    """Nothing ever comes out of it; the loop that all runs are driven by reads here."""
    (repo / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(repo / ".git" / name)
    assert stamp(repo / ".git")
