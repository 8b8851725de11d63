"""The inbox: commands that survive, and decisions that count once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from runner.runs.events import AnyEvent, ApprovalAsked, ApprovalDecided, RunEnded, RunQueued
from runner.runs.inbox import Answer, Answered
from runner.runs.store import Store

Numbered = Callable[..., list[AnyEvent]]
APPROVE = {"approval": "a1", "decision": "approve", "by": "ada"}
DENY = {"approval": "a1", "decision": "deny", "by": "bob"}
CANCELLED = Answer(Answered.DONE, "cancelled")


@pytest.fixture
def asking(store: Store, numbered: Numbered, queued: RunQueued, asked: ApprovalAsked) -> Store:
    """A store whose run r has asked a1."""
    store.append(numbered("r", queued, asked))
    return store


def test_commands_wait_in_order_until_they_are_answered(store: Store) -> None:
    """Each sender can ask what became of its own."""
    first = store.inbox.put("cancel", "r", {"by": "ada"})
    second = store.inbox.put("cancel", "s", {})
    assert [(command.id, command.kind, command.run, command.payload) for command in store.inbox.pending()] == [
        (first, "cancel", "r", {"by": "ada"}),
        (second, "cancel", "s", {}),
    ]
    assert [command.id for command in store.inbox.pending(["s", "t"])] == [second]
    assert store.inbox.answer_of(first) is None
    store.inbox.answer(first, CANCELLED)
    assert store.inbox.answer_of(first) == CANCELLED
    assert [command.id for command in store.inbox.pending()] == [second]


def test_an_answer_is_given_once(store: Store) -> None:
    """The first one stays."""
    number = store.inbox.put("cancel", "r", {})
    store.inbox.answer(number, CANCELLED)
    store.inbox.answer(number, Answer(Answered.REFUSED, "no, after all"))
    assert store.inbox.answer_of(number) == CANCELLED


def test_a_command_nobody_gave_has_no_answer(store: Store) -> None:
    """Nothing waits under its number."""
    assert store.inbox.answer_of(77) is None


def test_only_the_first_decision_reaches_the_owner(asking: Store) -> None:
    """The second one hears at once who was first."""
    first, second = asking.inbox.put("decide", "r", APPROVE), asking.inbox.put("decide", "r", DENY)
    assert [command.id for command in asking.inbox.pending()] == [first]
    assert asking.inbox.answer_of(second) == Answer(Answered.LATE, "too late: already approved by ada")
    asking.inbox.answer(first, Answer(Answered.DONE, "approved"))
    third = asking.inbox.put("decide", "r", DENY)
    assert asking.inbox.answer_of(third) == Answer(Answered.LATE, "too late: already approved by ada")


def test_a_refused_decision_leaves_the_approval_free(asking: Store) -> None:
    """Somebody else may still decide it."""
    first = asking.inbox.put("decide", "r", APPROVE)
    asking.inbox.answer(first, Answer(Answered.REFUSED, "ada may not decide this"))
    second = asking.inbox.put("decide", "r", DENY)
    assert [command.id for command in asking.inbox.pending()] == [second]


def test_what_is_decided_cannot_be_decided_again(asking: Store, numbered: Numbered) -> None:
    """The journal's own word counts, whoever gave it."""
    asking.append(numbered("r", ApprovalDecided(approval="a1", decision="deny", by="eve"), first=2))
    assert asking.inbox.answer_of(asking.inbox.put("decide", "r", APPROVE)) == Answer(
        Answered.LATE, "too late: denied by eve"
    )


def test_an_approval_of_an_ended_run_is_void(asking: Store, numbered: Numbered, passed: RunEnded) -> None:
    """Nobody waits for the answer."""
    asking.append(numbered("r", passed, first=2))
    assert asking.inbox.answer_of(asking.inbox.put("decide", "r", APPROVE)) == Answer(
        Answered.LATE, "too late: void, as what asked is over"
    )


def test_an_approval_that_was_never_asked_is_refused(asking: Store) -> None:
    """Neither an invented one nor one of another run."""
    assert asking.inbox.answer_of(asking.inbox.put("decide", "s", APPROVE)) == Answer(
        Answered.REFUSED, "refused: run s has no approval a1"
    )
    assert asking.inbox.pending() == []


RACER = """
import sys
from pathlib import Path
from runner.runs.store import Store
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
number = store.inbox.put("decide", "r", {"approval": "a1", "decision": "approve", "by": sys.argv[2]})
answer = store.inbox.answer_of(number)
print(answer.text if answer else "first")
store.close()
"""


def test_of_two_processes_that_decide_at_once_one_wins(asking: Store) -> None:
    """The other one hears who it was."""
    racers = {
        name: subprocess.Popen(
            [sys.executable, "-c", RACER, asking.folder, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("ada", "bob")
    }
    for racer in racers.values():
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers.values():
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = {name: racer.communicate()[0].strip() for name, racer in racers.items()}
    (winner,) = [name for name, line in said.items() if line == "first"]
    (loser,) = set(said) - {winner}
    assert said[loser] == f"too late: already approved by {winner}"
    assert [command.payload["by"] for command in asking.inbox.pending()] == [winner]


def test_a_decision_of_one_who_may_not_holds_nothing_up(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """It is refused at once, also while nobody works on the run; the one who may is still heard."""
    question = ApprovalAsked(path="a/1", approval="a1", reason="phase", ask="?", by=["ada"], deadline=9e9, shown="x")
    store.append(numbered("r", queued, question))
    refused = store.inbox.put("decide", "r", DENY)
    assert store.inbox.answer_of(refused) == Answer(Answered.REFUSED, "refused: only ada may decide this")
    heard = store.inbox.put("decide", "r", APPROVE)
    assert [command.id for command in store.inbox.pending()] == [heard]
