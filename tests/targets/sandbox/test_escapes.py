"""Ways out of the sandbox, each really tried: none may succeed, and those that are harmless do succeed without it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.runs.blobs import Blobs
from runner.targets.local import Local
from runner.targets.port import Command
from runner.targets.sandbox.sandbox import Sandbox
from tests.targets.sandbox.attacks import (
    ONLY_INSIDE,
    WORK_WITHOUT,
    attackable,
    came_through,
    harm,
    one_by_one,
    words,
)
from tests.targets.sandbox.containers import OWNER, workspace_of_another
from tests.targets.sandbox.workspaces import STARTER

AS_ANOTHER = """
import asyncio, os, sys
from pathlib import Path
from runner.runs.blobs import Blobs
from runner.targets.port import Command
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from tests.targets.sandbox.workspaces import SMALL, STARTER, closed_and_fixed
workspace, words = Path(sys.argv[1]), sys.argv[2:]
def opened():
    spec, kept = SandboxSpec.model_validate(SMALL), closed_and_fixed(workspace)
    return Sandbox(STARTER, Blobs(workspace.parent / "blobs"), spec, keep=100_000, **kept)
if os.geteuid() == 0:
    asyncio.run(opened().run(Command(["true"], workspace, 20)))
    os.setgroups([]), os.setresgid(*[{owner}] * 3), os.setresuid(*[{owner}] * 3)
print(asyncio.run(opened().run(Command(words, workspace, 50, {{}}, "r/step"))).text)
"""
"""Runs a command in the sandbox as an ordinary user; runner is read before, who may not read it where it lies."""


@pytest.fixture
def facts(workspace: Path) -> Iterator[dict[str, Any]]:
    """What an attacker may know of this machine: it is all real."""
    with attackable(workspace) as known:
        yield known


@pytest.mark.parametrize("name", [*WORK_WITHOUT, *ONLY_INSIDE])
def test_no_way_leads_out(name: str, sandbox: Sandbox, facts: dict[str, Any], workspace: Path) -> None:
    """Each attack ends without success, and nothing outside or kept is changed."""
    attack = (WORK_WITHOUT | ONLY_INSIDE)[name]
    done = asyncio.run(sandbox.run(Command(words(attack, facts), workspace, 20, {}, "r/step")))
    assert "ESCAPED" not in done.text
    assert "held" in done.text or done.exit > 128 or not done.text
    assert harm(facts) == []


@pytest.mark.parametrize("name", WORK_WITHOUT)
def test_the_same_ways_lead_on_without_a_sandbox(
    name: str, tmp_path: Path, facts: dict[str, Any], workspace: Path
) -> None:
    """What the sandbox stops is no accident: run directly, the same attack comes through."""
    local = Local(STARTER, Blobs(tmp_path / "blobs"))
    done = asyncio.run(local.run(Command(words(WORK_WITHOUT[name], facts), workspace, 20, {}, "r/s")))
    assert "ESCAPED" in done.text


def test_no_way_leads_an_ordinary_user_out() -> None:
    """The same, where there is nobody to lend anything: it is that user inside as well."""
    place = Path(tempfile.mkdtemp(prefix="runner-test-"))  # where another user may go too
    try:
        workspace = workspace_of_another(place / "workspace")
        os.chown(place, OWNER, OWNER)
        attacks = WORK_WITHOUT | ONLY_INSIDE
        with attackable(workspace) as facts:
            told = [str(workspace), *one_by_one("/usr/bin/python3", facts, attacks)]
            code = AS_ANOTHER.format(owner=OWNER)
            done = subprocess.run([sys.executable, "-c", code, *told], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert harm(facts) == []
        assert came_through(done.stdout, attacks) == []
    finally:
        shutil.rmtree(place)
