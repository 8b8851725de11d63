"""Commands to a run, through the durable inbox: whoever owns the run acts on them, now or when it is next taken up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.cli.discreet import without_secrets
from runner.errors import UsageError
from runner.runs.inbox import Answered
from runner.runs.owners import is_alive

if TYPE_CHECKING:
    from runner.runs.inbox import CommandKind
    from runner.runs.rows import RunRow
    from runner.runs.store import Store

PATIENCE = 10.0
"""Seconds in which a living owner answers."""
PAUSE = 0.05


def give(store: Store, kind: CommandKind, run: str, payload: Mapping[str, Any]) -> bool:
    """Leave a command and wait for its answer; False when nobody is there to act on it yet.

    Raises `UsageError` when it is refused.
    """
    command = store.inbox.put(kind, run, without_secrets(dict(payload)))
    row = store.run(run)
    deadline = time.monotonic() + (PATIENCE if row is not None and is_attended(store, row) else 0.0)
    while (answer := store.inbox.answer_of(command)) is None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
    if answer.how is not Answered.DONE:
        raise UsageError(answer.text)
    return True


def is_attended(store: Store, row: RunRow) -> bool:
    """Whether some process works on a run, or will as soon as something is wanted of it."""
    from runner.cli.client import find

    return (row.status != "waiting" and bool(row.owner) and is_alive(store.folder, row.owner)) or (
        find(store.folder) is not None
    )
