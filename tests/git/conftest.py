"""A real repository to ask."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
WHO = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Call git in a folder below the test's own (`in_` names it), with no configuration of the machine."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def call(*words: str, in_: str = "repo") -> str:
        argv = ["git", *WHO, *words]
        done = subprocess.run(argv, cwd=tmp_path / in_, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return call


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """A repository with one commit, which holds a small project."""
    root = tmp_path / "repo"
    for name, text in {"runner.yaml": "use: []\n", "agents.d/a.yaml": "prompt: one\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    return root
