"""The attendant: looks at what may set a run going again - commands of people, timers, deadlines, dead owners."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.engine.commands import apply_command
from runner.errors import FenceLost
from runner.runs.inbox import Answer, Answered
from runner.runs.owners import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.dispatch import Dispatch
    from runner.runs.inbox import Command
    from runner.runs.store import Store

PACE = 0.25
"""Seconds between two looks when nothing calls for one."""
ORPHANS = 20
"""Looks between two searches for runs whose owner has died."""


class Attendant:
    """One task that looks around at a steady pace, and at once when it is called."""

    def __init__(self, store: Store, dispatch: Dispatch, clock: Callable[[], float]) -> None:
        self._store = store
        self._dispatch = dispatch
        self._clock = clock
        self._called = asyncio.Event()
        self._looked = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._adopt_orphans = False

    def start(self, on_failure: Callable[[BaseException], None], *, adopt_orphans: bool) -> None:
        """Begin to look around; `on_failure` is called if it cannot go on."""
        self._adopt_orphans = adopt_orphans
        self._task = asyncio.create_task(self._attend(), name="attendant")
        self._task.add_done_callback(lambda task: _tell(task, on_failure))

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def look(self) -> None:
        """Look at once."""
        self._called.set()

    async def answer(self, command: int) -> Answer:
        """The answer of a command, once there is one."""
        while (answer := self._store.inbox.answer_of(command)) is None:
            self.look()
            async with self._looked:
                await self._looked.wait()
        return answer

    async def _attend(self) -> None:
        looks = 0
        while True:
            with suppress(FenceLost):
                await self._look_around()
                if self._adopt_orphans and looks % ORPHANS == 0:
                    self._take_up_orphans()
            looks += 1
            async with self._looked:
                self._looked.notify_all()
            with suppress(TimeoutError):  # wait_for of Python 3.11 would lose a cancellation that meets a call
                async with asyncio.timeout(PACE):
                    await self._called.wait()
            self._called.clear()

    async def _look_around(self) -> None:
        for command in self._store.inbox.pending():
            await self._attend_to(command)
        now = self._clock()
        for ctx in list(self._dispatch.live.values()):
            ctx.tick(now)
        if self._adopt_orphans:
            for run in self._store.due(now):
                self._dispatch.take_up(run, "wake")

    async def _attend_to(self, command: Command) -> None:
        """Hand a command to the run if it is in memory; wake the run if it is rows that nobody else works on.

        Whoever works here for one command of a person leaves the runs of others as they are.
        """
        ctx = self._dispatch.live.get(command.run)
        if ctx is not None:
            if not ctx.leaving:
                await apply_command(ctx, self._store, command)
            return
        if not self._adopt_orphans and command.run not in self._dispatch.own:
            return
        row = self._store.run(command.run)
        if row is None or row.status == "ended":
            self._store.inbox.answer(command.id, Answer(Answered.REFUSED, "refused: the run has ended"))
        elif row.status != "waiting" and self._is_held(row.owner):
            return
        elif command.kind == "cancel":
            self._dispatch.hurry(command.run)
        else:
            self._dispatch.take_up(command.run, "wake")

    def _take_up_orphans(self) -> None:
        for row in self._store.unfinished():
            if row.status != "waiting" and not self._is_held(row.owner):
                self._dispatch.take_up(row.id)

    def _is_held(self, owner: str) -> bool:
        return bool(owner) and is_alive(self._store.folder, owner)


def _tell(task: asyncio.Task[None], on_failure: Callable[[BaseException], None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        on_failure(error)
