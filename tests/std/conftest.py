"""The packs as they ship: their Python modules, their commands, and workspaces to try them in."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from runner.prompts import template
from runner.tools.context import Context

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def _load_module(name: str) -> ModuleType:
    """A module of tools.d, loaded from its file."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools.d" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Commands:
    """The tools of the qa pack in one workspace, run as their YAML says."""

    workspace: Path
    pack: dict[str, Any]
    functions: ModuleType

    def call(self, name: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """The status that the exit code means, and the output with the parsed fields."""
        tool = self.pack["tools"][name]
        values = {key: field["default"] for key, field in tool.get("params", {}).items()} | arguments
        argv = [template(word).render(values) for word in tool["command"] if not _is_left_out(word, values)]
        home = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(self.workspace), "LANG": "C.UTF-8"}
        done = subprocess.run(
            argv,
            cwd=self.workspace,
            env=home | tool.get("env", {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        report = getattr(self.functions, tool["output"]["parse"].partition(":")[2])(done.stdout, done.returncode)
        status = {"ok": "ok", False: "no"}.get(tool.get("exit", {0: "ok"}).get(done.returncode), "failed")
        return status, {"text": done.stdout, "exit": done.returncode} | report


def _is_left_out(word: str, values: dict[str, Any]) -> bool:
    return any(f"{{{{ {name} }}}}" in word for name, value in values.items() if value is None)


@pytest.fixture
def git(workspace: Path) -> Callable[..., str]:
    """Git in the workspace, with nothing of this machine's settings; what it prints."""
    quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    ada = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]

    def run(*words: str) -> str:
        argv = ["git", *ada, *words]
        done = subprocess.run(argv, cwd=workspace, env=os.environ | quiet, text=True, check=True, capture_output=True)
        return done.stdout

    return run


@pytest.fixture
def put(workspace: Path) -> Callable[[dict[str, str]], None]:
    """Writes files, named from the workspace on, with the folders on their way."""

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = workspace / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def context(workspace: Path) -> Context:
    """A call in the workspace."""
    return Context(workspace)


@pytest.fixture
def in_repository(workspace: Path, put: Callable[[dict[str, str]], None], git: Callable[..., str]) -> Path:
    """A git repository with one commit: app.py and notes.txt."""
    put({"app.py": "one = 1\ntwo = 2\n", "notes.txt": "first\n"})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "begin")
    return workspace


@pytest.fixture
def files() -> ModuleType:
    """The module of the files pack."""
    return _load_module("files")


@pytest.fixture
def search() -> ModuleType:
    """The module of the two searches."""
    return _load_module("files_search")


@pytest.fixture
def commands(workspace: Path) -> Commands:
    """The qa pack in the workspace."""
    pack = yaml.safe_load((ROOT / "tools.d" / "qa.yaml").read_text())
    return Commands(workspace, pack, _load_module("qa"))
