"""`runner chat`: talk with an agent, or with whom each message fits; every message is a run, after the last one's."""

from __future__ import annotations

import sys
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.chat.asking import decide_here, is_asked_here
from runner.cli.chat.messages import left_unsaid, messages
from runner.cli.client import find
from runner.cli.codes import WAITING
from runner.cli.display import insist, one_line, say
from runner.cli.follow import finish
from runner.cli.names import pick, refuse_more
from runner.cli.routing import print_scores
from runner.cli.run import project_of
from runner.cli.watch import watcher
from runner.cli.watch.again import Answered
from runner.errors import UsageError
from runner.runs.live import Delta
from runner.runs.state import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.cli.chat.side import Side
    from runner.cli.client import Daemon
    from runner.project.project import Project
    from runner.runs.events import AnyEvent

SUGGESTED = 4
"""Suggestions that are shown before the first message."""
_SAID = 'a message is typed at the prompt, or piped: `echo "…" | runner chat`'


@click.command(context_settings={"allow_extra_args": True})
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
    _check(project, agent, previous)
    if sys.stdin.isatty():
        say(f"{agent or 'each message goes to the agent that it fits'}; Ctrl-D ends it")
        for words in islice(_suggestions(project, agent), SUGGESTED):
            say(f"  such as: {one_line(words)}", dim=True)
    with _side(project, daemon) as side:
        return _talk(side, agent or "", previous, explain=explain)


def _check(project: Project, agent: str | None, previous: str) -> None:
    """Refuse what can be nothing, before anything is said."""
    if agent:
        try:
            pick("agent", project.agents, agent)
        except UsageError as error:
            error.hint = _SAID if " " in agent.strip() else error.hint
            raise
        refuse_more(_SAID)
    if previous:
        from runner.engine.former import former
        from runner.engine.submit import message

        with place.store() as store:
            former(store, message(agent or "", "", "", previous=previous))


def _suggestions(project: Project, agent: str | None) -> Iterator[str]:
    """What the agent may be asked; where none is named one thing of each that there is to choose from."""
    from runner.engine.routing.router import among

    if agent:
        return iter(project.agents[agent].spec.suggestions)
    return chain.from_iterable(project.agents[name].spec.suggestions[:1] for name in among(project))


def _side(project: Project, daemon: Daemon | None) -> Side:
    """Through the daemon when one is up, else in this process."""
    if daemon is not None:
        from runner.cli.chat.there import There

        return There(daemon)
    from runner.cli.chat.here import Here

    return Here(project)


def _talk(side: Side, agent: str, previous: str, *, explain: bool) -> int:
    code = 0
    for text in messages():
        run = side.begin(agent, text, previous)
        state = _watched(side, run)
        if state.ended is None:
            insist(_waits(side, run), fg="yellow")
            if left := left_unsaid():
                insist(left, fg="yellow")
            return WAITING
        code = finish(state.ended, state)
        if explain and not options.current().json:
            _explain(state, agent)
        previous = run
    return code


def _watched(side: Side, run: str) -> RunState:
    """Show what happens until the run has ended, or waits for a person who is not here."""
    state, watching = RunState(), watcher(["answer"], Answered(are_asked=is_asked_here()))

    def take(item: AnyEvent | Delta) -> None:
        watching.take(item)
        if not isinstance(item, Delta):
            state.apply(item)

    while True:
        with watching:
            side.watch(run, state.last_seq, take)
        try:
            if state.ended is not None or not decide_here(run):
                return state
        except click.Abort:
            insist(f"\n{_waits(side, run)}", fg="yellow")
            raise
        side.go_on(run)


def _waits(side: Side, run: str) -> str:
    """That a run waits, and how to go on with it and with the conversation."""
    resumed = f", `runner runs resume {run}` goes on with it" if side.is_here else ""
    return f"run {run} waits: `runner approve` decides{resumed}; once it has ended: `runner chat --previous {run}`"


def _explain(state: RunState, agent: str) -> None:
    """Why this agent answered, behind its answer."""
    for chosen in state.chosen.values():
        print_scores(chosen.candidates, err=True)
        if chosen.agent:  # else the run failed with the same words
            say(f"{chosen.agent}: {chosen.reason}")
    if agent:
        say(f"{agent} was named, so there was nothing to choose")
