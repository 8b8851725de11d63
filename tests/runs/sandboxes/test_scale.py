"""What a sandbox holds: blocks, not lengths; each file once; no link followed; measured no more often than it may."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from runner.runs.sandboxes import trees
from runner.runs.sandboxes.scale import Scale
from runner.runs.sandboxes.spec import SandboxesSpec

MIB = 1 << 20
FOLDERS = 64 * 1024
"""More than the few folders and names of a test take."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty work folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def measured(work: Path) -> int:
    """What it holds."""
    return trees.whole_size(work.parent, work.name)


def test_allocated_blocks_count_whatever_length_a_file_says(work: Path) -> None:
    """A terabyte of holes is nothing."""
    (work / "full").write_bytes(bytes(MIB))
    with (work / "holes").open("wb") as file:
        file.truncate(1 << 40)
    assert MIB <= measured(work) < MIB + FOLDERS


def test_a_file_with_several_names_counts_once(work: Path) -> None:
    """Whatever folders they are in."""
    (work / "a").write_bytes(bytes(MIB))
    (work / "inner").mkdir()
    os.link(work / "a", work / "b")
    os.link(work / "a", work / "inner" / "c")
    assert MIB <= measured(work) < MIB + FOLDERS


def test_no_link_is_followed(work: Path, tmp_path: Path) -> None:
    """To a file, to a folder, or to the folder that it is in."""
    (tmp_path / "large").write_bytes(bytes(MIB))
    (work / "file").symlink_to(tmp_path / "large")
    (work / "folder").symlink_to(tmp_path)
    (work / "itself").symlink_to(work)
    assert 0 < measured(work) < FOLDERS


def test_names_of_nothing_count(work: Path) -> None:
    """Empty files take no blocks; without end they would fill a disk all the same."""
    before = measured(work)
    for number in range(100):
        (work / str(number)).touch()
    assert measured(work) - before >= 100 * 512


def test_what_was_within_the_limit_is_good_for_a_while(work: Path) -> None:
    """No longer than ten seconds; what is added meanwhile is seen afterwards."""
    now = [0.0]
    scale = Scale(work, lambda: now[0])
    empty = scale.held(MIB)
    (work / "a").write_bytes(bytes(MIB))
    assert scale.held(MIB) == empty
    now[0] = 10.0
    assert scale.held(MIB) >= MIB


def test_what_was_over_is_measured_anew(work: Path) -> None:
    """Who makes room need not wait; and a limit that is lowered holds at once."""
    scale = Scale(work, lambda: 0.0)
    (work / "a").write_bytes(bytes(2 * MIB))
    assert scale.held(MIB) >= 2 * MIB
    (work / "a").write_bytes(b"x")
    assert scale.held(MIB) < MIB
    (work / "a").write_bytes(bytes(2 * MIB))
    assert scale.held(1) >= 2 * MIB


def test_the_limit_has_a_default_and_a_floor() -> None:
    """Two gibibytes; a mebibyte at least."""
    assert SandboxesSpec().size == 2 << 30
    assert SandboxesSpec.model_validate({"size": "1MiB"}).size == MIB
    with pytest.raises(ValidationError, match="no work fits in so little; write 1MiB or more"):
        SandboxesSpec.model_validate({"size": "1023KiB"})
