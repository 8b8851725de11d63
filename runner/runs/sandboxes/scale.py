"""What a sandbox holds, measured so often that it takes a small part of the time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runner.runs.sandboxes import trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TIMES, _LONGEST = 10.0, 10.0
"""A size within the limit is good for ten times what measuring it took, in seconds of processor time, or for these."""


class Scale:
    """The scale for one sandbox; measuring waits for the disk: use a thread."""

    def __init__(self, work: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._clock = clock
        self._size = 0
        self._until = float("-inf")

    def held(self, most: int) -> int:
        """Bytes on the disk, measured anew where there were more than `most`; raises OSError when that cannot be."""
        if self._clock() >= self._until or self._size > most:
            began = time.thread_time()
            self._size = trees.whole_size(self._work.parent, self._work.name)
            self._until = self._clock() + min(_LONGEST, _TIMES * (time.thread_time() - began))
        return self._size
