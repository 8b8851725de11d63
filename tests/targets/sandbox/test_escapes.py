"""Ways out of the sandbox, each really tried: none may succeed, and those that are harmless do succeed without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.runs.blobs import Blobs
from runner.targets.local import Local
from runner.targets.port import Command
from runner.targets.sandbox.sandbox import Sandbox
from tests.targets.sandbox.attacks import ONLY_INSIDE, WORK_WITHOUT, attackable, harm, words


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
    local = Local("owner-1", Blobs(tmp_path / "blobs"))
    done = asyncio.run(local.run(Command(words(WORK_WITHOUT[name], facts), workspace, 20, {}, "r/s")))
    assert "ESCAPED" in done.text
