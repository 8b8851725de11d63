"""A workspace with what a project has, and a sandbox for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from tests import engines
from tests.targets.sandbox.workspaces import SMALL, STARTER, closed_and_fixed, make_workspace

Run = Callable[..., Completed]


@pytest.fixture
def spec() -> SandboxSpec:
    """Limits that are small enough to be reached at once."""
    return SandboxSpec.model_validate(SMALL)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A project under git, with a secret, a store, and a file of its own below a folder."""
    return make_workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def podman_engine() -> Iterator[dict[str, str]]:
    """The environment that leads to a podman of the tests' own."""
    with engines.podman() as env:
        yield env


@pytest.fixture(scope="session", params=["podman", "docker"])
def engine(request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
    """A real engine of the tests' own: its driver, and the environment that leads to it."""
    return request.param, request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def driver(engine: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> str:
    """That driver; its command line speaks to that engine."""
    name, env = engine
    for variable in ("DOCKER_HOST", "CONTAINER_HOST", *env):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    return name


@pytest.fixture
def sandbox(tmp_path: Path, workspace: Path, spec: SandboxSpec) -> Sandbox:
    """The sandbox as a workbench would open it."""
    return Sandbox(STARTER, Blobs(tmp_path / "blobs"), spec, keep=10_000, **closed_and_fixed(workspace))


@pytest.fixture
def run(sandbox: Sandbox, workspace: Path) -> Run:
    """Run one command in the workspace to its end."""

    def one(*argv: str, seconds: float = 20, **env: str) -> Completed:
        return asyncio.run(sandbox.run(Command(argv, workspace, seconds, env, "r/step")))

    return one


def python(code: str, *words: str) -> list[str]:
    """The words that run a little program."""
    return [sys.executable, "-c", code, *words]
