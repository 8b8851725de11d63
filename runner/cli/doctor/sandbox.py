"""The sandbox, where the files ask for it: one is really made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.doctor.lines import Line, fail, ok

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.project.project import Project


def check(project: Project, storage: Path) -> Iterator[Line]:
    """Whether a command can run in it; nothing when nothing of the project does."""
    from runner.runs.blobs import Blobs
    from runner.targets.sandbox.choosing import sandbox_of

    users = list(_users(project))
    if not users:
        return
    reason = sandbox_of(project.settings.sandbox, "doctor", Blobs(storage)).available()
    who = "needed by " + ", ".join(users)
    if reason:
        yield fail("sandbox", f"none can be made here; {who}", reason)
    else:
        yield ok("sandbox", f"it works; {who}")


def _users(project: Project) -> Iterator[str]:
    if project.settings.execute == "sandbox":
        yield "`execute: sandbox`"
    for name, pack in project.packs.items():
        if pack.server and pack.server.command and pack.server.sandbox:
            yield f"server {name}"
