"""Which commit a name means, and what is said when it means none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import UsageError
from runner.git import resolve

Git = Callable[..., str]


def test_branches_tags_and_all_other_names_are_commits(repo: Path, git: Git) -> None:
    """An annotated tag is its commit."""
    first = git("rev-parse", "HEAD")
    git("tag", "-a", "-m", "one", "v1")
    git("commit", "-q", "--allow-empty", "-m", "second")
    second = git("rev-parse", "HEAD")
    assert [resolve(repo, name) for name in ("HEAD", "main", second, second[:8])] == [second] * 4
    assert [resolve(repo, name) for name in ("v1", "HEAD~1", "main^", "HEAD^{/first}", ":/first")] == [first] * 5


@pytest.mark.parametrize(
    "name, said, hint",
    [
        ("mian", "git knows no commit `mian`", "did you mean main?"),
        ("V1", "git knows no commit `V1`", "did you mean v1?"),
        ("0000000", "git knows no commit `0000000`", "there are: main, v1"),
        ("HEAD~50", "git knows no commit `HEAD~50`", "there are: main, v1"),
        ("HEAD..HEAD", "git knows no commit `HEAD..HEAD`", "name one commit, not a range"),
        ("--all", "git knows no commit `--all`", "there are: main, v1"),
        ("", "git knows no commit ``", "there are: main, v1"),
        ("HEAD:agents.d", "git knows no commit `HEAD:agents.d`", "there are: main, v1"),
        ("v1\0", "'v1\\x00' is no name of a commit", ""),
        ("^v1", "'^v1' is no name of a commit", ""),
    ],
)
def test_what_names_no_commit_is_answered_with_what_does(repo: Path, git: Git, name: str, said: str, hint: str) -> None:
    """The nearest branch or tag, else all of them."""
    git("tag", "v1")
    with pytest.raises(UsageError) as caught:
        resolve(repo, name)
    assert caught.value.message.startswith(said)
    assert caught.value.hint == hint


def test_outside_of_git_and_before_the_first_commit_nothing_has_a_name(tmp_path: Path, git: Git) -> None:
    """Each is told apart."""
    (tmp_path / "repo").mkdir()
    with pytest.raises(UsageError, match="is in no git repository"):
        resolve(tmp_path / "repo", "HEAD")
    git("init", "-q")
    with pytest.raises(UsageError) as caught:
        resolve(tmp_path / "repo", "HEAD")
    assert caught.value.hint == "the repository has no commit yet"


def test_a_shallow_clone_says_that_it_does_not_know_all(repo: Path, git: Git, tmp_path: Path) -> None:
    """What was cut off may be the very commit that is asked for."""
    first = git("rev-parse", "HEAD")
    git("commit", "-q", "--allow-empty", "-m", "second")
    git("clone", "-q", "--depth", "1", f"file://{repo}", "shallow", in_=".")
    with pytest.raises(UsageError) as caught:
        resolve(tmp_path / "shallow", first)
    assert "git fetch --unshallow" in caught.value.hint


def test_git_gets_nothing_of_the_environment_and_starts_nothing(
    repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither another repository that a variable names, nor a program that the repository's settings do."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
    trap.chmod(0o755)
    head = git("rev-parse", "HEAD")
    for key in ("core.fsmonitor", "core.pager", "core.editor"):
        git("config", key, str(trap))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert resolve(repo, "HEAD") == head
    assert not (tmp_path / "sprung").exists()


def test_files_that_look_like_a_repository_are_none(repo: Path, git: Git) -> None:
    """Else who proposes a change could say what `main` was before it: git itself takes such a folder for a bare one."""
    inner, first = repo / "inner", git("rev-parse", "HEAD")
    git("init", "-q", "--bare", "-b", "main", "inner")
    git("fetch", "-q", "..", "main", in_="repo/inner")
    other = git("commit-tree", "-m", "what its author likes", "FETCH_HEAD^{tree}", in_="repo/inner")
    git("update-ref", "refs/heads/main", other, in_="repo/inner")
    assert git("rev-parse", "main", in_="repo/inner") == other
    assert resolve(inner, "main") == first
    with pytest.raises(UsageError, match="git knows no commit"):
        resolve(inner, other)


def test_a_folder_of_git_that_is_damaged_is_never_replaced_by_another_one(repo: Path, git: Git) -> None:
    """Neither by that of a repository around it, nor by files beside it that look like one."""
    first = git("rev-parse", "HEAD")
    (repo / "sub/.git").mkdir(parents=True)
    with pytest.raises(UsageError, match="not a git repository"):
        resolve(repo / "sub", first)
    git("init", "-q", "--bare", "sub")
    git("fetch", "-q", "..", "main", in_="repo/sub")
    with pytest.raises(UsageError, match="git knows no commit"):
        resolve(repo / "sub", "FETCH_HEAD")


def test_a_warning_of_git_is_not_the_reason(repo: Path, git: Git) -> None:
    """What it ended with is."""
    git("update-ref", f"refs/heads/{'0' * 40}", "HEAD")
    with pytest.raises(UsageError) as caught:
        resolve(repo, "0" * 40)
    assert "warning" not in caught.value.message
