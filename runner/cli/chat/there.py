"""A chat through the daemon: the runs are the daemon's and outlive this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar, Self

from runner.cli.display import say
from runner.runs.events import RunWaiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from runner.cli.client import Daemon
    from runner.runs.events import AnyEvent
    from runner.runs.live import Delta


class There:
    """The runs of a chat, worked on by a daemon."""

    is_here: ClassVar = False

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    def begin(self, agent: str, text: str, previous: str) -> str:
        """Start a run of a message and return its id."""
        return self._daemon.say(agent, text, previous)

    def watch(self, run: str, seen: int, take: Callable[[AnyEvent | Delta], None]) -> None:
        """Tell what happens; where nobody can be asked here, also while it waits for a person elsewhere."""
        try:
            for item in self._daemon.follow(run, seen):
                take(item)
                if isinstance(item, RunWaiting) and item.is_for_person and sys.stdin.isatty():
                    return
        except KeyboardInterrupt:
            say(f"left; run {run} goes on: `runner runs logs -f {run}` or `runner runs cancel {run}`")
            say(f"once it has ended: `runner chat --previous {run}`")
            raise

    def go_on(self, run: str) -> None:
        """The daemon does, by itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
