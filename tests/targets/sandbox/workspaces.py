"""A workspace with what a project has, and what a sandbox keeps of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TypedDict

SMALL = {"memory": "512MiB", "processes": 40, "file_size": "4MiB", "tmp_size": "8MiB", "cpu_seconds": 5}
"""Limits that are small enough to be reached at once."""
LEAST = {"memory": "16MiB", "processes": 8, "cpu_seconds": 1, "file_size": "4KiB", "tmp_size": "4KiB"}
"""The smallest limits that files can say."""
STARTER = f"tests-{os.getpid()}"
"""Who starts the commands: a time-out ends all of the same starter and step, so those beside have another one."""


class Kept(TypedDict):
    """Two arguments of a sandbox."""

    closed: list[str]
    fixed: list[str]


def make_workspace(root: Path) -> Path:
    """Make it in a folder that is not there yet."""
    for name in (".runner", "tools.d", "agents.d", "prompts"):
        (root / name).mkdir(parents=True)
    for name, text in {
        "runner.yaml": "learn: true\n",
        "prompts/coder.py": "fine\n",
        ".env": "KEY=CANARY\n",
        ".runner/token": "CANARY\n",
    }.items():
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def closed_and_fixed(workspace: Path) -> Kept:
    """What a workbench keeps of it from a sandbox."""
    fixed = ("runner.yaml", "agents.d", "tools.d", "workflows", "prompts/coder.py")
    return {
        "closed": [str(workspace / ".runner"), str(workspace / ".env")],
        "fixed": [str(workspace / name) for name in fixed],
    }
