"""A real repository to ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git import repository


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Call git in a folder below the test's own (`in_` names it)."""
    return lambda *words, in_="repo": repository.git(tmp_path / in_, *words)


@pytest.fixture
def repo(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A repository with one commit, which holds a small project."""
    root = tmp_path / "repo"
    for name, text in {"runner.yaml": "use: []\n", "agents.d/a.yaml": "prompt: one\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git("init", "-q", "-b", "main")
    repository.commit(root, "first")
    return root
