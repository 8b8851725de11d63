"""`runner approve`: what waits for a person, exactly as it would be done, and the person's answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.client import person
from runner.cli.commands import give
from runner.cli.display import as_json, moment, one_line, say, seconds, show, show_json
from runner.cli.watch.excerpt import brief, quoted
from runner.cli.watch.words import SAID
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.runs.rows import ApprovalRow
    from runner.runs.store import Store


@click.command
@click.argument("approval", metavar="[ID]", required=False)
@click.option("--deny", is_flag=True, help="Say no.")
@click.option("--note", default="", help="Why, for the record.")
def approve(approval: str | None, note: str, *, deny: bool) -> None:
    """List what waits for a person, or decide one of them.

    Without ID the open approvals are listed. With one, what is approved is shown and decided; the beginning of an id
    is enough. What nobody decides expires after 24 hours, or the `deadline:` of an approval phase.
    """
    with place.store() as store:
        if approval is None:
            _list(store)
            return
        row = _find(store, approval)
        show_approval(store, row)
        decision = "deny" if deny else "approve"
        payload = {"approval": row.id, "decision": decision, "by": person(), "note": note}
        is_taken = give(store, "decide", row.run, payload)
    said = "denied" if deny else "approved"
    say(said if is_taken else f"{said}; nobody works on the run: `runner runs resume {row.run}` or `runner up`")


def _list(store: Store) -> None:
    rows = store.approvals()
    if options.current().json:
        show_json([_data(row) for row in rows])
        return
    if not rows:
        say("nothing waits for a person")
        return
    for row in rows:
        _outline(store, row)


def _outline(store: Store, row: ApprovalRow) -> None:
    """Print an open approval so that it can be told from others and judged."""
    show(f"{row.id}  {one_line(row.ask)}")
    show(f"  {_whereabouts(store, row)}, expires in {seconds(row.deadline - time.time())}")
    for line in brief(row):
        show(f"  {line}")


def _whereabouts(store: Store, row: ApprovalRow) -> str:
    run = store.run(row.run)
    name = f" ({run.kind} {run.name})" if run else ""
    return f"run {row.run}{name}, step {row.path or 'the run itself'}"


def show_approval(store: Store, row: ApprovalRow) -> None:
    """Print all that a person says yes or no to."""
    show(f"{row.ask}\n  {_whereabouts(store, row)}, until {moment(row.deadline)}")
    if row.tool:
        show(f"  tool {row.tool}")
    for name, value in (row.arguments or {}).items():
        text = value if isinstance(value, str) else as_json(value)
        show(f"    {name}: " + text.replace("\n", f"\n    {' ' * len(name)}  "))
    for line in quoted(row) if row.show else []:
        show(f"  {line}")


def _find(store: Store, beginning: str) -> ApprovalRow:
    rows = store.approvals(open_only=False)
    found = [row for row in rows if row.id == beginning]
    found = found or [row for row in rows if row.id.startswith(beginning) and row.status == "open"]
    if len(found) != 1:
        count = "no open approval's id begins" if not found else f"{len(found)} open approvals' ids begin"
        raise UsageError(f"{count} with {beginning!r}", hint="`runner approve` lists the open ones")
    if found[0].status != "open":
        by = f" by {found[0].decided_by}" if found[0].decided_by else ""
        raise UsageError(f"approval {found[0].id} is no longer open: {SAID[found[0].status]}{by}")
    return found[0]


def _data(row: ApprovalRow) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(row)
