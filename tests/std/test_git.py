"""The git pack on real repositories: what it reads and writes, and that nothing of a repository's is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.tools.workers import Given
from tests.std.staged import Tools, failure

Put = Callable[[dict[str, str]], None]
Git = Callable[..., str]


@pytest.fixture
def tools(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("git")


@pytest.fixture
def with_history(in_repository: Path, put: Put, git: Git) -> Path:
    """A repository with a second commit, a branch and a tag, that knows who commits."""
    git("config", "user.name", "ada")
    git("config", "user.email", "ada@example.org")
    put({"app.py": "one = 1\ntwo = 3\n", 'src/a "b" é.txt': "x\n"})
    git("add", ".")
    git("commit", "-qm", "Two is three\n\nAs it was asked for.")
    git("branch", "old", "HEAD~1")
    git("tag", "v1")
    return in_repository


def output(tools: Tools, name: str, /, **arguments: Any) -> dict[str, Any]:
    """What a call gives that is done."""
    status, answer = tools.call(name, **arguments)
    assert status == "ok", answer
    return answer


def test_the_log_tells_of_commits_by_path_and_by_words(tools: Tools, with_history: Path) -> None:
    """The newest first, as many as are asked for."""
    commits = output(tools, "git_log")["commits"]
    assert [(one["subject"], one["author"]) for one in commits] == [("Two is three", "ada"), ("begin", "ada")]
    assert "tag: v1" in commits[0]["refs"]
    assert [one["subject"] for one in output(tools, "git_log", path="notes.txt")["commits"]] == ["begin"]
    assert [one["subject"] for one in output(tools, "git_log", words="ASKED")["commits"]] == ["Two is three"]
    assert len(output(tools, "git_log", limit=1)["commits"]) == 1


def test_a_commit_is_shown_with_its_message_and_changes(tools: Tools, with_history: Path) -> None:
    """By any name of it, the first commit too; names of files come as they are."""
    shown = output(tools, "git_show", revision="v1")
    assert shown["message"] == "Two is three\n\nAs it was asked for."
    assert shown["files"] == ["app.py", 'src/a "b" é.txt']
    assert ("+two = 3" in shown["text"], shown["truncated"]) == (True, 0)
    assert output(tools, "git_show", revision="old")["files"] == ["app.py", "notes.txt"]
    assert output(tools, "git_show", path="src")["files"] == ['src/a "b" é.txt']


def test_a_file_is_read_as_it_was(tools: Tools, with_history: Path) -> None:
    """Whatever stands in the workspace now."""
    (with_history / "app.py").unlink()
    assert output(tools, "git_read_file", path="app.py", revision="old")["text"] == "one = 1\ntwo = 2\n"
    assert "does not exist in 'HEAD'" in failure(tools, "git_read_file", path="none.py")


def test_blame_names_the_last_change_of_each_line(tools: Tools, with_history: Path) -> None:
    """With the text of the line; bounds the wrong way round are told."""
    lines = output(tools, "git_blame", path="app.py")["lines"]
    assert [(one["line"], one["subject"], one["text"]) for one in lines] == [
        (1, "begin", "one = 1"),
        (2, "Two is three", "two = 3"),
    ]
    assert [one["line"] for one in output(tools, "git_blame", path="app.py", first=2, last=2)["lines"]] == [2]
    assert "no line lies between 3 and 2" in failure(tools, "git_blame", path="app.py", first=3, last=2)


def test_branches_tags_and_remotes_are_listed(tools: Tools, with_history: Path, git: Git) -> None:
    """A remote's user and password are left out."""
    git("remote", "add", "up.stream", "https://ada:secret@example.org/x.git")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    branches = output(tools, "git_branches")
    assert (branches["current"], {one["name"] for one in branches["branches"]}) == ("main", {"main", "old"})
    assert [one["name"] for one in output(tools, "git_branches", remote=True)["branches"]] == ["origin/main"]
    assert [one["name"] for one in output(tools, "git_tags")["tags"]] == ["v1"]
    assert output(tools, "git_remotes")["remotes"] == [
        {"name": "up.stream", "use": "url", "address": "https://example.org/x.git"}
    ]


def test_a_commit_takes_the_named_files_alone(tools: Tools, with_history: Path, put: Put, git: Git) -> None:
    """New and deleted ones too; what else is staged stays so."""
    put({"new.py": "x = 1\n", "staged.py": "y = 1\n"})
    (with_history / "notes.txt").unlink()
    git("add", "staged.py")
    made = output(tools, "git_commit", message="Add new\n\nDrop notes.", paths=["new.py", "notes.txt"])
    assert (made["files"], made["message"], made["author"]) == (
        ["new.py", "notes.txt"],
        "Add new\n\nDrop notes.",
        "ada",
    )
    assert git("status", "--porcelain") == "A  staged.py"


def test_a_commit_of_nothing_is_told(tools: Tools, with_history: Path) -> None:
    """No files, no message, no change, a path outside, a repository's own files."""
    assert "no file is named" in failure(tools, "git_commit", message="x", paths=[])
    assert "the message is empty" in failure(tools, "git_commit", message=" ", paths=["app.py"])
    assert "git commit failed" in failure(tools, "git_commit", message="x", paths=["app.py"])
    assert "leaves the workspace" in failure(tools, "git_commit", message="x", paths=["../other"])


def test_nobody_commits_without_a_name(tools: Tools, in_repository: Path, put: Put, git: Git) -> None:
    """The hint is the command that mends it."""
    git("config", "user.name", "")
    put({"app.py": "three = 3\n"})
    said = failure(tools, "git_commit", message="x", paths=["app.py"])
    assert "user.name is not set" in said
    assert "git config user.name" in said


def test_branches_are_made_and_checked_out(tools: Tools, with_history: Path, put: Put, git: Git) -> None:
    """A name that is taken or unknown is told; changes that would be lost stop a checkout."""
    assert output(tools, "git_create_branch", name="work/a", revision="old")["commit"] == git("rev-parse", "old")
    assert "already exists" in failure(tools, "git_create_branch", name="work/a")
    assert output(tools, "git_checkout", name="work/a")["branch"] == "work/a"
    assert (with_history / "app.py").read_text() == "one = 1\ntwo = 2\n"
    put({"app.py": "mine\n"})
    assert "would be overwritten" in failure(tools, "git_checkout", name="main")
    assert "git rev-parse failed" in failure(tools, "git_checkout", name="none")


def test_no_checkout_changes_what_agents_may_do(
    pack: Callable[..., Tools], with_history: Path, git: Git, put: Put
) -> None:
    """A branch that has other files of the project is checked out by a person."""
    git("switch", "-qc", "lax")
    put({"runner.yaml": "permissions: []\n"})
    git("add", ".")
    git("commit", "-qm", "lax")
    git("switch", "-q", "main")
    tools = pack("git", Given(fixed=[str(with_history / "runner.yaml")]))
    assert "runner.yaml differs in lax" in failure(tools, "git_checkout", name="lax")
    assert git("branch", "--show-current") == "main"
    assert output(tools, "git_checkout", name="old")["branch"] == "old"


@pytest.mark.parametrize("revision", ["--output=x", "-h", "HEAD -- x", "a;b"])
def test_a_revision_is_no_option(tools: Tools, with_history: Path, revision: str) -> None:
    """It is refused before git sees it."""
    for name in ("git_log", "git_show"):
        with pytest.raises(ValueError, match="revision"):
            tools.call(name, revision=revision)


def test_nothing_is_written_above_or_beside_the_workspace(
    pack: Callable[..., Tools], with_history: Path, git: Git, tmp_path: Path
) -> None:
    """A repository whose files are elsewhere, by its settings or by lying above, is only read."""
    outside = tmp_path / "outside"
    outside.mkdir()
    git("config", "core.worktree", str(outside))
    tools = pack("git")
    for name, arguments in (
        ("git_commit", {"message": "x", "paths": ["app.py"]}),
        ("git_checkout", {"name": "old"}),
        ("git_create_branch", {"name": "new"}),
    ):
        assert f"files begin at {outside}" in failure(tools, name, **arguments)
    assert list(outside.iterdir()) == []


def test_a_failure_shows_nothing_of_a_file_that_a_setting_names(
    tools: Tools, with_history: Path, git: Git, tmp_path: Path
) -> None:
    """Git says which line of a file it does not understand."""
    (tmp_path / "secret").write_text("root:CANARY:1\n")
    git("config", "blame.ignoreRevsFile", str(tmp_path / "secret"))
    said = failure(tools, "git_blame", path="app.py")
    assert ("CANARY" in said, "blame.ignoreRevsFile" in said) == (False, True)


def test_a_link_among_gits_own_files_is_not_followed(
    pack: Callable[..., Tools], with_history: Path, tmp_path: Path
) -> None:
    """It could lead to any file; one among the hooks, which are not started, does not matter."""
    (tmp_path / "secret").write_text("root:CANARY:1\n")
    (with_history / ".git/hooks/pre-commit").symlink_to(tmp_path / "secret")
    assert output(pack("git"), "git_log")["commits"]
    (with_history / ".git/objects/info/alternates").symlink_to(tmp_path / "secret")
    for name, tools in (("git_log", pack("git")), ("git_status", pack("qa")), ("git_diff", pack("qa"))):
        said = failure(tools, name)
        assert ("CANARY" in said, "objects/info/alternates" in said) == (False, True), name


def test_a_file_that_a_filter_stores_is_not_committed(tools: Tools, with_history: Path, put: Put, git: Git) -> None:
    """It would be stored as it stands, since the filter is not started."""
    put({".gitattributes": "*.bin filter=lfs\n", "a/big.bin": "data"})
    said = failure(tools, "git_commit", message="x", paths=["a"])
    assert "a/big.bin is stored by the filter lfs" in said
    assert git("log", "--oneline").count("\n") == 1


def test_nothing_that_a_repository_names_is_started(tools: Tools, with_history: Path, put: Put, git: Git) -> None:
    """No hook, monitor, filter, driver, pager, editor, signer or program of the workspace, by any tool."""
    trap = with_history / "trap"
    hooks = ["pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "post-checkout", "reference-transaction"]
    names = ["trap", ".venv/bin/git", *(f"hooks/{name}" for name in hooks)]
    put(dict.fromkeys(names, f"#!/bin/sh\ntouch {with_history.parent}/sprung\ncat\n"))
    for name in names:
        (with_history / name).chmod(0o755)
    put({".git/info/attributes": "*.py diff=c merge=c filter=f\n", "app.py": "one = 7\n", "b.txt": "b\n"})
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external", "diff.c.command"),
        *("diff.c.textconv", "merge.c.driver", "filter.f.clean", "filter.f.smudge", "filter.f.process", "gpg.program"),
    ):
        git("config", name, str(trap))
    for name in ("commit.gpgSign", "log.showSignature", "filter.f.required"):
        git("config", name, "true")
    git("config", "core.hooksPath", str(with_history / "hooks"))
    for name in ("git_log", "git_show", "git_branches", "git_tags", "git_remotes"):
        output(tools, name)
    output(tools, "git_blame", path="app.py")
    output(tools, "git_read_file", path="app.py")
    output(tools, "git_commit", message="b", paths=["b.txt"])
    failure(tools, "git_commit", message="app", paths=["app.py"])
    output(tools, "git_create_branch", name="new")
    (with_history / "app.py").write_text("one = 1\ntwo = 3\n")
    output(tools, "git_checkout", name="old")
    assert (with_history / "app.py").read_text() == "one = 1\ntwo = 2\n"
    assert not (with_history.parent / "sprung").exists()
    git("config", "--remove-section", "filter.f")
    git("config", "filter.f.clean", str(trap))
    put({"app.py": "one = 9\n"})
    git("add", "app.py")  # the traps do work: git by itself springs one
    assert (with_history.parent / "sprung").exists()


def test_without_a_repository_every_tool_fails(tools: Tools, workspace: Path) -> None:
    """Nothing could be looked at."""
    for name in ("git_log", "git_show", "git_branches", "git_tags", "git_remotes"):
        assert "not a git repository" in failure(tools, name)
