"""Parts of a run side by side: branches, items, the tool calls of one turn."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from runner.engine.steps.context import RunContext

T = TypeVar("T")


async def together(
    ctx: RunContext,
    parts: Sequence[Callable[[], Awaitable[T]]],
    *,
    concurrency: int = 0,
    enough: Callable[[dict[int, T]], bool] = lambda _results: False,
) -> dict[int, T]:
    """Results by index of parts run side by side (0: all at once); once `enough` says so the rest are cancelled.

    The first exception of a part cancels the others and is raised. However it ends, no part is running then.
    """
    crew = _Crew(ctx, parts, concurrency or len(parts))
    try:
        while crew.working() and not enough(crew.results):
            await crew.next_results()
    finally:
        await crew.dismiss()
    return crew.results


class _Crew(Generic[T]):
    """The tasks of `together`; a part's unit of `ctx.busy` is the coordinator's once the part is done."""

    def __init__(self, ctx: RunContext, parts: Sequence[Callable[[], Awaitable[T]]], concurrency: int) -> None:
        self.results: dict[int, T] = {}
        self._ctx = ctx
        self._due = deque(enumerate(parts))
        self._concurrency = concurrency
        self._tasks: dict[asyncio.Future[T], int] = {}

    def working(self) -> bool:
        return bool(self._tasks or self._due)

    async def next_results(self) -> None:
        """Start what may start, wait for at least one part to end, and keep what ended."""
        while self._due and len(self._tasks) < self._concurrency:
            index, part = self._due.popleft()
            self._tasks[asyncio.ensure_future(part())] = index
            self._ctx.busy += 1
        self._ctx.busy -= 1
        self._ctx.park_if_idle()
        try:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._ctx.busy += 1
        for task in sorted(done, key=self._tasks.__getitem__):
            index = self._tasks.pop(task)
            self._ctx.busy -= 1
            self.results[index] = task.result()

    async def dismiss(self) -> None:
        """Cancel what still runs and wait until it is gone."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)
        self._ctx.busy -= len(left)
        self._tasks.clear()
