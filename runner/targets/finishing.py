"""What must not be left half done: begun with a process that has to be known, or ended with one that has to go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

ResultT = TypeVar("ResultT")


async def finished(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """What comes of the work, which is done to its end; a cancellation meanwhile is raised at the next await after it.

    Unlike `asyncio.shield` it does not return before, however often it is cancelled: what is left to a task of its own
    goes undone when the loop ends.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and (caller := asyncio.current_task()) is not None:
        caller.uncancel()  # it counts once: a time-out knows its own cancellation by the number of them
        caller.cancel(*cancelled.args)
    return task.result()
