"""What a run of a chat waits for is asked where the person sits."""

from __future__ import annotations

import sys

import click

from runner.cli import options, place
from runner.cli.approve import decide, show_approval
from runner.cli.display import say


def decide_here(run: str) -> bool:
    """Show each open question of a run and have it answered; False where nobody can be asked, or one stays open."""
    if not sys.stdin.isatty() or options.current().json:
        return False
    with place.store() as store:
        rows = store.approvals(run=run)
        for row in rows:
            show_approval(store, row)
            answer = "approve" if click.confirm("approve this?", default=False, err=True) else "deny"
            if refused := decide(store, row, answer, ""):
                say(refused, fg="red")
                return False
    return bool(rows)
