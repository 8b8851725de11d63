"""Containers as a sandbox, and workspaces for them; what they run are the programs of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from runner.runs.blobs import Blobs
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.layout import programs
from runner.targets.sandbox.spec import SandboxSpec
from tests.engines import IMAGE
from tests.targets.sandbox.workspaces import SMALL, STARTER, closed_and_fixed, make_workspace

OWNER = 12_345
"""Who owns the workspace: a container has nothing for root."""
SHOWN = [str(path) for path in (Path("/usr"), Path("/etc/ld.so.cache"), *programs()) if path.exists()]


def workspace_of_another(root: Path) -> Path:
    """A workspace that belongs to an ordinary user."""
    make_workspace(root)
    for path in (root, *root.rglob("*")):
        os.chown(path, OWNER, OWNER, follow_symlinks=False)
    return root


def container(driver: str, workspace: Path, **fields: Any) -> Container:
    """The sandbox as a workbench would open it, with limits that are small enough to be reached at once."""
    spec = SandboxSpec.model_validate({"driver": driver, "image": IMAGE, **SMALL, "read_only": SHOWN, **fields})
    return Container(STARTER, Blobs(workspace.parent / "blobs"), spec, keep=10_000, **closed_and_fixed(workspace))
