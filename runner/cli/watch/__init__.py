"""Watching a run: one fold over its events, shown as a live screen, as plain lines or as lines of JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from runner.cli import options
from runner.cli.watch.again import NOTHING_ANSWERED, Answered

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from runner.runs.events import AnyEvent
    from runner.runs.live import Delta


class Watcher(Protocol):
    """Shows what happens to a run, from its first event on."""

    def take(self, item: AnyEvent | Delta) -> None:
        """Show one more thing that happened."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def watcher(phases: Sequence[str] = (), answered: Answered = NOTHING_ANSWERED) -> Watcher:
    """The watcher that the options and the terminal call for.

    `phases` are those that a run may come to, `answered` the questions that somebody answered before.
    """
    from runner.cli.watch.plain import JsonLines, Lines, Quiet  # here: lists of runs watch none, and import this room

    wanted = options.current()
    if wanted.json:
        return JsonLines()
    if wanted.quiet:
        return Quiet(answered)
    if sys.stderr.isatty():
        from runner.cli.watch.screen import Screen

        return Screen(phases, answered)
    return Lines(answered)
