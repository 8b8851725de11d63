"""Follow a run to its end: show what happens, print what it gives, and answer with its exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options
from runner.cli.codes import code_of
from runner.cli.display import as_json, complain, one_line, say, show
from runner.cli.watch import watcher
from runner.cli.watch.again import NOTHING_ANSWERED, Answered
from runner.cli.watch.dry import print_foreseen
from runner.cli.watch.fleets import OF_COMMANDS, fleet
from runner.cli.watch.talks import failed_calls
from runner.runs.live import Delta
from runner.runs.state import RunState

if TYPE_CHECKING:
    from runner.cli.client import Daemon
    from runner.runs.events import AnyEvent, RunEnded

WHY = 400
"""Characters of a reason that are shown."""


def follow(items: Iterable[AnyEvent | Delta], phases: Sequence[str] = (), answered: Answered = NOTHING_ANSWERED) -> int:
    """Show everything until the run has ended, but the questions that were `answered` before."""
    state = RunState()
    with watcher(phases, answered) as watching:
        for item in items:
            watching.take(item)
            if not isinstance(item, Delta):
                state.apply(item)
    return finish(state.ended, state) if state.ended else 0


def hand_over(daemon: Daemon, run_id: str, phases: Iterable[str], *, detach: bool) -> int:
    """Watch a run that a daemon works on, which Ctrl-C leaves; or only say which one it is."""
    if detach:
        show(as_json({"id": run_id}) if options.current().json else run_id)
        return 0
    try:
        return follow(daemon.follow(run_id), list(phases))
    except KeyboardInterrupt:
        say(f"left; run {run_id} goes on: `runner runs logs -f {run_id}` or `runner runs cancel {run_id}`")
        raise


def finish(ended: RunEnded, state: RunState) -> int:
    """Print what a run gave, and answer with its exit code; where nobody watched, also why it did not pass.

    `state` is the fold of its events: what a dry run would have done, and which calls failed.
    """
    wanted, told = options.current(), list(state.foreseen.values())
    if told and not wanted.json:
        print_foreseen(told)
    print_output(ended)
    if wanted.quiet and not wanted.json and ended.verdict != "pass":
        hint = one_line(ended.evidence.get("hint", ""), WHY)
        complain(f"run {ended.run} ended with {ended.verdict}: {one_line(ended.why, WHY)}", hint)
    if wanted.quiet and not wanted.json:
        for words in failed_calls(state):
            click.echo(words, err=True)
    return code_of(ended)


def print_output(ended: RunEnded) -> None:
    """Print what a run gave, unless its events are printed as data."""
    if ended.output not in (None, "") and not options.current().json:
        show(output(ended.output))


def output(value: Any) -> str:
    """An output as a person reads it: text as it is, what many hosts answered as a table, other data as JSON."""
    if table := fleet(value):
        return "\n".join(line.text for line in table)
    if isinstance(value, dict) and "text" in value and set(value) <= OF_COMMANDS and not value.get("truncated"):
        value = value["text"]
    return value.rstrip("\n") if isinstance(value, str) else as_json(value, indent=2)
