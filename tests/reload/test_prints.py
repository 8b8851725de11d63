"""Prints of files: which belong to a project, and that none changes unseen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.reload.prints import Prints, digests, is_part, survey
from runner.reload.quiet import look

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


def names(root: Path, found: Iterable[str]) -> set[str]:
    """The paths, from the root."""
    return {str(Path(path).relative_to(root)) for path in found}


def prints(root: Path) -> Prints:
    """The prints of the files alone."""
    return survey(root, NAMED).prints


def test_the_files_of_a_project_have_prints_and_others_have_none(root: Path) -> None:
    """runner.yaml, .env, YAML and Python in the three folders, and what files name."""
    assert names(root, prints(root)) == {
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
    seen = [prints(root)]
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text("two")
    os.utime(path, ns=times)
    seen.append(prints(root))
    (root / "fresh").write_text("two")
    (root / "fresh").replace(path)
    seen.append(prints(root))
    path.unlink()
    seen.append(prints(root))
    assert all(one != other for index, one in enumerate(seen) for other in seen[index + 1 :])


def test_watched_are_the_root_the_folders_below_it_and_those_of_named_files(root: Path) -> None:
    """Also folders in the three folders; a folder made again is another one."""
    (root / "agents.d/prompts").mkdir()
    before = survey(root, NAMED).folders
    assert names(root, before) == {".", "agents.d", "agents.d/prompts", "tools.d", "workflows", "demo"}
    (root / "agents.d/prompts").rename(root / "former")
    (root / "agents.d/prompts").mkdir()
    assert survey(root, NAMED).folders != before


@pytest.mark.parametrize(
    "path, concerns",
    [
        ("runner.yaml", True),
        (".env", True),
        (".", True),
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


def test_a_linked_folder_is_looked_into_and_the_whole_way_to_it_is_watched(root: Path) -> None:
    """Also a link to a link; a change of any of them, or of where they lead, concerns the project."""
    (root / "first/prompts").mkdir(parents=True)
    (root / "first/prompts/tone.yaml").write_text("one")
    (root / "..data").symlink_to("first")
    (root / "agents.d/prompts").symlink_to("../..data/prompts")
    (root / "elsewhere").mkdir()
    (root / "elsewhere/real.yaml").write_text("one")
    (root / "agents.d/linked.yaml").symlink_to(root / "elsewhere/real.yaml")
    found = survey(root, NAMED)
    assert {"agents.d/prompts/tone.yaml", "agents.d/linked.yaml"} <= names(root, found.prints)
    assert {"..data", "agents.d/prompts", "first/prompts", "elsewhere/real.yaml"} <= names(root, found.ways)
    assert {".", "first", "elsewhere", "agents.d/prompts"} <= names(root, found.folders)


def test_links_that_lead_round_or_nowhere_end_no_look(root: Path) -> None:
    """They are no files; what is beside them is."""
    (root / "agents.d/round").symlink_to("../agents.d")
    (root / "agents.d/self").symlink_to("self")
    (root / "agents.d/gone.yaml").symlink_to("nowhere.yaml")
    (root / "workflows/w.yaml").unlink()
    (root / "workflows").rmdir()
    (root / "workflows").symlink_to("later")
    found = survey(root, NAMED)
    assert "agents.d/a.yaml" in names(root, found.prints)
    assert not any("round" in name or "gone" in name for name in names(root, found.prints))
    assert {"later", "agents.d/nowhere.yaml"} <= names(root, found.ways)


def test_links_to_folders_of_links_do_not_multiply(root: Path) -> None:
    """Two in each of thirty folders are a thousand million ways to one file; any of them may lead elsewhere later."""
    for number in range(30):
        (root / f"tower/{number}").mkdir(parents=True)
        (root / f"tower/{number}/a").symlink_to(f"../{number + 1}")
        (root / f"tower/{number}/b").symlink_to(f"../{number + 1}")
    (root / "tower/30").mkdir()
    (root / "tower/30/deep.py").write_text("")
    (root / "tools.d/first").symlink_to("../tower/0")
    (root / "tools.d/second").symlink_to("../tower/20")
    before = prints(root)
    assert len([name for name in before if name.endswith("deep.py")]) == 1
    (root / "tools.d/second").unlink()
    (root / "tools.d/second").symlink_to("../tower/21")
    assert prints(root) != before


@pytest.mark.parametrize("target", ["/", "..", "../.."])
def test_a_link_to_a_folder_around_the_project_leads_round(root: Path, target: str) -> None:
    """Else a look would go through the whole disk."""
    before = prints(root)
    (root / "tools.d/round").symlink_to(target)
    assert prints(root) == before


def test_the_digest_tells_contents_apart_whatever_the_times_say(root: Path) -> None:
    """What has gone has none."""
    before = digests(root, ["runner.yaml", ".env"])
    (root / "runner.yaml").write_text("two")
    (root / ".env").unlink()
    after = digests(root, ["runner.yaml", ".env"])
    assert set(before) == {"runner.yaml", ".env"}
    assert set(after) == {"runner.yaml"}
    assert after["runner.yaml"] != before["runner.yaml"]


def test_what_is_no_file_or_too_large_has_no_digest(root: Path) -> None:
    """A pipe would be read for ever."""
    (root / ".env").unlink()
    os.mkfifo(root / ".env")
    with (root / "runner.yaml").open("wb") as file:
        file.truncate(100_000_000_000)
    assert set(digests(root, [".env", "runner.yaml", "tools.d/t.py"])) == {"tools.d/t.py"}


def test_what_may_not_be_looked_at_ends_no_look(root: Path) -> None:
    """A folder and a link into it that belong to somebody else: the daemon goes on with what it may see."""
    (root / "closed").mkdir()
    (root / "closed/real.yaml").write_text("one")
    (root / "agents.d/linked.yaml").symlink_to("../closed/inside/real.yaml")
    (root / "workflows").rename(root / "closed/workflows")
    (root / "workflows").symlink_to("closed/workflows")
    seen = prints(root)
    (root / "closed").chmod(0o000)
    with as_nobody():
        assert not any("workflows" in name or "linked" in name for name in survey(root, NAMED).prints)
        assert look(root, NAMED, seen).age >= 0
    (root / "closed").chmod(0o700)


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not read everything."""
    former = os.geteuid()
    if former == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(former)
