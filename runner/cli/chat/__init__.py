"""`runner chat`: talk with an agent, or with whom each message fits; every message is a run, after the last one's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.chat.asking import decide_here
from runner.cli.client import find
from runner.cli.codes import WAITING
from runner.cli.display import say
from runner.cli.follow import finish
from runner.cli.names import pick
from runner.cli.routing import print_scores
from runner.cli.run import project_of
from runner.cli.watch import watcher
from runner.runs.live import Delta
from runner.runs.state import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.cli.chat.side import Side
    from runner.cli.client import Daemon
    from runner.project.project import Project
    from runner.runs.events import AnyEvent

PROMPT = "> "


@click.command
@click.argument("agent", required=False, metavar="[AGENT]")
@click.option("--explain", is_flag=True, help="Show what each agent scored, and why one was chosen.")
@click.option("--previous", metavar="RUN", default="", help="Go on with the conversation of a run.")
def chat(agent: str | None, previous: str, *, explain: bool) -> int:
    """Talk with an agent: a line is a message, and what was said before is known. Ctrl-D ends it.

    Without AGENT each message goes to the agent that it fits, as `runner agents route` tells. Every message is a run of
    its own, which `runner runs` shows; with a daemon up they are the daemon's. Answers are printed on stdout, what
    happens meanwhile on stderr. On a terminal what waits for a person is asked here; elsewhere the chat ends there.

    Exits with the code of the last message's run, as `runner run` does.
    """
    daemon = find(place.storage())
    project = project_of(daemon) if daemon else place.project()
    if agent:
        pick("agent", project.agents, agent)
    if sys.stdin.isatty():
        say(f"{agent or 'each message goes to the agent that it fits'}; Ctrl-D ends it")
    with _side(project, daemon) as side:
        return _talk(side, agent or "", previous, explain=explain)


def _side(project: Project, daemon: Daemon | None) -> Side:
    """Through the daemon when one is up, else in this process."""
    if daemon is not None:
        from runner.cli.chat.there import There

        return There(daemon)
    from runner.cli.chat.here import Here

    return Here(project)


def _talk(side: Side, agent: str, previous: str, *, explain: bool) -> int:
    code = 0
    for text in _messages():
        run = side.begin(agent, text, previous)
        state = _watched(side, run)
        if state.ended is None:
            say(f"run {run} waits; once it has ended: `runner chat --previous {run}`", fg="yellow")
            return WAITING
        code = finish(state.ended, state)
        if explain and not options.current().json:
            _explain(state, agent)
        previous = run
    return code


def _messages() -> Iterator[str]:
    """The lines that are said; empty ones are passed over."""
    if not sys.stdin.isatty():
        yield from (line.strip() for line in sys.stdin if line.strip())
        return
    import readline  # noqa: F401 - gives `input` its line editing

    while True:
        try:
            line = input(PROMPT).strip()
        except EOFError:
            click.echo(err=True)
            return
        if line:
            yield line


def _watched(side: Side, run: str) -> RunState:
    """Show what happens until the run has ended, or waits for a person who is not here."""
    state, watching = RunState(), watcher(["answer"])

    def take(item: AnyEvent | Delta) -> None:
        watching.take(item)
        if not isinstance(item, Delta):
            state.apply(item)

    while True:
        with watching:
            side.watch(run, state.last_seq, take)
        if state.ended is not None or not decide_here(run):
            return state
        side.go_on(run)


def _explain(state: RunState, agent: str) -> None:
    """Why this agent answered, behind its answer."""
    for chosen in state.chosen.values():
        print_scores(chosen.candidates, err=True)
        say(f"{chosen.agent or 'nobody'}: {chosen.reason}")
    if agent:
        say(f"{agent} was named, so there was nothing to choose")
