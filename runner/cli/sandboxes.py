"""`runner sandboxes`: the workspaces of runs' own, whose they are, and away with them."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.display import complain, moment, say, show_json, table
from runner.cli.lazy import LazyGroup
from runner.errors import ConfigInvalid, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.runs.sandboxes.shelf import SandboxRow

sandboxes = LazyGroup(
    "sandboxes",
    {
        "ls": ("runner.cli.sandboxes:ls", "List them: whose they are, and whether a run works there."),
        "gc": ("runner.cli.sandboxes:gc", "Archive what is idle for long, remove archives that are old."),
        "rm": ("runner.cli.sandboxes:rm", "Remove sandboxes and their archives."),
    },
    help="The workspaces of runs' own: `workspace: sandbox` gives a run one.",
)


@click.command
@click.option("--by", metavar="WHO", help="Only those of runs that WHO began.")
def ls(by: str | None) -> None:
    """List them: whose they are, whether a run works there, and which hold more than they may."""
    from runner.runs.sandboxes.keeper import Sandboxes

    with place.store() as store:
        rows = [row for row in Sandboxes(store).rows() if by in (None, row.by)]
    most = _most()
    if options.current().json:
        show_json([asdict(row) | {"over": _is_over(row, most)} for row in rows])
    elif rows:
        table(("RUN", "BY", "STATE", "SIZE", "LAST USED"), [_cells(row, most) for row in rows])
    else:
        say(f"no sandbox is {by}'s" if by else "no sandboxes")


@click.command
def gc() -> None:
    """Archive what is idle for long, remove archives that are old: as runner.yaml says, and as the daemon does."""
    from runner.runs.sandboxes.keeper import Sandboxes

    spec = place.project().settings.sandboxes
    with place.store() as store:
        done = Sandboxes(store).tidy(spec, time.time())
    if options.current().json:
        show_json([one._asdict() for one in done])
        return
    for one in done:
        say(f"{one.run} {one.done}{f': {one.why}' if one.why else ''}")
    if not done:
        say("nothing is idle for long, no archive is old")


@click.command
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--by", metavar="WHO", help="All of runs that WHO began.")
@click.pass_context
def rm(context: click.Context, runs: Sequence[str], by: str | None) -> None:
    """Remove sandboxes and their archives, for good. One that a run works in is refused; exits with 1 then."""
    from runner.runs.sandboxes.keeper import Sandboxes

    if bool(runs) == bool(by):
        raise UsageError("say which: runs, or --by WHO", hint="`runner sandboxes ls` lists them")
    removed: list[str] = []
    refused: list[tuple[str, UsageError]] = []
    with place.store() as store:
        keeper = Sandboxes(store)
        rows = keeper.rows()
        for name in dict.fromkeys(_named(rows, run) for run in runs) if runs else [r.run for r in rows if r.by == by]:
            try:
                keeper.remove(name)
                removed.append(name)
            except UsageError as error:
                refused.append((name, error))
    if options.current().json:
        show_json({"removed": removed, "refused": [{"run": run, "why": error.message} for run, error in refused]})
    else:
        _tell(removed, refused, by)
    context.exit(1 if refused else 0)


def _tell(removed: Sequence[str], refused: Sequence[tuple[str, UsageError]], by: str | None) -> None:
    for name in removed:
        say(f"{name} removed")
    for _, error in refused:
        complain(error.message, error.hint)
    if not (removed or refused):
        say(f"no sandbox is {by}'s")


def _named(rows: Iterable[SandboxRow], prefix: str) -> str:
    """The sandbox whose run's id begins so."""
    found = [row.run for row in rows if row.run.startswith(prefix.lower())] if prefix else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"several sandboxes begin with `{prefix}`: {', '.join(found)}", hint="give more letters")
    raise UsageError(
        f"there is no sandbox of a run that begins with `{prefix}`", hint="`runner sandboxes ls` lists them"
    )


def _most() -> int:
    """What one may hold, as runner.yaml says; as without a word of it where the files have mistakes."""
    from runner.runs.sandboxes.spec import SandboxesSpec

    try:
        return place.project().settings.sandboxes.size
    except ConfigInvalid:
        return SandboxesSpec().size


def _is_over(row: SandboxRow, most: int) -> bool:
    return row.state != "archived" and row.size > most


def _cells(row: SandboxRow, most: int) -> tuple[object, ...]:
    from runner.spec.sizes import format_size

    size = f"{format_size(row.size)}{' (over)' if _is_over(row, most) else ''}"
    used = "now" if row.state == "active" else moment(row.used)
    return (row.run, row.by, row.state, size, used)
