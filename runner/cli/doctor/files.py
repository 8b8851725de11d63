"""The project's files: the doctor says whether they load; `runner check` says the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.doctor.lines import Line, fail, ok

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.project import Project


def read(root: Path) -> tuple[Project | None, Line]:
    """The project, and the line about its files."""
    from runner.project.load import load
    from runner.project.sources import Disk

    loaded = load(Disk(root), root)
    if loaded.project is not None:
        counts = ", ".join(
            f"{count} {name if count != 1 else name[:-1]}" for name, count in loaded.project.describe().items()
        )
        return loaded.project, ok("files", f"the project loads: {counts}")
    first, count = loaded.problems[0], len(loaded.problems)
    what = f"{first.file}:{first.line}:{first.column}: {first.what}{f', and {count - 1} more' if count > 1 else ''}"
    return None, fail("files", what, "`runner check` shows every problem; keys and models are looked at once it loads")
