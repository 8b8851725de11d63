"""Upgrades: what a project is told of shipped files that are no longer those of the revision it ran on last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from runner import __version__
from runner.project.load import load, revision
from runner.project.project import Project
from runner.project.sources import Disk
from runner.project.std import PREFIX, folder
from runner.project.upgrades import Note, Upgrade, shipped_notes, upgrades

QA = "std/tools.d/qa.yaml"
NOTES = {
    "0.0.8": (Note(file="tools.d/qa.yaml", what="Older than the last run."),),
    "0.0.9": (),
    __version__: (
        Note(file="tools.d/qa.yaml", what="Tests may take longer.", do="Set a timeout."),
        Note(file="tools.d/files.yaml", what="Concerns nobody here."),
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that uses std/qa and nothing else."""
    (tmp_path / "runner.yaml").write_text("use: [std/qa]\n")
    return loaded(tmp_path)


def loaded(root: Path) -> Project:
    """The project of a folder."""
    project = load(Disk(root), root).project
    assert project
    return project


def with_old_qa(files: Mapping[str, bytes], old: str, new: str) -> dict[str, bytes]:
    """The files as they were when std/qa had `new` in place of `old`."""
    text = files[QA].decode()
    assert old in text
    return {**files, QA: text.replace(old, new).encode()}


def told(project: Project, files: Mapping[str, bytes], version: str = "0.0.9") -> tuple[Upgrade, ...]:
    """What is said after these files ran on that version."""
    return upgrades(project, files, revision(files, version), NOTES)


def test_the_values_that_changed_are_told_with_the_notes_of_newer_versions(project: Project) -> None:
    """Of what is used; the version is known by the digest that it makes."""
    before = with_old_qa(project.files, "defaults: {timeout: deep,", "defaults: {timeout: quick, concurrency: 2,")
    (one,) = told(project, with_old_qa(before, "  run_build:\n", "  run_compile:\n"))
    assert (one.item, one.file, one.since, one.hidden_by) == ("pack std/qa", QA, "0.0.9", "")
    assert one.changes == (
        "defaults.timeout: quick → deep",
        "defaults.concurrency is gone",
        "tools.run_compile is gone",
        "tools.run_build is new",
    )
    assert [note.what for note in one.notes] == ["Tests may take longer."]
    assert one.to_dict()["notes"] == [
        {"file": "tools.d/qa.yaml", "what": "Tests may take longer.", "do": "Set a timeout."}
    ]


def test_long_values_and_code_are_told_by_their_place(project: Project) -> None:
    """A text is not printed whole; a Python file is named."""
    before = with_old_qa(project.files, "description: Run the project's tests with pytest.", f"description: {'a' * 99}")
    before["std/tools.d/qa.py"] = b"# older\n"
    (one,) = told(project, before)
    assert one.changes == ("tools.run_tests.description changed", "qa.py changed")


def test_comments_and_layout_are_no_change(project: Project) -> None:
    """Nor is anything told when the version had no note."""
    before = with_old_qa(project.files, "  run_build:\n", "  # compiles\n  run_build:\n")
    assert told(project, before, __version__) == ()


def test_a_version_that_is_not_known_has_no_name_and_the_newest_notes(project: Project) -> None:
    """The changes are seen all the same."""
    before = with_old_qa(project.files, "timeout: deep, risk", "timeout: quick, risk")
    (one,) = told(project, before, "7.7.7")
    assert (one.since, one.changes) == ("", ("defaults.timeout: quick → deep",))
    assert [note.what for note in one.notes] == ["Tests may take longer."]


def test_a_file_that_the_project_replaces_hides_what_changed(tmp_path: Path) -> None:
    """Only the notes are known of it, as a revision does not hold what it does not use."""
    (tmp_path / "runner.yaml").write_text("use: [std/qa]\n")
    (tmp_path / "tools.d").mkdir()
    own = "description: My own.\ntools:\n  run_tests: {description: Tests., command: [make, test]}\n"
    (tmp_path / "tools.d" / "qa.yaml").write_text(own)
    project = loaded(tmp_path)
    (one,) = told(project, project.files)
    assert (one.item, one.file, one.hidden_by, one.changes) == ("pack std/qa", QA, "tools.d/qa.yaml", ())
    assert [note.what for note in one.notes] == ["Tests may take longer."]


def test_what_was_not_used_before_is_no_upgrade(project: Project) -> None:
    """A pack that the project takes up now has nothing that it could have changed."""
    before = {name: content for name, content in project.files.items() if not name.startswith(PREFIX)}
    assert told(project, before) == ()


def test_the_shipped_notes_name_versions_in_order_and_files_that_ship() -> None:
    """The running version is the last of them, so that the next one knows it by its digest."""
    notes = shipped_notes()
    versions = [tuple(map(int, version.split("."))) for version in notes]
    assert versions == sorted(set(versions))
    assert list(notes)[-1] == __version__
    assert [note.file for those in notes.values() for note in those if not (folder() / note.file).is_file()] == []
