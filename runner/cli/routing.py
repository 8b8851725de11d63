"""`runner agents route`: which agent answers a message, what every agent scored, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.display import one_line, say, show, show_json, table
from runner.cli.names import refuse_more

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.engine.routing.router import Learned
    from runner.runs.events import Candidate


@click.command(context_settings={"allow_extra_args": True})
@click.argument("text")
def route_text(text: str) -> None:
    """Tell which agent answers a message that names none: what each one scored, and why. No model is asked.

    The keys under `router` of runner.yaml say which agents there are to choose from, and how near is near enough.
    """
    from runner.engine.routing.router import route
    from runner.project.messages import check_message

    refuse_more('put the message in quotes: `runner agents route "…"`')
    check_message(text)
    project = place.project()
    routed = route(project, text, _learned())
    if options.current().json:
        show_json(routed.plain())
        return
    if routed.candidates:
        print_scores(routed.candidates)
        show()
    show(f"{routed.agent or 'nobody'}: {routed.reason}")
    if routed.close:
        say(f"{project.settings.router.model} would be asked to choose between {', '.join(routed.close)}")
    if not routed.agent:
        say("hint: `router: {fallback: NAME}` in runner.yaml names an agent for such messages")


def print_scores(candidates: Sequence[Candidate], *, err: bool = False) -> None:
    """Print what each agent scored, the best first, and the text of its file that was nearest to the message."""
    table(("AGENT", "SCORE", "SIMILAR", "LEARNED", "NEAREST"), [_row(one) for one in candidates], err=err)


def _learned() -> Mapping[str, Learned]:
    """How the latest runs of each agent ended; nothing where nothing has run yet."""
    from runner.engine.routing.router import LATEST

    if not place.has_run():
        return {}
    with place.store() as store:
        return store.passed(LATEST)


def _row(one: Candidate) -> tuple[object, ...]:
    learned = f"{one.shift:+.2f} ({one.passed} of {one.runs})" if one.runs else "-"
    nearest = f"{one.kind}: {one_line(one.nearest, 60)}" if one.kind else "-"
    words = f" [{', '.join(one.words)}]" if one.words else ""
    return (one.agent, f"{one.score:.2f}", f"{one.similarity:.2f}", learned, nearest + words)
