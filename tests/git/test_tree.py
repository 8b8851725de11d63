"""The files of a commit: names, folders, contents, links."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import Unreadable
from runner.git import GitTree
from runner.project.load import load
from runner.project.sources import Committed, Disk
from runner.spec.layout import LARGEST

Git = Callable[..., str]


def _commit(git: Git) -> str:
    git("add", ".")
    git("commit", "-qm", "next")
    return git("rev-parse", "HEAD")


def test_a_commit_says_what_the_folder_said_then(repo: Path, git: Git) -> None:
    """Names, folders and bytes, whatever the folder is now."""
    (repo / "agents.d/prompts").mkdir()
    for name in ("agents.d/prompts/p.yaml", "agents.d/é ü.txt", "tools.d/deep/er/x.yaml"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_bytes(b"\xff\r\n" + name.encode())
    disk, then = Disk(repo), GitTree(repo, _commit(git))
    folders = (".", "agents.d", "agents.d/prompts", "tools.d", "workflows")
    expected = {folder: (disk.names(folder), disk.folders(folder)) for folder in folders[1:]}
    contents = {name: disk.read(name) for names, _ in expected.values() for name in names}
    (repo / "agents.d/a.yaml").write_text("prompt: later\n")
    (repo / "agents.d/prompts/p.yaml").unlink()
    assert {folder: (then.names(folder), then.folders(folder)) for folder in folders[1:]} == expected
    assert {name: then.read(name) for name in contents} == contents
    assert then.folders(".") == ["agents.d", "tools.d"]
    assert then.read("agents.d/none.yaml") is None


def test_a_project_in_a_folder_of_its_repository_has_the_commits_files(repo: Path, git: Git) -> None:
    """Names are from the project's root, and a link to a neighbour in the repository holds."""
    (repo / "inner/tools.d").mkdir(parents=True)
    (repo / "inner/agents.d").symlink_to("../agents.d")
    (repo / "inner/runner.yaml").symlink_to("../runner.yaml")
    tree = GitTree(repo / "inner", _commit(git))
    assert tree.names("agents.d") == ["agents.d/a.yaml"]
    assert tree.read("agents.d/a.yaml") == b"prompt: one\n"
    assert tree.read("runner.yaml") == tree.read("../runner.yaml") == b"use: []\n"


@pytest.mark.parametrize(
    "target, why",
    [
        ("/etc/hostname", "it leads out of the repository"),
        ("../../outside.yaml", "it leads out of the repository"),
        ("nowhere.yaml", "it is a link to what the commit does not hold"),
        ("link.yaml", "it is a link that leads round in a circle"),
        ("../agents.d", "it is a folder, not a file"),
    ],
)
def test_a_link_that_leaves_the_commit_is_unreadable(repo: Path, git: Git, target: str, why: str) -> None:
    """It is listed, and whoever reads it is told."""
    (repo / "agents.d/link.yaml").symlink_to(target)
    tree = GitTree(repo, _commit(git))
    assert "agents.d/link.yaml" in tree.names("agents.d")
    with pytest.raises(Unreadable, match=f"^{why}$"):
        tree.read("agents.d/link.yaml")


def test_a_file_where_a_folder_should_be_is_unreadable(repo: Path, git: Git) -> None:
    """As on disk."""
    (repo / "workflows").write_text("")
    with pytest.raises(Unreadable, match=r"^it is a file, not a folder$"):
        GitTree(repo, _commit(git)).names("workflows")


def test_a_submodule_is_no_part_of_the_commit(repo: Path, git: Git, tmp_path: Path) -> None:
    """Its files are another repository's."""
    git("clone", "-q", "repo", "other", in_=".")
    git("submodule", "--quiet", "add", "../other", "tools.d")
    tree = GitTree(repo, _commit(git))
    assert (tree.names("tools.d"), tree.folders("."), tree.read("tools.d")) == ([], ["agents.d"], None)


def test_a_lost_content_is_told(repo: Path, git: Git) -> None:
    """A repository that is not whole names what it lacks, and fetches nothing."""
    tree = GitTree(repo, git("rev-parse", "HEAD"))
    blob = git("rev-parse", "HEAD:runner.yaml")
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Unreadable, match="missing in this repository"):
        tree.read("runner.yaml")
    with pytest.raises(Unreadable, match="git cannot read commit"):
        GitTree(repo, "0" * 40).names("agents.d")


def test_a_repository_with_long_digests_is_read_alike(tmp_path: Path, git: Git) -> None:
    """Contents are told apart by whatever digest it uses."""
    (tmp_path / "repo/agents.d").mkdir(parents=True)
    git("init", "-q", "--object-format=sha256")
    (tmp_path / "repo/agents.d/a.yaml").write_text("prompt: one\n")
    tree = GitTree(tmp_path / "repo", _commit(git))
    assert tree.read("agents.d/a.yaml") == b"prompt: one\n"
    assert tree.is_same("agents.d/a.yaml", b"prompt: one\n")
    assert not tree.is_same("agents.d/a.yaml", b"prompt: two\n")


def test_a_clean_commit_loads_to_the_revision_of_the_folder(repo: Path, git: Git) -> None:
    """Shipped files are this runner's own, the same for both."""
    (repo / "runner.yaml").write_text("use: [std/qa]\nmodels: {default: {provider: scripted, replies: replies.yaml}}\n")
    (repo / "agents.d/a.yaml").write_text("description: A.\nprompt: Help.\ntools: [qa/*]\n")
    (repo / "replies.yaml").write_text("- text: Done.\n")
    committed = load(Committed(GitTree(repo, _commit(git))), repo)
    on_disk = load(Disk(repo), repo)
    assert on_disk.project is not None
    assert committed.project is not None
    assert committed.project.revision == on_disk.project.revision
    assert dict(committed.files) == dict(on_disk.files)


def test_folders_that_hold_one_another_without_end_are_never_listed(repo: Path, git: Git) -> None:
    """A hundred thousand million files in a dozen objects: only the folders that are asked for are looked into."""
    tree = git("rev-parse", "HEAD:agents.d")
    for _ in range(11):
        tree = _tree_of(repo, "".join(f"040000 tree {tree}\td{number}\n" for number in range(10)))
    whole = _tree_of(repo, f"{git('ls-tree', 'HEAD')}\n040000 tree {tree}\tmany\n")
    commit = GitTree(repo, git("commit-tree", "-m", "many", whole))
    assert commit.read("agents.d/a.yaml") == b"prompt: one\n"
    assert commit.read(f"many/{'d3/' * 11}a.yaml") == b"prompt: one\n"
    assert commit.folders("many") == [f"d{number}" for number in range(10)]


def test_a_content_that_is_too_large_is_told_and_not_read(repo: Path, git: Git) -> None:
    """It may be a few bytes in the repository; its neighbours are read all the same."""
    with (repo / "agents.d/large.yaml").open("wb") as file:
        file.truncate(LARGEST + 1)
    tree = GitTree(repo, _commit(git))
    assert tree.read("agents.d/a.yaml") == b"prompt: one\n"
    with pytest.raises(Unreadable, match=r"^it has 10,000,001 bytes; at most 10,000,000 are read$"):
        tree.read("agents.d/large.yaml")


def _tree_of(repo: Path, listing: str) -> str:
    (repo / ".git/listing").write_text(listing)
    with (repo / ".git/listing").open() as file:
        return subprocess.run(
            ["git", "mktree"], cwd=repo, stdin=file, check=True, capture_output=True, text=True
        ).stdout.strip()
