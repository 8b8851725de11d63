"""Coming back to a run: of the questions that were answered before, only their number is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.display import say
from runner.runs.events import ApprovalAsked, ApprovalDecided, RunWaiting

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from runner.runs.events import AnyEvent
    from runner.runs.state import RunState
    from runner.runs.store import Store


def answered_before(store: Store, run: str) -> frozenset[str]:
    """The questions of a run that were answered by now, also where nobody has acted on the answer yet."""
    kept = {one.payload["approval"] for one in store.inbox.pending([run]) if one.kind == "decide"}
    rows = store.approvals(run=run, open_only=False)
    return frozenset(row.id for row in rows if row.status != "open" or row.id in kept)


def tell_answered(run: str, answered: AbstractSet[str]) -> None:
    """Say how many questions are not told again."""
    if answered:
        were = "1 question was" if len(answered) == 1 else f"{len(answered)} questions were"
        say(f"{were} answered before: `runner runs logs {run}` tells how", fg="yellow")


def is_over(event: AnyEvent, state: RunState, answered: AbstractSet[str]) -> bool:
    """Whether an event is about answered questions and nothing else; `state` is the fold up to it."""
    match event:
        case ApprovalAsked() | ApprovalDecided():
            return event.approval in answered
        case RunWaiting(on=[_, *_]):
            asked = {one.question.path: one.question.approval for one in state.asked.values()}  # the last one of each
            return all(one.kind == "approval" and asked.get(one.path) in answered for one in event.on)
    return False
