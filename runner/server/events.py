"""A run's events as server-sent events: what the store holds, then what happens, without gap or repetition.

The id of an event is its number, so a reader that comes back says the last one it saw in `Last-Event-ID`. The words of
a running model call come as `delta` events without an id; they say their path, attempt and offset. A reader that comes
late gets the words so far from offset 0.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from runner.runs.events import AnyEvent
from runner.runs.live import Delta, Item, Lagged, Subscription
from runner.server.parts import Parts, parts_of, run_of

routes = APIRouter(prefix="/runs")

PACE = 1.0
"""Seconds after which a silent reader looks into the store itself: another process may be working on the run."""
PAGE = 500


@routes.get("/{run}/events", response_class=StreamingResponse)
async def events(request: Request, run: str, last_event_id: Annotated[int, Header(ge=-1)] = -1) -> StreamingResponse:
    """Follow a run to its end, from its first event or from the one behind `Last-Event-ID`."""
    parts = parts_of(request)
    run_of(parts, run)
    stream = _Stream(parts, run, last_event_id)
    return StreamingResponse(stream.lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


class _Stream:
    """One reader of one run: `_last` is the number of the last event it was sent."""

    def __init__(self, parts: Parts, run: str, after: int) -> None:
        self._parts = parts
        self._run = run
        self._last = after
        self._is_over = False
        self._told: dict[tuple[str, int, str], int] = {}
        self._replied: set[str] = set()

    async def lines(self) -> AsyncIterator[str]:
        # Watching begins before the store is read: what happens in between is seen twice and sent once.
        subscription = self._parts.engine.live.subscribe(self._run)
        try:
            async for line in self._from_store():
                yield line
            for line in self._words_so_far():
                yield line
            async for line in self._as_it_happens(subscription):
                yield line
        finally:
            subscription.close()

    async def _as_it_happens(self, subscription: Subscription) -> AsyncIterator[str]:
        spoke = time.monotonic()
        while not self._is_over and not self._parts.stopping.is_set():
            item = await _next(subscription)
            async for line in self._about(item):
                spoke = time.monotonic()
                yield line
            if time.monotonic() - spoke >= self._parts.heartbeat:
                spoke = time.monotonic()
                yield ": still here\n\n"

    async def _about(self, item: Item | None) -> AsyncIterator[str]:
        """The lines for one thing that happened; None is silence."""
        if isinstance(item, Delta):
            for line in self._fresh(item):
                yield line
        elif item is not None and not isinstance(item, Lagged) and item.seq <= self._last + 1:
            if item.seq == self._last + 1:
                yield self._sent(item)
        else:
            async for line in self._from_store():
                yield line
            for line in self._words_so_far():
                yield line

    async def _from_store(self) -> AsyncIterator[str]:
        store = self._parts.engine.store
        while page := await asyncio.to_thread(store.events, self._run, self._last, PAGE):
            for event in page:
                yield self._sent(event)
        row = store.run(self._run)
        self._is_over = self._is_over or (row is not None and row.status == "ended" and row.last_seq <= self._last)

    def _sent(self, event: AnyEvent) -> str:
        self._last = event.seq
        self._is_over = event.type == "run.ended"
        if event.type == "model.replied":
            self._replied.add(event.path)
        return f"id: {event.seq}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"

    def _words_so_far(self) -> Iterator[str]:
        for delta in self._parts.engine.live.text_so_far(self._run):
            yield from self._fresh(delta)

    def _fresh(self, delta: Delta) -> Iterator[str]:
        """The part of a delta that was not sent yet."""
        key = (delta.path, delta.attempt, delta.kind)
        told = self._told.get(key, 0)
        end = delta.offset + len(delta.text)
        if end > told and delta.path not in self._replied:
            self._told[key] = end
            start = max(told, delta.offset)
            fresh = replace(delta, offset=start, text=delta.text[start - delta.offset :])
            yield f"event: delta\ndata: {json.dumps(asdict(fresh), ensure_ascii=False)}\n\n"


async def _next(subscription: Subscription) -> Item | None:
    """What comes next, None when nothing comes for a while."""
    try:
        async with asyncio.timeout(PACE):  # wait_for of Python 3.11 would lose a cancellation that meets an item
            return await anext(subscription)
    except TimeoutError:
        return None
