"""The only writer of journals in this process: one thread, and commits that many runs share.

Rows that somebody waits for are written at the next turn of the loop, so that all who ask in one turn share a commit;
while a commit runs the next batch fills, and it starts when that commit ends. Rows nobody waits for follow within
`LAZY` seconds. The writer never dies silently: on any fault all who wait are told, nothing more is accepted, and
`on_failure` is called.

Test hook: with RUNNER_CRASH_AT=N in the environment, the N-th append of the process commits all appends before it and
then kills the process with SIGKILL.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from typing import TypeVar, cast

from pydantic_core import PydanticSerializationError

from runner.errors import FenceLost, KeyTaken, StoreError
from runner.runs.batch import Batch, Fence, Line
from runner.runs.events import AnyEvent, parse_event
from runner.runs.live import Live
from runner.runs.store import Store

LAZY = 0.02
CRASH_AT = "RUNNER_CRASH_AT"

EventT = TypeVar("EventT", bound=AnyEvent)


class Journal:
    """Accepts events of any number of runs, in the event loop's thread, and makes them durable in order."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.live = Live()
        self.clock = clock
        self._filling = Batch()
        self._flying: Batch | None = None
        self._kicked = False
        self._failure: StoreError | None = None
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
        self._appends = 0
        self._crash_at = int(os.environ.get(CRASH_AT, "0"))

    def start(self, on_failure: Callable[[BaseException], None]) -> None:
        """Begin to write; `on_failure` is called once, in the loop, if the writer cannot go on."""
        self._loop = asyncio.get_running_loop()
        self._on_failure = on_failure
        self._thread.start()

    async def close(self) -> None:
        """Write what was accepted, accept nothing more, and end the writer's thread; raises `StoreError`."""
        failure, self._failure = self._failure, self._failure or StoreError("the journal is closed")
        try:
            if failure is None:
                await self._drain()
        finally:
            self._batches.put(None)
            self._thread.join()

    def open(self, run: str, last_seq: int = -1) -> RunJournal:
        """The journal of one run, whose next event gets the number `last_seq + 1`."""
        return RunJournal(self, run, last_seq)

    # ------------------------------------------------------------------------------------ asked by run journals

    def accept(self, line: Line) -> Batch:
        """Take an event into the batch that is filling; never blocks."""
        if self._failure is not None:
            raise self._failure
        self._appends += 1
        if self._appends == self._crash_at:
            self._crash()
        if not self._filling.lines:
            self._loop.call_later(LAZY, self._send, self._filling)
        self._filling.lines.append(line)
        return self._filling

    async def wait(self, batch: Batch) -> None:
        """Return when a batch is over; raises `StoreError` if the writer has failed."""
        if not batch.over:
            waiter = self._loop.create_future()
            batch.waiters.append(waiter)
            if batch is self._filling:
                self._kick()
            await waiter
        if batch.failure is not None:
            raise batch.failure

    # ------------------------------------------------------------------------------------------ in the loop

    async def _drain(self) -> None:
        last = self._filling if self._filling.lines else self._flying
        if last is not None:
            await self.wait(last)

    def _kick(self) -> None:
        """Send the filling batch after this turn of the loop, or as soon as the flying one is down."""
        if self._flying is None and not self._kicked:
            self._kicked = True
            self._loop.call_soon(self._send, self._filling)

    def _send(self, batch: Batch) -> None:
        if batch is self._filling and self._flying is None:
            self._kicked = False
            self._flying, self._filling = batch, Batch()
            self._batches.put(batch)

    def _landed(self, batch: Batch) -> None:
        """A batch is over: wake those who wait, so that what they append next joins the batch after it."""
        self._flying = None
        if batch.failure is not None:
            self._fail(batch, batch.failure)
            return
        batch.settle()
        if self._filling.lines:
            self._kick()
        self.live.publish(line.event for line in batch.lines if line.fence.lost is None)

    def _fail(self, batch: Batch, failure: StoreError) -> None:
        self._failure = self._filling.failure = failure
        for unwritten in (batch, self._filling):
            unwritten.settle()
        self._on_failure(failure)

    def _crash(self) -> None:
        self._batches.put(self._filling)
        self._batches.put(None)
        self._thread.join()
        os.kill(os.getpid(), signal.SIGKILL)

    # --------------------------------------------------------------------------------- in the writer's thread

    def _write_all(self) -> None:
        while (batch := self._batches.get()) is not None:
            try:
                self._write(batch)
            except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                batch.failure = _as_store_error(error)
            with suppress(RuntimeError):  # the loop is gone, and with it all who could wait
                self._loop.call_soon_threadsafe(self._landed, batch)
            if batch.failure is not None:
                return

    def _write(self, batch: Batch) -> None:
        lines = [line for line in batch.lines if line.fence.lost is None]
        try:
            self._commit(lines)
        except (FenceLost, KeyTaken):
            for fence in dict.fromkeys(line.fence for line in lines):
                self._write_alone(fence, [line for line in lines if line.fence is fence])

    def _write_alone(self, fence: Fence, lines: list[Line]) -> None:
        """Write one run's part of a batch in which some run collided; only its own collision concerns it."""
        try:
            self._commit(lines)
        except (FenceLost, KeyTaken) as error:
            fence.lost = error

    def _commit(self, lines: list[Line]) -> None:
        keys = {line.event.run: line.key for line in lines if line.key}
        self.store.append_lines([(line.event, line.text) for line in lines], keys)


class RunJournal:
    """The journal of one run as its owner writes it."""

    def __init__(self, journal: Journal, run: str, last_seq: int) -> None:
        self.run = run
        self._fence = Fence()
        self._journal = journal
        self._seq = last_seq
        self._batch: Batch | None = None

    @property
    def last_seq(self) -> int:
        """The number of the last event that was appended."""
        return self._seq

    def append(self, event: EventT, *, key: str = "") -> EventT:
        """Take an event over: number and time it, queue it and return it as it will be read; never blocks.

        `key` makes a run begin once. Raises `FenceLost` or `KeyTaken` once that was found, `StoreError` once the writer
        failed.
        """
        if self._fence.lost is not None:
            raise self._fence.lost
        # Frozen is for readers, and a new event has none yet; a copy of each would cost more than its JSON.
        stamped = event if event.seq < 0 else copy(event)
        stamped.__dict__.update(run=self.run, seq=self._seq + 1, time=self._journal.clock())
        stamped, text = _written(stamped)
        self._batch = self._journal.accept(Line(self._fence, stamped, text, key))
        self._seq += 1
        return stamped

    async def flush(self) -> None:
        """Return when all that was appended so far is on disk; raises as `append` does."""
        if self._batch is not None:
            await self._journal.wait(self._batch)
        if self._fence.lost is not None:
            raise self._fence.lost


def _written(event: EventT) -> tuple[EventT, str]:
    """An event as it will be read, and its JSON; halves of surrogate pairs, which JSON may bring, become `?`."""
    try:
        return event, event.model_dump_json()
    except PydanticSerializationError:
        text = json.dumps(event.model_dump(), ensure_ascii=False).encode(errors="replace").decode()
        return cast("EventT", parse_event(text)), text


def _as_store_error(error: BaseException) -> StoreError:
    if isinstance(error, StoreError):
        return error
    failure = StoreError(f"the journal cannot be written: {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure
