"""The packs as they ship: their Python modules, their commands, and workspaces to try them in."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from runner.errors import ToolFailed
from runner.runs.blobs import Blobs
from runner.runs.record import Record
from runner.targets.local import Local
from runner.targets.port import Target
from runner.tools.command import CommandTool
from runner.tools.context import Context
from runner.tools.port import Call, Outcome, ToolServer
from runner.tools.python import PythonTool
from runner.tools.workers import FolderWorkers, Given
from tests.git import repository

ROOT = Path(__file__).resolve().parents[2]
NOTHING = Given()


def _load_module(name: str) -> ModuleType:
    """A module of tools.d, loaded from its file."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools.d" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Loader(yaml.SafeLoader):
    """Reads `no` as the word that it is."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, fits) for tag, fits in found if tag != "tag:yaml.org,2002:bool" or sign in "tTfF"]
    for sign, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Hands:
    """This machine as target, and workers for the modules of tools.d."""

    def __init__(self, folder: Path, workers: FolderWorkers) -> None:
        self.workers = workers
        self._local = Local("owner", Blobs(folder))

    def target(self, name: str) -> Target:
        """The only one."""
        assert name == "local"
        return self._local

    def server(self, pack: str) -> ToolServer:
        """None of these packs is a server."""
        raise AssertionError(pack)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """No tool of these packs starts a workflow."""
        raise AssertionError((workflow, inputs, call))


@dataclass(frozen=True)
class Tools:
    """Tools of packs in one workspace, as their YAML says, through their kinds."""

    workspace: Path
    blobs: Path
    tools: dict[str, CommandTool | PythonTool]
    given: Given
    loop: asyncio.Runner
    workers: FolderWorkers
    """What serves all calls without resources: starting a worker for each would take most of the time."""

    def call(self, name: str, /, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """The status and the output; of one that failed the message and the hint."""
        try:
            outcome = self.loop.run(self._call(name, arguments))
        except ToolFailed as error:
            return "failed", {"text": error.message, "hint": error.hint}
        return outcome.status, outcome.output

    async def _call(self, name: str, arguments: dict[str, Any]) -> Outcome:
        tool = self.tools[name]
        values = tool.params.check(arguments) if tool.params else arguments
        call = Call(name, values, self.workspace, "local", 60, "r1", "p/1")
        if self.given is NOTHING:
            return await tool.run(call, Hands(self.blobs, self.workers))
        own = FolderWorkers(ROOT / "tools.d", "owner", given=self.given)
        try:
            return await tool.run(call, Hands(self.blobs, own))
        finally:
            await own.close()


@cache
def _tools(pack: str) -> Mapping[str, CommandTool | PythonTool]:
    """The tools of a pack, by name."""
    fields = yaml.load((ROOT / "tools.d" / f"{pack}.yaml").read_text(), Loader=_Loader)  # noqa: S506 - made of SafeLoader
    kinds = {name: CommandTool if "command" in tool else PythonTool for name, tool in fields["tools"].items()}
    return {name: kinds[name].model_validate(fields["defaults"] | tool) for name, tool in fields["tools"].items()}


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[asyncio.Runner, FolderWorkers]]:
    """A loop, and the workers that live in it."""
    with asyncio.Runner() as loop:
        workers = FolderWorkers(ROOT / "tools.d", "owner", given=NOTHING)
        yield loop, workers
        loop.run(workers.close())


@pytest.fixture
def pack(workspace: Path, tmp_path: Path, house: tuple[asyncio.Runner, FolderWorkers]) -> Callable[..., Tools]:
    """The tools of a pack in the workspace; with a `Given`, its resources too."""
    return lambda name, given=NOTHING: Tools(workspace, tmp_path / "blobs", dict(_tools(name)), given, *house)


@pytest.fixture
def git(workspace: Path) -> Callable[..., str]:
    """Git in the workspace, with nothing of this machine's settings; what it prints."""
    return partial(repository.git, workspace)


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
def read_yaml() -> Callable[[str], Any]:
    """Reads YAML as runner does, where `no` is a word."""
    return lambda text: yaml.load(text, Loader=_Loader)  # noqa: S506 - made of SafeLoader


@pytest.fixture
def tools(workspace: Path, tmp_path: Path, house: tuple[asyncio.Runner, FolderWorkers]) -> Tools:
    """Both packs in the workspace."""
    return Tools(workspace, tmp_path / "blobs", {**_tools("files"), **_tools("qa")}, NOTHING, *house)
