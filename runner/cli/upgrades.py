"""What `runner check` says after an upgrade of runner: what became of the shipped things that the project uses."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from runner.cli import place
from runner.cli.display import say

if TYPE_CHECKING:
    from runner.project.project import Project
    from runner.project.upgrades import Upgrade

MOST = 8
"""Changes of one thing that people are shown."""


def find(project: Project) -> tuple[Upgrade, ...]:
    """The upgrades that concern a project; none where nothing has run yet."""
    from runner.project.upgrades import shipped_notes, upgrades
    from runner.runs.latest import latest_revision
    from runner.runs.store import FILE

    try:
        last = latest_revision(place.storage() / FILE)
    except OSError:  # the journal is another user's, and what is asked are the files
        return ()
    if last is None or last[0] == project.revision:
        return ()
    digest, files = last
    return upgrades(project, files, digest, shipped_notes())


def print_upgrades(found: tuple[Upgrade, ...]) -> None:
    """Print each thing with its changes and notes to stderr."""
    for since, those in groupby(found, key=lambda one: one.since):
        say(f"since this project ran last, with {f'runner {since}' if since else 'another runner'}:", bold=True)
        for one in those:
            _print_one(one)


def _print_one(one: Upgrade) -> None:
    say(
        f"  {one.item}: your {one.hidden_by} hides what changed" if one.hidden_by else f"  {one.item} changed",
        fg="yellow",
    )
    for change in one.changes[:MOST]:
        say(f"    {change}")
    if len(one.changes) > MOST:
        say(f"    and {len(one.changes) - MOST} more")
    for note in one.notes:
        say(f"    {note.what}{f'; {note.do}' if note.do else ''}")
