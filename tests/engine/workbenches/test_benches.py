"""Workbenches and their live parts: shared between revisions, closed with the last that needs them, counted."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

from runner.engine import Engine, Start
from runner.targets.processes import processes
from tests.engine.acting import until

if TYPE_CHECKING:
    from tests.engine.house import House

NOTES = """
note: {tool: note, with: {text: old}}
ask: {approval: {ask: "Go on?"}}
more: {tool: note, with: {text: old}}
"""


def test_a_reload_that_changes_an_agent_starts_no_worker_anew(house: House) -> None:
    """What is made of the same files is the same part; the former workbench closes as nobody works with it."""
    house.workflow("note: {tool: note, with: {text: '1'}}")

    async def scene() -> None:
        async with house.engine() as engine:
            await engine.settled(await engine.submit(Start("job", {})))
            (worker,) = _workers(house)
            for number in range(5):
                house.write("agents.d/helper.yaml", f"description: Answers.\nprompt: You answer {number}.\n")
                await engine.adopt(await engine.open(house.load()))
                await engine.settled(await engine.submit(Start("job", {})))
            assert _workers(house) == [worker]
            await _until_open(engine, workbenches=1, parts=2, workers=1)

    asyncio.run(scene())


def test_a_run_calls_the_code_of_its_own_revision_and_its_worker_ends_with_it(house: House) -> None:
    """Also after the code has changed, and after a wait in which the old workbench was closed."""
    house.workflow(NOTES)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await engine.submit(Start("job", {}))
            await engine.settled(run)
            code = house.root / "tools.d/test.py"
            code.write_text(code.read_text().replace('write(text + "', 'write("new" + "'))
            await engine.adopt(await engine.open(house.load()))
            await _until_open(engine, workbenches=1, workers=0)
            (asked,) = engine.store.approvals()
            await engine.decide(asked.id, "approve")
            await engine.settled(run)
            await engine.settled(await engine.submit(Start("job", {})))
            assert house.notes() == ["old", "old", "new"]
            await _until_open(engine, workbenches=1, workers=1)

    asyncio.run(scene())


def test_the_copy_that_workers_run_is_made_again_when_somebody_deleted_it(house: House) -> None:
    """A worker that starts later finds what the first one found."""
    house.workflow("note: {tool: note, with: {text: '1'}}")

    async def scene() -> None:
        async with house.engine() as engine:
            await engine.settled(await engine.submit(Start("job", {})))
            (worker,) = _workers(house)
            shutil.rmtree(house.root / ".runner/revisions")
            os.kill(worker, 9)
            await until(lambda: worker not in {process.pid for process in processes()})
            run = await engine.submit(Start("job", {}))
            assert (await engine.settled(run)).verdict == "pass"

    asyncio.run(scene())


def test_a_revision_whose_last_run_left_while_it_was_opened_again_is_open_when_adopted(house: House) -> None:
    """Files that were undone: the workbench that was found open has closed in between."""
    house.workflow(NOTES)

    async def scene() -> None:
        async with house.engine() as engine:
            first = house.load()
            run = await engine.submit(Start("job", {}))
            house.write("agents.d/helper.yaml", "description: Answers.\nprompt: You answer otherwise.\n")
            await engine.adopt(await engine.open(house.load()))
            bench = await engine.open(first)
            await engine.settled(run)
            await _until_open(engine, workbenches=1)
            assert bench.is_closed
            await engine.adopt(bench)
            assert engine.workbench is not None
            assert engine.workbench.project.revision == first.revision
            assert not engine.workbench.is_closed
            assert engine.workbench.caller.chain("default")[0].name == "default"

    asyncio.run(scene())


async def _until_open(engine: Engine, **wanted: int) -> None:
    """Return once so many things are open."""
    for _ in range(1000):
        if wanted.items() <= engine.open_parts().items():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(engine.open_parts())


def _workers(house: House) -> list[int]:
    """The processes that run the python tools of this house; those of other tests may be there, too."""
    import psutil

    children = psutil.Process().children()
    return [child.pid for child in children if any(word.startswith(str(house.root)) for word in child.cmdline())]
