"""Coming back to a run: which questions are told again."""

from __future__ import annotations

from collections.abc import Callable

from runner.cli.watch.again import Answered
from runner.cli.watch.words import lines
from runner.runs.events import AnyEvent, ApprovalDecided, RunWaiting, Waiting
from runner.runs.state import fold

Stamped = Callable[..., list[AnyEvent]]
FIRST = "1k0aaaaaaaaaaaaaaaab-1"
BOTH = Answered(frozenset({FIRST}), frozenset({FIRST}))


def told(events: list[AnyEvent], answered: Answered) -> list[str]:
    """All lines, from the first event on."""
    return [
        line.text
        for count in range(1, len(events) + 1)
        for line in lines(events[count - 1], fold(events[:count]), answered)
    ]


def test_an_answered_question_is_told_no_more(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """Neither it, nor the wait for it, nor the answer; to who was there, all of it is."""
    events = stamped("x", *waiting, ApprovalDecided(path="push/1", approval=FIRST, decision="approve", by="ada"))
    assert told(events, BOTH) == ["run x: workflow ask, revision r1", "▶ push"]
    assert "  approved by ada" in told(events, Answered())


def test_an_answer_that_nobody_has_acted_on_is_news(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """Its question has been shown to who answered it."""
    events = stamped("x", *waiting, ApprovalDecided(path="push/1", approval=FIRST, decision="approve", by="ada"))
    assert told(events, Answered(frozenset({FIRST})))[2:] == ["  approved by ada"]


def test_what_is_still_open_is_told(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """Also where it was asked at the same place as one that was answered, and where a wait is for both."""
    asked = waiting[4]
    again = asked.model_copy(update={"approval": "1k0aaaaaaaaaaaaaaaab-2"})
    decided = ApprovalDecided(path="push/1", approval=FIRST, decision="void")
    events = told(stamped("x", *waiting, decided, again, waiting[5]), BOTH)
    assert events[-2:] == ["  runner approve 1k0aaaaaaaaaaaaaaaab-2   (or with --deny)", "waits for approval at push/1"]
    assert sum(line.startswith("? ") for line in events) == 1
    both = RunWaiting(on=[Waiting(kind="approval", path="push/1"), Waiting(kind="timer", path="pause/1")])
    assert told(stamped("x", *waiting, both), BOTH)[-1] == "waits for approval at push/1 and timer at pause/1"
