"""Where the workspaces of runs' own lie in a store."""

from __future__ import annotations

import os
import re
from pathlib import Path

SANDBOX = "sandbox"
"""What `workspace:` says for a workspace of the run's own."""
FOLDER = "sandboxes"
WORK = "work"
ARCHIVE = ".tar.gz"
_RUN = re.compile(r"[0-9a-z]{20}")


def work_of(store: Path, run: str) -> Path:
    """The workspace that a run has of its own, whether it is there or not."""
    return store.resolve() / FOLDER / run / WORK


def is_run(name: str) -> bool:
    """Whether a file in the folder of sandboxes is called as a run is."""
    return _RUN.fullmatch(name) is not None


def is_sandbox(workspace: Path, place: Path | str) -> bool:
    """Whether a workspace is a run's own in a store at `place`: nothing else in a store is anybody's workspace."""
    run = workspace.parent.name
    return is_run(run) and workspace == Path(os.path.realpath(place), FOLDER, run, WORK)
