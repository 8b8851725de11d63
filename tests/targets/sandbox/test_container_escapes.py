"""Ways out of a container, each really tried in each engine: none may succeed. They are those of the other sandbox."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from runner.targets.port import Command
from tests.targets.sandbox.attacks import ONLY_INSIDE, WORK_WITHOUT, attackable, came_through, harm, one_by_one
from tests.targets.sandbox.containers import container, workspace_of_another

ATTACKS = {name: attack for name, attack in (WORK_WITHOUT | ONLY_INSIDE).items() if name != "raising a limit"}
"""All but one: the number of processes is bounded by a control group, which knows nothing of who may have more."""


def test_no_way_leads_out(driver: str, tmp_path: Path) -> None:
    """Each attack ends without success, as it says itself, or was killed; nothing outside or kept is changed."""
    workspace = workspace_of_another(tmp_path / "workspace")
    with attackable(workspace) as facts:
        words = one_by_one(sys.executable, facts, ATTACKS)
        done = asyncio.run(container(driver, workspace).run(Command(words, workspace, 50, {}, "r/step")))
        assert harm(facts) == []
    assert came_through(done.text, ATTACKS) == []
