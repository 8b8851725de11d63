"""Sees that files have changed: told by the system, and by comparing them whatever the system says."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Literal

from runner.reload.prints import FILES, digests, is_part, survey
from runner.reload.reading import Seen
from runner.spec.layout import TOP_FOLDERS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

Mode = Literal["auto", "poll", "off"]

STEP = 20
"""Milliseconds without news after which the system's news are handed over."""
HOARD = 100
"""Milliseconds after which they are handed over although there are ever more."""
IMPATIENCE = 500
"""Milliseconds after which a watch that was just armed is looked behind: something may have changed meanwhile."""
COMPARE = 30.0
"""Seconds between two comparisons of all contents while the system tells of changes, too."""
POLL = 2.0
"""Seconds between two comparisons when nothing else tells of changes."""


class Watching:
    """The files of one root as they were seen last."""

    def __init__(self, root: Path) -> None:
        self.seen = Seen()
        """What was loaded last: only what differs from it is a change."""
        self._root = root
        self._changed_at: float | None = None
        self._fault = ""
        self._asked_anew = asyncio.Event()
        self._news: AsyncGenerator[set[tuple[Any, str]], None] | None = None
        self._armed: dict[str, int] = {}
        self._compare_at = 0.0

    def look_anew(self) -> None:
        """Let `changed` return: what to watch, and whether, may be another now."""
        self._asked_anew.set()

    async def changed(self, mode: Mode, *, again: float | None = None) -> bool:
        """Wait until the files differ from what was loaded (True), or until there is reason to ask anew (False).

        `again` is the number of seconds after which they count as changed in any case.
        """
        self._asked_anew.clear()
        if mode != "auto":
            await self.close()
        if again is not None:
            await asyncio.sleep(again)
            return True
        if mode == "off":
            await self._asked_anew.wait()
            return False
        return await (self._compared(POLL) if mode == "poll" else self._told())

    async def close(self) -> None:
        """Give the system's watch back."""
        news, self._news = self._news, None
        if news is not None:
            await news.aclose()

    def report(self, mode: Mode) -> dict[str, Any]:
        """How changes are seen, where, and when the last one was."""
        paths = [*FILES, *TOP_FOLDERS, *sorted(self.seen.named)]
        return {
            "mode": mode,
            "why": self._fault,
            "paths": [str(self._root / path) for path in paths],
            "changed_at": self._changed_at,
        }

    async def _compared(self, pause: float) -> bool:
        await asyncio.sleep(pause)
        return await self._differs()

    async def _told(self) -> bool:
        """Wait for news about the folders as they are now; False when others are to be watched."""
        try:
            return await self._heard(await self._listening())
        except FileNotFoundError:  # a folder has just gone
            return await self._compared(STEP / 1000)
        except (OSError, RuntimeError) as error:  # the system watches no more of them: the library raises either
            self._fault = f"the system cannot watch, so files are compared every {POLL:g} s: {error}"
            await self.close()
            return await self._compared(POLL)

    async def _listening(self) -> AsyncGenerator[set[tuple[Any, str]], None]:
        """The system's news, which go on from call to call: what comes up during a load is not missed."""
        from watchfiles import awatch

        folders = (await asyncio.to_thread(survey, self._root, self.seen.named)).folders
        if str(self._root) not in folders:
            raise FileNotFoundError(self._root)
        if self._news is None or folders != self._armed:
            await self.close()
            self._armed, self._compare_at = folders, 0.0
            self._news = awatch(
                *folders,
                watch_filter=None,
                step=STEP,
                debounce=HOARD,
                rust_timeout=IMPATIENCE,
                yield_on_timeout=True,
                recursive=False,
            )
        return self._news

    async def _heard(self, news: AsyncGenerator[set[tuple[Any, str]], None]) -> bool:
        async for changes in news:
            self._fault = ""
            if self._has_lost(changes):
                self._armed = {}  # that watch is of no use, and a folder made in that place may have the same number
                return await self._differs()
            if self._asked_anew.is_set() or self._concerns(changes):
                return await self._differs()  # if not, what to watch may be another now
            if time.monotonic() >= self._compare_at:
                return await self._differs_untold()
        self._news = None
        return False

    async def _differs_untold(self) -> bool:
        """Whether the files differ though the system told nothing; if so, its watch is not to be trusted any more."""
        differs = await self._differs()
        if differs:
            self._armed = {}
        return differs

    async def _differs(self) -> bool:
        """Whether the files are not what was loaded: by their prints, and now and then by what is in them."""
        seen, is_due = self.seen, time.monotonic() >= self._compare_at
        if is_due:
            self._compare_at = time.monotonic() + COMPARE
        differs = (await asyncio.to_thread(survey, self._root, seen.named)).prints != seen.survey.prints
        if not differs and is_due:
            differs = await asyncio.to_thread(digests, self._root, seen.digests) != seen.digests
        if differs:
            self._changed_at = time.time()
        return differs

    def _concerns(self, changes: set[tuple[Any, str]]) -> bool:
        ways = self.seen.survey.ways
        return any(path in ways or is_part(self._root, self.seen.named, path) for _, path in changes)

    def _has_lost(self, changes: set[tuple[Any, str]]) -> bool:
        """Whether a folder that is watched came or went: whatever is in its place now is not what is watched."""
        from watchfiles import Change

        return any(path in self._armed and change is not Change.modified for change, path in changes)
