"""Readers of running runs in this process: events once they are durable, and a model's words as they come.

Everything here belongs to the thread of the event loop. A delta may overtake events of the same run that are still on
their way to the disk: readers go by its path.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Literal

from runner.runs.events import AnyEvent

ROOM = 1000
"""Items that a slow reader may leave lying before it has to read the store again."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Some words of a running model call; `offset` counts the characters of its kind before them in this attempt."""

    run: str
    path: str
    attempt: int
    offset: int
    text: str
    kind: Literal["text", "thinking"] = "text"


@dataclass(frozen=True, slots=True)
class Lagged:
    """The reader was too slow and items were dropped: read the store again from the last event that was seen."""


Item = AnyEvent | Delta | Lagged


class Subscription(AsyncIterator[Item]):
    """The items of one run or of all, in order; it ends when closed."""

    def __init__(self, live: Live, run: str | None, room: int) -> None:
        self._live = live
        self._run = run
        self._room = room
        self._items: deque[Item] = deque()
        self._news = asyncio.Event()
        self._closed = False

    async def __anext__(self) -> Item:
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._items.popleft()

    def close(self) -> None:
        """Take no more items; a reader that waits is told that it is over."""
        self._closed = True
        self._live.forget(self._run, self)
        self._news.set()

    def put(self, item: Item) -> None:
        """Hand over an item, or drop all that wait and say so."""
        if len(self._items) >= self._room:
            self._items.clear()
            self._items.append(Lagged())
        self._items.append(item)
        self._news.set()


class Live:
    """Passes on what happens to those who watch, and never waits for them."""

    def __init__(self) -> None:
        self._subscriptions: dict[str | None, set[Subscription]] = {}
        self._texts: dict[str, dict[str, _Text]] = {}

    def subscribe(self, run: str | None, room: int = ROOM) -> Subscription:
        """Watch one run, or all of them."""
        subscription = Subscription(self, run, room)
        self._subscriptions.setdefault(run, set()).add(subscription)
        return subscription

    def publish(self, events: Iterable[AnyEvent]) -> None:
        """Pass on events that are on disk."""
        for event in events:
            if self._texts and event.type in _ENDS:
                self._drop(event.run, event.path)
            if self._subscriptions:
                self._pass_on(event.run, event)

    def delta(self, delta: Delta) -> None:
        """Pass on some words of a model and keep them for those who come late."""
        texts = self._texts.setdefault(delta.run, {})
        text = texts.get(delta.path)
        if text is None or delta.attempt > text.attempt:
            text = texts[delta.path] = _Text(delta.attempt)
        text.parts[delta.kind].append(delta.text)
        self._pass_on(delta.run, delta)

    def text_so_far(self, run: str) -> list[Delta]:
        """The words so far of every model call that is running, one delta from offset 0 for each kind."""
        return [
            Delta(run, path, text.attempt, 0, "".join(parts), kind)
            for path, text in self._texts.get(run, {}).items()
            for kind, parts in text.parts.items()
            if parts
        ]

    def forget(self, run: str | None, subscription: Subscription) -> None:
        """Pass nothing more on to a subscription."""
        watching = self._subscriptions.get(run, set())
        watching.discard(subscription)
        if not watching:
            self._subscriptions.pop(run, None)

    def _pass_on(self, run: str, item: Item) -> None:
        for key in (run, None):
            for subscription in self._subscriptions.get(key, ()):
                subscription.put(item)

    def _drop(self, run: str, path: str) -> None:
        """Forget the words of the step that has ended, and of all steps inside it."""
        texts = self._texts.get(run, {})
        inside = f"{path}/" if path else ""
        for step in [step for step in texts if step == path or step.startswith(inside)]:
            del texts[step]
        if not texts:
            self._texts.pop(run, None)


@dataclass(slots=True)
class _Text:
    attempt: int
    parts: dict[Literal["text", "thinking"], list[str]] = field(default_factory=lambda: {"thinking": [], "text": []})


_ENDS = {"model.replied", "branch.left", "item.left", "phase.left", "phase.failed", "run.waiting", "run.ended"}
"""Events after which nothing at their path or below it is still being said."""
