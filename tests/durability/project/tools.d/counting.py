"""Tools whose effect is a line in a file: how often a step was really done is counted there, not in the journal."""

from __future__ import annotations

import os
import time

from runner.tools.context import Context

PAUSE = 0.01


def count(context: Context) -> dict[str, str]:
    """Write run and step in one piece, down to the disk, with a moment before and after for a crash to fall into."""
    time.sleep(PAUSE)
    descriptor = os.open(context.workspace / "counted", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{context.run} {context.step}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    time.sleep(PAUSE)
    return {"step": context.step}
