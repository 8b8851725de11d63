"""What the command line says and keeps holds no secret of its project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "canary-of-the-command-line"
TOOLS = "description: T.\ntools: {go: {description: Go., command: [env], env: {X: '${PLAIN_NAME}'}, risk: read}}\n"
WORKFLOW = "description: W.\ninputs: {number: int}\nphases: {a: {tool: go}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a secret whose name says nothing."""
    for folder in ("tools.d", "workflows"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools.d/go.yaml").write_text(TOOLS)
    (tmp_path / "workflows/go.yaml").write_text(WORKFLOW)
    (tmp_path / ".env").write_text(f"PLAIN_NAME={SECRET}\n")
    return tmp_path


@pytest.mark.parametrize("words", [("run", "go", "-i", f"number={SECRET}"), ("run", SECRET), ("runs", "show", SECRET)])
def test_what_is_typed_and_wrong_is_said_with_stars(project: Path, words: tuple[str, ...]) -> None:
    """Also while the files have faults: they name their secrets all the same."""
    for more in ("", "broken: [\n"):
        (project / "runner.yaml").write_text(more)
        done = subprocess.run(
            [sys.executable, "-m", "runner", "-C", str(project), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert done.returncode in (2, 3)
        assert SECRET not in done.stdout + done.stderr
