"""Sees that files have changed: told by the system, and by comparing their prints whatever the system says."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal

from runner.reload.prints import FILES, FOLDERS, Prints, directories, is_part, prints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from pathlib import Path

Mode = Literal["auto", "poll", "off"]

STEP = 50
"""Milliseconds without news after which the system's news are handed over."""
IMPATIENCE = 500
"""Milliseconds after which a watch that was just armed is looked behind: something may have changed meanwhile."""
COMPARE = 30.0
"""Seconds between two comparisons of all prints while the system tells of changes, too."""
POLL = 2.0
"""Seconds between two comparisons when nothing else tells of changes."""


class Watching:
    """The files of one root as they were seen last."""

    def __init__(self, root: Path) -> None:
        self.named: frozenset[str] = frozenset()
        """Files of the project outside the three folders, from the root."""
        self._root = root
        self._seen: Prints = {}
        self._changed_at: float | None = None
        self._fault = ""
        self._asked_anew = asyncio.Event()

    def saw(self, named: Collection[str], seen: Prints) -> None:
        """Take note of what was loaded: only what differs from it is a change."""
        self.named, self._seen = frozenset(named), seen

    def look_anew(self) -> None:
        """Let `changed` return: what to watch, and whether, may be another now."""
        self._asked_anew.set()

    async def changed(self, mode: Mode, *, again: float | None = None) -> bool:
        """Wait until the files differ from what was loaded (True), or until there is reason to ask anew (False).

        `again` is the number of seconds after which they count as changed in any case.
        """
        self._asked_anew.clear()
        if again is not None:
            await asyncio.sleep(again)
            return True
        if mode == "off":
            await self._asked_anew.wait()
            return False
        return await (self._compared() if mode == "poll" else self._told())

    def report(self, mode: Mode) -> dict[str, Any]:
        """How changes are seen, where, and when the last one was."""
        paths = [*FILES, *FOLDERS, *sorted(self.named)]
        return {
            "mode": mode,
            "why": self._fault,
            "paths": [str(self._root / path) for path in paths],
            "changed_at": self._changed_at,
        }

    async def _compared(self) -> bool:
        await asyncio.sleep(POLL)
        return await self._differs()

    async def _told(self) -> bool:
        """Wait for news about the directories as they are now; False when others are to be watched."""
        from watchfiles import awatch

        armed = await asyncio.to_thread(directories, self._root, self.named)
        news = awatch(
            *armed,
            watch_filter=None,
            step=STEP,
            rust_timeout=IMPATIENCE,
            yield_on_timeout=True,
            recursive=False,
            stop_event=self._asked_anew,
        )
        try:
            async with aclosing(news):
                return await self._heard(news, armed)
        except OSError as error:  # a directory has just gone, or the system watches no more of them
            self._fault = f"the system cannot watch: {error.strerror or error}"
            return await self._compared()

    async def _heard(self, news: AsyncIterator[set[tuple[Any, str]]], armed: dict[str, int]) -> bool:
        self._fault, compare_at = "", 0.0
        async for changes in news:
            if not self._concerns(changes) and time.monotonic() < compare_at:
                continue
            compare_at = time.monotonic() + COMPARE
            if await self._differs():
                return True
            if await asyncio.to_thread(directories, self._root, self.named) != armed:
                return False
        return False

    async def _differs(self) -> bool:
        if await asyncio.to_thread(prints, self._root, self.named) == self._seen:
            return False
        self._changed_at = time.time()
        return True

    def _concerns(self, changes: set[tuple[Any, str]]) -> bool:
        return any(is_part(self._root, self.named, path) for _, path in changes)
