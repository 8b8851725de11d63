"""Watchers for pipes and logs: lines of words, lines of JSON, or only what a run waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import click

from runner.cli.display import as_json, insist, one_line, safe
from runner.cli.watch.again import NOTHING_ANSWERED, Answered, is_over
from runner.runs.events import ApprovalAsked
from runner.runs.live import Delta
from runner.runs.state import RunState

if TYPE_CHECKING:
    from types import TracebackType

    from runner.runs.events import AnyEvent


class Silence:
    """Shows nothing."""

    def take(self, item: AnyEvent | Delta) -> None:
        """Pass over what happened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Quiet(Silence):
    """Only what waits for a person, and how it is decided: who is not told would wait for nothing."""

    def __init__(self, answered: Answered = NOTHING_ANSWERED) -> None:
        """The questions `answered` before are passed over."""
        self._state = RunState()
        self._answered = answered

    def take(self, item: AnyEvent | Delta) -> None:
        """Print a question."""
        if isinstance(item, ApprovalAsked) and not is_over(item, self._state, self._answered):
            insist(f"run {item.run} waits for a person: {one_line(item.ask)}", fg="yellow")
            insist(f"  runner approve {item.approval}   (or with --deny)", fg="yellow")


class JsonLines(Silence):
    """Every event as one line of JSON on stdout; a model's words come with its reply."""

    def take(self, item: AnyEvent | Delta) -> None:
        """Print an event."""
        if not isinstance(item, Delta):
            click.echo(as_json(item.model_dump(mode="json")))


class Lines(Silence):
    """Every event in words, on stderr."""

    def __init__(self, answered: Answered = NOTHING_ANSWERED, *, err: bool = True) -> None:
        """The questions `answered` before are passed over."""
        self._state = RunState()
        self._answered = answered
        self._err = err

    def take(self, item: AnyEvent | Delta) -> None:
        """Print what an event says."""
        if isinstance(item, Delta):
            return
        from runner.cli.watch.words import lines

        self._state.apply(item)
        for line in lines(item, self._state, self._answered):
            click.echo(styled(line.text, line.style), err=self._err)


def styled(text: str, style: str) -> str:
    """A text in the style of a line."""
    words = style.split()
    color = next((word for word in words if word not in ("bold", "dim")), None)
    return click.style(safe(text), fg=color, bold="bold" in words or None, dim="dim" in words or None)
