"""Where a run's own workspace lies, and that nothing else in a store is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.runs.sandboxes.places import is_sandbox, work_of
from runner.tools.context import Context, ToolFailed

RUN = "0" * 20


def test_the_work_folder_of_a_run_is_one(tmp_path: Path) -> None:
    """Also when the store is said by a link."""
    (tmp_path / "link").symlink_to(tmp_path)
    assert is_sandbox(work_of(tmp_path, RUN), tmp_path)
    assert is_sandbox(work_of(tmp_path / "link", RUN), tmp_path / "link")


@pytest.mark.parametrize(
    "place",
    ["", "sandboxes", f"sandboxes/{RUN}", f"sandboxes/{RUN}/work/inner", f"sandboxes/{RUN}/runs", "blobs/a/work"],
)
def test_nothing_else_is(tmp_path: Path, place: str) -> None:
    """The store, the shelf, what is beside a work folder or below it."""
    assert not is_sandbox(tmp_path / place, tmp_path)


def test_a_context_is_open_in_a_sandbox_and_closed_in_the_rest_of_the_store(tmp_path: Path) -> None:
    """Even if somebody gave it the store, or another folder of it, for a workspace."""
    work = work_of(tmp_path, RUN)
    work.mkdir(parents=True)
    (work / "a").write_text("mine")
    assert Context(work, closed=[str(tmp_path)]).read_text("a") == "mine"
    for place in (tmp_path, work.parent.parent, work.parent):
        with pytest.raises(ToolFailed, match="belongs to runner itself"):
            Context(place, closed=[str(tmp_path)]).read_text(work.relative_to(place) / "a")
