"""The shipped policy, and a scene for attempts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runner.policy import Assessment, CommandPolicy, Place
from runner.project.parsing.parse import parse
from runner.targets.local import environment
from tests.policy.bypasses import Scene, lay

SHIPPED = Path(__file__).parents[2] / "tools.d" / "policy.yaml"


@pytest.fixture(scope="session")
def policy() -> CommandPolicy:
    """The policy that ships."""
    return CommandPolicy.model_validate(parse("tools.d/policy.yaml", SHIPPED.read_bytes()).data)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A workspace full of traps."""
    return lay(tmp_path)


@pytest.fixture
def place(scene: Scene) -> Place:
    """The scene's workspace on this machine, with the places that runner keeps closed there."""
    workspace = scene.workspace
    return Place("local", workspace, (f"{workspace}/.runner", f"{workspace}/.env"), (f"{workspace}/tools.d",))


def run(assessment: Assessment, scene: Scene) -> str:
    """What a judged command puts out, run as the target `local` would run it."""
    env = environment(scene.workspace, assessment.env) | {"HOME": str(scene.outside)} | dict(assessment.env)
    done = subprocess.run(
        assessment.runs,
        cwd=scene.workspace,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=5,
        check=False,
    )
    return done.stdout.decode(errors="replace")
