"""A workspace with what a project has, and a sandbox for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec

Run = Callable[..., Completed]


@pytest.fixture
def spec() -> SandboxSpec:
    """Limits that are small enough to be reached at once."""
    return SandboxSpec.model_validate(
        {"memory": "512MiB", "processes": 40, "file_size": "4MiB", "tmp_size": "8MiB", "cpu_seconds": 5}
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A project under git, with a secret, a store, and a file of its own below a folder."""
    root = tmp_path / "workspace"
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


@pytest.fixture
def sandbox(tmp_path: Path, workspace: Path, spec: SandboxSpec) -> Sandbox:
    """The sandbox as a workbench would open it."""
    return Sandbox(
        "owner-1",
        Blobs(tmp_path / "blobs"),
        spec,
        closed=[str(workspace / ".runner"), str(workspace / ".env")],
        fixed=[
            str(workspace / name) for name in ("runner.yaml", "agents.d", "tools.d", "workflows", "prompts/coder.py")
        ],
        keep=10_000,
    )


@pytest.fixture
def run(sandbox: Sandbox, workspace: Path) -> Run:
    """Run one command in the workspace to its end."""

    def one(*argv: str, seconds: float = 20, **env: str) -> Completed:
        return asyncio.run(sandbox.run(Command(argv, workspace, seconds, env, "r/step")))

    return one


def python(code: str, *words: str) -> list[str]:
    """The words that run a little program."""
    return [sys.executable, "-c", code, *words]
