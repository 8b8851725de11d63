"""Work on a run in this process, on the same store as any daemon's."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from runner.cli import place
from runner.cli.client import person
from runner.cli.codes import WAITING
from runner.cli.display import insist, say
from runner.cli.edge import INTERRUPTED
from runner.cli.follow import finish
from runner.cli.watch import watcher
from runner.cli.watch.again import NOTHING_ANSWERED, Answered
from runner.engine import Engine, Start
from runner.errors import RunnerError, UsageError
from runner.project.startable import startable
from runner.runs.events import RunEnded, RunWaiting
from runner.runs.live import Delta, Item, Lagged
from runner.runs.owners import Owner
from runner.runs.state import fold
from runner.runs.store import Store

if TYPE_CHECKING:
    from runner.models.cassettes import Tape
    from runner.project.project import Project, WorkflowEntry
    from runner.runs.events import AnyEvent
    from runner.runs.rows import RunRow

T = TypeVar("T")
GRACE = 10.0
"""Seconds that a tool which changes something gets to finish when this process ends."""
PACE = 1.0
"""Seconds of silence after which the store is read: another process may have taken the run."""


def run(
    project: Project,
    entry: WorkflowEntry,
    inputs: Mapping[str, Any],
    at: str = "",
    tape: Tape | None = None,
    *,
    dry: bool = False,
) -> int:
    """Start a run, work on it until it ends or waits for a person, and answer with its exit code.

    `project` are the files in force now; `at` are those that the run begins with, if it is others.
    """

    async def work(engine: Engine) -> int:
        run_id = await engine.submit(Start(entry.name, inputs, by=person(), at=at, dry=dry))
        return await _watch(engine, run_id, -1, list(entry.spec.phases))

    return _with_engine(project, work, tape)


def rerun(project: Project, run: str, at: str, phases: Sequence[str]) -> int:
    """Start a run anew and work on it in the same way."""

    async def work(engine: Engine) -> int:
        run_id = await engine.rerun(run, at=at, by=person())
        return await _watch(engine, run_id, -1, phases)

    return _with_engine(project, work)


def resume(project: Project, row: RunRow, answered: Answered, *, is_called: bool) -> int:
    """Go on with a run that nobody works on; `is_called`: a command waits for it, which may be acted on elsewhere.

    Its questions that were `answered` before are not shown again.
    """

    async def work(engine: Engine) -> int:
        with suppress(*[UsageError] if is_called else []):  # whoever works on it acts on the command
            await engine.resume(row.id)
        entry = startable(project, row.name)
        phases = list(entry.spec.phases) if entry else []
        return await _watch(engine, row.id, row.last_seq, phases, answered)

    return _with_engine(project, work)


def cancel(project: Project, row: RunRow, note: str) -> None:
    """Cancel a run that nobody works on; what it does `finally` is done here."""

    async def work(engine: Engine) -> None:
        await engine.cancel(row.id, by=person(), note=note)
        await engine.settled(row.id)

    _with_engine(project, work)


def _with_engine(project: Project, work: Callable[[Engine], Awaitable[T]], tape: Tape | None = None) -> T:
    async def all_of_it() -> T:
        async with engine_on(project, tape) as engine:
            return await work(engine)

    return asyncio.run(all_of_it())


@asynccontextmanager
async def engine_on(project: Project, tape: Tape | None = None) -> AsyncIterator[Engine]:
    """An engine of this process that works on new runs of a project."""
    store = Store.open(place.storage())
    try:
        owner = Owner.acquire(store.folder)
        engine = Engine(store, owner, tape=tape)
        try:
            await engine.start(resume=False)
            await engine.adopt(await engine.open(project))
            yield engine
        finally:
            await engine.close(GRACE)
            owner.release()
    finally:
        store.close()


async def _watch(
    engine: Engine, run_id: str, known: int, phases: Sequence[str], answered: Answered = NOTHING_ANSWERED
) -> int:
    """Follow the run until it ends or waits for a person; the events up to `known` are shown and are history."""
    with watcher(phases, answered) as watching, cancel_on_interrupt(engine, run_id) as interrupt:
        ended = await follow_here(engine, run_id, known, watching.take)
    await engine.settled(run_id)
    if ended is not None:
        code = finish(ended, fold(engine.store.events(run_id)))
        return INTERRUPTED if interrupt.is_set() else code
    insist(f"run {run_id} waits; once that is decided: `runner runs resume {run_id}`", fg="yellow")
    return WAITING


async def follow_here(
    engine: Engine, run_id: str, known: int, take: Callable[[AnyEvent | Delta], None]
) -> RunEnded | None:
    """Show the run to its end; None when it waits for a person. One that only waits for a time is woken then."""
    wakes: list[asyncio.Task[None]] = []
    try:
        async for item in _items(engine, run_id):
            take(item)
            if isinstance(item, RunEnded):
                return item
            if isinstance(item, RunWaiting) and item.seq > known:
                if item.is_for_person:
                    return None
                wakes.append(asyncio.create_task(_wake(engine, run_id, item)))
        return None
    finally:
        for wake in wakes:
            wake.cancel()


async def _wake(engine: Engine, run_id: str, waiting: RunWaiting) -> None:
    """Sleep until the earliest timer, then take the run up again."""
    due = min((one.until for one in waiting.on if one.until is not None), default=0.0)
    await asyncio.sleep(max(0.0, due - time.time()))
    await engine.settled(run_id)
    with suppress(UsageError):  # something else woke it, or it has ended
        await engine.resume(run_id)


async def _items(engine: Engine, run_id: str) -> AsyncIterator[AnyEvent | Delta]:
    """All events from the first one on, and words as they come."""
    subscription, seen = engine.live.subscribe(run_id), -1
    failed = asyncio.create_task(engine.failed())
    coming: asyncio.Future[Item] | None = None
    news: Sequence[AnyEvent | Delta] = engine.store.events(run_id)
    try:
        while True:
            for one in news:
                if isinstance(one, Delta) or one.seq > seen:
                    seen = seen if isinstance(one, Delta) else one.seq
                    yield one
            coming = coming or asyncio.ensure_future(anext(subscription))
            either: set[asyncio.Future[Any]] = {coming, failed}
            await asyncio.wait(either, timeout=PACE, return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                raise RunnerError(f"the journal cannot be written: {failed.result()}")
            item = coming.result() if coming.done() else None
            coming = None if coming.done() else coming
            news = engine.store.events(run_id, seen) if item is None or isinstance(item, Lagged) else [item]
    finally:
        failed.cancel()
        subscription.close()


class cancel_on_interrupt:  # noqa: N801 - read as a statement
    """Lets Ctrl-C cancel the run; a second one ends this process, and the run can be resumed."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._engine = engine
        self._run = run_id
        self._loop = asyncio.get_running_loop()
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> asyncio.Event:
        self._loop.add_signal_handler(signal.SIGINT, self._interrupt)
        return self._asked

    def __exit__(self, *_: object) -> None:
        self._loop.remove_signal_handler(signal.SIGINT)

    def _interrupt(self) -> None:
        self._loop.remove_signal_handler(signal.SIGINT)
        self._asked.set()
        say("cancelling; once more to leave at once", fg="yellow")
        self._task = self._loop.create_task(self._cancel())

    async def _cancel(self) -> None:
        with suppress(UsageError):  # it has ended meanwhile
            await self._engine.cancel(self._run, by=person(), note="Ctrl-C")
