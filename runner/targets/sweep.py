"""Before a run goes on, nothing of its former steps may be alive: what a dead daemon left running is killed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.targets.processes import OWNER, marks, processes

if TYPE_CHECKING:
    from collections.abc import Callable


def sweep(is_alive: Callable[[str], bool]) -> list[int]:
    """Kill every process that an owner started who is dead by `is_alive`, and wait until they are gone; their ids.

    Owners that `is_alive` does not know belong to another folder's daemon: it must call those alive.
    """
    swept: set[int] = set()
    while doomed := [one for one in processes() if (owner := marks(one.pid).get(OWNER)) and not is_alive(owner)]:
        for process in doomed:
            swept.add(process.pid)
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.005)
    return sorted(swept)
