"""Where bytes come from: a folder with all that can be wrong in it, what ships, and a revision that was kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runner.errors import Unreadable
from runner.project.load import load
from runner.project.sources import Disk, Stored, is_project

AGENT = "description: Helps.\nprompt: Help.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one agent."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d/helper.yaml").write_text(AGENT)
    (tmp_path / "runner.yaml").write_text("models: {default: {provider: ollama, model: any}}\n")
    return tmp_path


def problems(root: Path) -> list[str]:
    """What a load says, a line each."""
    return [f"{one.file}:{one.line}:{one.column} {one.what}" for one in load(Disk(root), root).problems]


def test_a_folder_gives_its_files_by_name(root: Path) -> None:
    """Names are from the root, sorted; what is not there is None or nothing."""
    (root / "agents.d/other.yaml").write_text(AGENT)
    assert Disk(root).names("agents.d") == ["agents.d/helper.yaml", "agents.d/other.yaml"]
    assert Disk(root).read("agents.d/helper.yaml") == AGENT.encode()
    assert Disk(root).read("agents.d/gone.yaml") is None
    assert Disk(root).names("workflows") == []


def test_what_ships_stands_below_std(root: Path) -> None:
    """The shipped packs are read by names that no project has."""
    assert "std/tools.d/files.yaml" in Disk(root).names("std/tools.d")
    assert (Disk(root).read("std/tools.d/files.yaml") or b"").startswith(b"description:")


def test_a_kept_revision_gives_what_it_read() -> None:
    """Files of deeper folders are not in a folder's list."""
    stored = Stored({"agents.d/a.yaml": b"a", "agents.d/prompts/p.yaml": b"p"})
    assert stored.names("agents.d") == ["agents.d/a.yaml"]
    assert stored.read("agents.d/prompts/p.yaml") == b"p"
    assert stored.read("runner.yaml") is None


@pytest.mark.parametrize("name", ["runner.yaml", "agents.d", "tools.d", "workflows"])
def test_a_folder_with_one_of_the_four_is_a_project(tmp_path: Path, name: str) -> None:
    """One is enough, none is not."""
    assert not is_project(tmp_path)
    (tmp_path / name).mkdir()
    assert is_project(tmp_path)


@pytest.mark.parametrize(
    "name", [".helper.yaml.swp", "helper.yaml~", "#helper.yaml#", ".#helper.yaml", "README.md", "4913"]
)
def test_what_editors_and_people_leave_is_passed_over(root: Path, name: str) -> None:
    """Temporary files and notes are no configuration and no part of the revision."""
    (root / "agents.d" / name).write_text("not: [yaml\n")
    loaded = load(Disk(root), root)
    assert loaded.problems == ()
    assert set(loaded.files) == {"runner.yaml", "agents.d/helper.yaml"}


def test_a_link_that_leads_nowhere_is_told(root: Path) -> None:
    """The name it leads to is in the message."""
    (root / "agents.d/gone.yaml").symlink_to("nowhere.yaml")
    assert problems(root) == ["agents.d/gone.yaml:1:1 it is a link to nowhere.yaml, which is not there"]


def test_links_in_a_circle_are_told(root: Path) -> None:
    """The rest of the folder is still read."""
    (root / "agents.d/loop.yaml").symlink_to("loop.yaml")
    (root / "agents.d/bad.yaml").write_text("description: Helps.\n")
    assert problems(root) == [
        "agents.d/bad.yaml:1:1 the key `prompt` is missing",
        "agents.d/loop.yaml:1:1 it cannot be read: Too many levels of symbolic links",
    ]


def test_a_link_to_a_file_is_that_file(root: Path) -> None:
    """Folders of links, as other tools make them, are read."""
    (root / "shared.yaml").write_text(AGENT)
    (root / "agents.d/shared.yaml").symlink_to("../shared.yaml")
    project = load(Disk(root), root).project
    assert project is not None
    assert set(project.agents) == {"helper", "shared"}


def test_a_folder_that_is_called_like_a_file_is_told(root: Path) -> None:
    """It is not silently left out."""
    (root / "agents.d/other.yaml").mkdir()
    assert problems(root) == ["agents.d/other.yaml:1:1 it is a folder, not a file"]


def test_a_pipe_is_no_file(root: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(root / "agents.d/pipe.yaml")
    assert problems(root) == ["agents.d/pipe.yaml:1:1 it is no regular file"]


def test_a_file_that_is_too_large_is_told_and_not_read(root: Path) -> None:
    """A hundred gigabytes that take no room on the disk would be too much for the memory."""
    with (root / "agents.d/large.yaml").open("wb") as file:
        file.truncate(100_000_000_000)
    with pytest.raises(Unreadable, match=r"^it has 100,000,000,000 bytes; at most 10,000,000 are read$"):
        Disk(root).read("agents.d/large.yaml")


def test_a_file_that_anyone_may_write_is_refused(root: Path) -> None:
    """What every user may write says nothing about what agents may do."""
    (root / "agents.d/helper.yaml").chmod(0o666)
    (problem,) = load(Disk(root), root).problems
    assert (problem.code, problem.file) == ("unreadable", "agents.d/helper.yaml")
    assert problem.hint == f"chmod o-w {root}/agents.d/helper.yaml"


def test_a_folder_that_is_a_file_is_told(root: Path) -> None:
    """A project whose tools.d is a file has lost its tools."""
    (root / "tools.d").write_text("")
    assert problems(root) == ["tools.d:1:1 it is a file, not a folder"]


def test_a_folder_that_is_a_link_to_nowhere_is_told(root: Path) -> None:
    """A project whose tools went away with their disk does not go on without them."""
    (root / "tools.d").symlink_to("/nowhere/tools.d")
    assert problems(root) == ["tools.d:1:1 it is a link to /nowhere/tools.d, which is not there"]


def test_what_cannot_be_read_says_why(root: Path) -> None:
    """A name that is too long for the system is an error of the system."""
    with pytest.raises(Unreadable, match=r"^it cannot be read: File name too long$"):
        Disk(root).read("a" * 300)


@pytest.mark.parametrize("folder", ["agents.d", "."])
def test_a_folder_that_every_user_may_write_holds_no_configuration(root: Path, folder: str) -> None:
    """Whoever may write there puts a file of his own in place of the owner's."""
    (root / folder).chmod(0o777)
    (found,) = [line for line in problems(root) if "every user of this machine" in line]
    assert found.endswith(f"may write into {(root / folder).resolve()}")
    (root / folder).chmod(0o755)
    assert problems(root) == []
