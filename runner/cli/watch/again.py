"""Coming back to a run: of the questions that were answered before, only their number is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner.cli.display import say
from runner.runs.events import ApprovalAsked, ApprovalDecided, RunWaiting

if TYPE_CHECKING:
    from runner.runs.events import AnyEvent
    from runner.runs.state import RunState
    from runner.runs.store import Store


class Answered(NamedTuple):
    """What is not told again: the approvals whose question, and those whose answer is known."""

    questions: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    are_asked: bool = False
    """Whether every other question is asked where the person watches: it is told there, whole."""


NOTHING_ANSWERED = Answered()


def answered_before(store: Store, run: str) -> Answered:
    """The questions of a run that were answered by now; an answer that nobody has acted on yet is news."""
    done = {row.id for row in store.approvals(run=run, open_only=False) if row.status != "open"}
    return Answered(frozenset(done.union(store.inbox.kept([run]))), frozenset(done))


def tell_answered(run: str, answered: Answered) -> None:
    """Say how many questions are not told again."""
    if count := len(answered.questions):
        were = "1 question was" if count == 1 else f"{count} questions were"
        say(f"{were} answered before: `runner runs logs {run}` tells how", fg="yellow")


def is_over(event: AnyEvent, state: RunState, answered: Answered) -> bool:
    """Whether an event is about answered questions and nothing else; `state` is the fold up to it."""
    match event:
        case ApprovalAsked():
            return answered.are_asked or event.approval in answered.questions
        case ApprovalDecided():
            return event.approval in answered.answers
        case RunWaiting(on=[_, *_]):
            asked = {one.question.path: one.question.approval for one in state.asked.values()}  # the last one of each
            return all(one.kind == "approval" and asked.get(one.path) in answered.questions for one in event.on)
    return False
