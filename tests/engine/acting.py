"""What tests of running runs share: a clock to turn, waiting for a state, an engine that is killed in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from runner.engine import Engine, Start
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.owners import Owner
from runner.runs.store import Store
from runner.targets.processes import STEP, marks, processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.record import Fault, Record
    from tests.engine.house import House

from tests.engine.house import Told

Decision = Literal["approve", "deny"]
CRASH = """
      crash:
        description: Note a line, then kill the engine, the first time only.
        python: "test:crash"
        params: {text: str}
        risk: write
"""
CRASH_CODE = """

def crash(context: Context, text: str) -> dict:
    import os, signal

    with (context.workspace / "notes").open("a") as notes:
        notes.write(text + "\\n")
    if not (context.workspace / "crashed").exists():
        (context.workspace / "crashed").touch()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return {"noted": text}
"""


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


async def until(condition: Callable[[], Any]) -> Any:
    """What the condition gives once it is true; pytest's timeout ends a wait in vain."""
    while not (found := condition()):  # noqa: ASYNC110 - the store of another thread tells nobody of news
        await asyncio.sleep(0.01)
    return found


def told(engine: Engine, run: str) -> Told:
    """The journal of a run as it stands."""
    return Told(engine.store.events(run))


async def has(engine: Engine, run: str, kind: str, count: int = 1) -> list[Any]:
    """The events of a type, once there are so many."""
    return list(await until(lambda: len(found := told(engine, run).of(kind)) >= count and found))


async def start(engine: Engine, name: str = "job", **inputs: Any) -> str:
    """Start a run as the tester."""
    return await engine.submit(Start(name, inputs, by="tester"))


async def ended(engine: Engine, run: str) -> Told:
    """The journal of a run once it has ended."""
    await until(lambda: engine.store.find(run).status == "ended")
    return told(engine, run)


async def parked(engine: Engine, run: str) -> Told:
    """The journal of a run once it waits as rows and nobody works on it."""
    await until(lambda: engine.store.find(run).status == "waiting" and engine.counts()["active"] == 0)
    return told(engine, run)


def answered_after_restart(house: House, answer: Decision = "approve", *, engines: int = 1, **begun: Any) -> Told:
    """The journal of a run that began under one engine, and whose questions the next ones answer, up to its end."""

    async def scene() -> Told:
        async with house.engine() as engine:
            run = await start(engine, **begun)
            await engine.settled(run)
        for _ in range(engines - 1):
            async with house.engine() as engine:
                await _answer(engine, run, answer)
                await engine.settled(run)
        async with house.engine() as engine:
            await _answer(engine, run, answer)
            return await ended(engine, run)

    return asyncio.run(scene())


async def _answer(engine: Engine, run: str, answer: Decision) -> None:
    for row in engine.store.approvals(run=run):
        await engine.decide(row.id, answer, by="ann")


def fault(record: Record) -> Fault:
    """Why something failed."""
    assert record.error is not None, record
    return record.error


def alive(run: str) -> list[int]:
    """The processes that bear the mark of a run's steps."""
    return [process.pid for process in processes() if marks(process.pid).get(STEP, "").startswith(run)]


def with_crash(house: House, interrupted: str) -> None:
    """Give the house a tool that kills the engine between its effect and its result."""
    tools = (house.root / "tools.d" / "test.yaml").read_text()
    house.write("tools.d/test.yaml", f"{tools}{_indented(interrupted)}")
    house.write("tools.d/test.py", (house.root / "tools.d" / "test.py").read_text() + CRASH_CODE)


def _indented(interrupted: str) -> str:
    lines = [line.removeprefix("    ") for line in CRASH.splitlines() if line]
    return "\n".join([*lines, f"    interrupted: {interrupted}", ""])


async def killed(house: House, name: str = "job") -> str:
    """Run something in a process of its own that does not survive it; the run's id."""
    argv = [sys.executable, "-m", "tests.engine.acting", str(house.root), name]
    process = await asyncio.create_subprocess_exec(*argv, cwd=Path(__file__).parents[2])
    assert await process.wait() == -signal.SIGKILL
    store = Store.open(house.root / ".runner")
    run = store.runs()[0].id
    store.close()
    return run


def after_crash(house: House) -> Told:
    """The journal of a run that did not survive its first engine, up to its end under a second one."""

    async def scene() -> Told:
        run = await killed(house)
        async with house.engine() as engine:
            return await ended(engine, run)

    return asyncio.run(scene())


async def _run(root: Path, name: str) -> None:
    store = Store.open(root / ".runner")
    engine = Engine(store, Owner.acquire(store.folder))
    await engine.start()
    project = load(Disk(root), root).project
    assert project is not None
    await engine.adopt(await engine.open(project))
    await engine.settled(await start(engine, name))
    os._exit(1)  # it was to be killed


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), sys.argv[2]))
