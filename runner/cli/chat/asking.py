"""What a run of a chat waits for is asked where the person sits."""

from __future__ import annotations

import sys

from runner.cli import options, place
from runner.cli.approve import decide, show_approval
from runner.cli.consent import agrees
from runner.cli.display import insist


def is_asked_here() -> bool:
    """Whether somebody sits here who can be asked."""
    return sys.stdin.isatty() and not options.current().json


def decide_here(run: str) -> bool:
    """Show each open question of a run and have it answered; False where nobody can be asked, or one stays open."""
    if not is_asked_here():
        return False
    with place.store() as store:
        rows = store.approvals(run=run)
        for row in rows:
            show_approval(store, row, err=True)
            if refused := decide(store, row, "approve" if agrees("approve this?") else "deny", ""):
                insist(refused, fg="red")
                return False
    return bool(rows)
