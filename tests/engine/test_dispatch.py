"""Which runs are worked on, and by how many: always one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.engine import Start
from runner.runs.events import RunClaimed
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from runner.engine import Engine


def test_a_run_that_is_just_being_accepted_is_no_orphan(tmp_path: Path) -> None:
    """However often the engine looks for orphans while runs come in, each is claimed once."""
    house = House(tmp_path)

    async def scene() -> list[int]:
        async with house.engine() as engine:
            looking = asyncio.create_task(_look_without_rest(engine))
            runs = [await engine.submit(Start("helper", {"text": "Hello"})) for _ in range(40)]
            await asyncio.gather(*(engine.settled(run) for run in runs))
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            return [sum(isinstance(event, RunClaimed) for event in engine.store.events(run)) for run in runs]

    assert asyncio.run(scene()) == [1] * 40


async def _look_without_rest(engine: Engine) -> None:
    workbench = engine.workbench
    assert workbench is not None
    while True:
        await engine.adopt(workbench)  # ends in a look around
        await asyncio.sleep(0)
