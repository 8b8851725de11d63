"""The history of reloads, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli import options, place
from runner.cli.display import moment, one_line, show, show_json
from runner.project.problems import refusal
from runner.spec.layout import with_commit

if TYPE_CHECKING:
    from runner.runs.revisions import ReloadRow

LINES = 20
"""Reloads that are shown."""


def show_history() -> None:
    """Print the newest reloads: what each led to, and where the files of a refused one were wrong."""
    with place.store() as store:
        rows = store.revisions.reloads(LINES)
    if options.current().json:
        show_json([row.report() for row in rows])
        return
    for row in rows:
        _show(row, row.report()["problems"])


def _show(row: ReloadRow, problems: list[dict[str, Any]]) -> None:
    revision = with_commit(row.revision or "none", row.commit, dirty=row.dirty)
    if row.ok:
        why = f"; {one_line(row.why)}" if row.why else ""
        show(f"{moment(row.time)}  {row.trigger:<8} ok       revision {revision}{why}")
        return
    why = one_line(refusal(row.why, len(problems)))
    show(f"{moment(row.time)}  {row.trigger:<8} refused  {why}; in use: revision {revision}")
    for found in problems:
        show(f"    {found['file']}:{found['line']}:{found['column']}  {one_line(found['what'])}")
