"""What the server is a window on; the daemon fills it in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from runner.server.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from runner.engine import Engine
    from runner.runs.rows import RunRow


class Files(Protocol):
    """The project's files as they are watched and loaded; all answers are plain JSON data."""

    async def reload(self, trigger: str) -> Any:
        """Load the files now; the outcome's own report is what `report` says after it."""

    def report(self) -> dict[str, Any]:
        """How the last load went: ok, changed, revision, at, trigger, problems, warnings, why, needs_restart."""

    def watching(self) -> dict[str, Any]:
        """How changes are seen: mode, paths, changed_at."""

    async def commit(self) -> Mapping[str, Any]:
        """The commit the files are of: commit, dirty."""


@dataclass
class Parts:
    """The engine, the files, and when the daemon began; `stopping` ends all streams."""

    engine: Engine
    files: Files
    started: float
    pid: int
    heartbeat: float = 15.0
    """Seconds of silence on a stream after which a comment says that the connection lives."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


def parts_of(request: Request) -> Parts:
    """The parts of the application that a request came to."""
    return cast("Parts", request.app.state.parts)


def run_of(parts: Parts, run: str) -> RunRow:
    """The run of this id; else the answer is 404."""
    row = parts.engine.store.run(run)
    if row is None:
        raise Refused(404, f"there is no run {run}")
    return row
