"""Prints of files: which belong to a project, and that none changes unseen."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runner.reload.prints import directories, git_is_busy, is_part, prints

NAMED = frozenset({"demo/replies.yaml"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a file in each place that is followed, and some beside them."""
    for name in ("runner.yaml", ".env", "agents.d/a.yaml", "tools.d/t.py", "workflows/w.yaml", "demo/replies.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    for name in ("notes.txt", "agents.d/.a.yaml.swp", "demo/other.yaml"):
        (tmp_path / name).write_text("one")
    return tmp_path


def names(root: Path, found: dict[str, object]) -> set[str]:
    """The paths, from the root."""
    return {str(Path(path).relative_to(root)) for path in found}


def test_the_files_of_a_project_have_prints_and_others_have_none(root: Path) -> None:
    """runner.yaml, .env, YAML and Python in the three folders, and what files name."""
    assert names(root, dict(prints(root, NAMED))) == {
        "runner.yaml",
        ".env",
        "agents.d/a.yaml",
        "tools.d/t.py",
        "workflows/w.yaml",
        "demo/replies.yaml",
    }


def test_no_way_to_write_a_file_leaves_its_print_as_it_was(root: Path) -> None:
    """In place with size and time kept, by renaming another over it, by deleting it."""
    path = root / "agents.d/a.yaml"
    seen = [prints(root, NAMED)]
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text("two")
    os.utime(path, ns=times)
    seen.append(prints(root, NAMED))
    (root / "fresh").write_text("two")
    (root / "fresh").replace(path)
    seen.append(prints(root, NAMED))
    path.unlink()
    seen.append(prints(root, NAMED))
    assert all(one != other for index, one in enumerate(seen) for other in seen[index + 1 :])


def test_watched_are_the_root_the_folders_below_it_and_those_of_named_files(root: Path) -> None:
    """Also folders in the three folders; a folder made again is another one."""
    (root / "agents.d/prompts").mkdir()
    before = directories(root, NAMED)
    assert names(root, dict(before)) == {".", "agents.d", "agents.d/prompts", "tools.d", "workflows", "demo"}
    (root / "agents.d/prompts").rename(root / "former")
    (root / "agents.d/prompts").mkdir()
    assert directories(root, NAMED) != before


@pytest.mark.parametrize(
    "path, concerns",
    [
        ("runner.yaml", True),
        (".env", True),
        ("agents.d", True),
        ("agents.d/new.yaml", True),
        ("agents.d/prompts", True),
        ("tools.d/t.py", True),
        ("demo", True),
        ("demo/replies.yaml", True),
        ("demo/other.yaml", False),
        ("agents.d/.a.yaml.swp", False),
        ("notes.txt", False),
        (".runner", False),
    ],
)
def test_only_changes_of_the_project_concern_it(root: Path, path: str, *, concerns: bool) -> None:
    """A log written beside the files costs nothing."""
    assert is_part(root, NAMED, str(root / path)) is concerns


def test_git_is_busy_while_it_holds_its_index(root: Path) -> None:
    """Also seen from a folder inside the repository, and in a work tree whose repository is elsewhere."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(root)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(root / "tree")], check=True)
    assert not git_is_busy(root / "agents.d")
    assert not git_is_busy(root / "tree")
    (root / ".git/index.lock").touch()
    (root / ".git/worktrees/tree/index.lock").touch()
    assert git_is_busy(root / "agents.d")
    assert git_is_busy(root / "tree")


def test_without_git_nothing_is_waited_for(root: Path) -> None:
    """A folder need not be in a repository."""
    assert not git_is_busy(root)
