"""Lists of runs and approvals, and that they are nothing but the events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    PhaseEntered,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunWaiting,
    Waiting,
)
from runner.runs.store import Store

Numbered = Callable[..., list[AnyEvent]]


def test_a_run_is_listed_as_its_events_say(store: Store, numbered: Numbered, running: list[AnyEvent]) -> None:
    """One batch or one event at a time gives the same row."""
    events = numbered("r", *running)
    store.append(events)
    for event in numbered("s", *running):
        store.append([event])
    row, same = store.run("r"), store.run("s")
    assert row is not None
    assert same is not None
    assert (row.kind, row.name, row.revision, row.commit, row.dirty, row.by) == (
        "workflow",
        "build",
        "r1",
        "c1",
        False,
        "ada",
    )
    assert (row.status, row.owner, row.phase, row.tokens, row.last_seq) == ("running", "me", "plan/1", 10, 5)
    assert (row.queued_at, row.started_at, row.ended_at, row.verdict) == (1000.0, 1002.0, None, "")
    assert [getattr(row, name) for name in row.__slots__[1:]] == [getattr(same, name) for name in row.__slots__[1:]]


def test_a_run_goes_from_queued_to_ended(store: Store, numbered: Numbered, queued: RunQueued, passed: RunEnded) -> None:
    """Each status in its turn."""
    steps: list[AnyEvent] = [
        queued,
        RunClaimed(owner="me", why="start"),
        RunWaiting(on=[]),
        RunClaimed(owner="you", why="wake"),
        passed,
    ]
    seen = []
    for event in numbered("r", *steps):
        store.append([event])
        row = store.run("r")
        assert row is not None
        seen.append((row.status, row.owner, row.verdict))
        assert [one.id for one in store.unfinished()] == ([] if row.status == "ended" else ["r"])
    assert seen == [
        ("queued", "", ""),
        ("running", "me", ""),
        ("waiting", "me", ""),
        ("running", "you", ""),
        ("ended", "you", "pass"),
    ]


def test_runs_are_listed_newest_first_by_pages(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """Each page ends where the next one begins."""
    for run in "abcde":
        store.append(numbered(run, queued))
    assert [row.id for row in store.runs(limit=2)] == ["e", "d"]
    assert [row.id for row in store.runs(limit=2, before="d")] == ["c", "b"]
    assert [row.id for row in store.runs(before="a")] == []


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"status": "ended"}, ["b"]),
        ({"verdict": "pass"}, ["b"]),
        ({"name": "other"}, ["c"]),
        ({"revision": "r"}, ["c", "b", "a"]),
        ({"revision": "r1"}, ["b", "a"]),
        ({"name": "build", "status": "queued"}, ["a"]),
        ({"name": "none"}, []),
    ],
)
def test_a_list_can_be_filtered(
    store: Store, numbered: Numbered, queued: RunQueued, passed: RunEnded, filters: dict[str, Any], found: list[str]
) -> None:
    """By any of its fields together; a revision may be shortened."""
    store.append(numbered("a", queued))
    store.append(numbered("b", queued, passed))
    store.append(numbered("c", queued.model_copy(update={"name": "other", "revision": "r2"})))
    assert [row.id for row in store.runs(**filters)] == found


def test_a_waiting_run_is_due_at_its_earliest_time(store: Store, numbered: Numbered, queued: RunQueued) -> None:
    """And no more once somebody has taken it."""
    times = [Waiting(kind="timer", path="a/1", until=300.0), Waiting(kind="approval", path="b/1", until=200.0)]
    store.append(numbered("r", queued, RunWaiting(on=times)))
    store.append(numbered("s", queued, RunWaiting(on=[Waiting(kind="approval", path="b/1")])))
    assert store.due(199.9) == []
    assert store.due(200.0) == ["r"]
    store.append(numbered("r", RunClaimed(owner="me", why="wake"), first=2))
    assert store.due(1e9) == []


def test_an_approval_is_open_until_it_is_decided(
    store: Store, numbered: Numbered, queued: RunQueued, asked: ApprovalAsked
) -> None:
    """With all that was asked, and then with who said what."""
    store.append(numbered("r", queued, asked))
    (row,) = store.approvals()
    assert (row.id, row.run, row.path, row.ask, row.status) == ("a1", "r", "push/1", "Push?", "open")
    assert (row.arguments, row.by, row.asked_at, row.deadline) == ({"to": "main"}, ("ada", "bob"), 1001.0, 5000.0)
    store.append(numbered("r", ApprovalDecided(approval="a1", decision="deny", by="ada", note="no"), first=2))
    assert store.approvals() == []
    (row,) = store.approvals(run="r", open_only=False)
    assert (row.status, row.decided_by, row.note, row.decided_at) == ("deny", "ada", "no", 1002.0)
    assert store.approvals(run="s", open_only=False) == []


def test_an_open_approval_of_an_ended_run_is_void(
    store: Store, numbered: Numbered, queued: RunQueued, asked: ApprovalAsked, passed: RunEnded
) -> None:
    """A decided one stays decided."""
    decided = ApprovalDecided(approval="a1", decision="approve")
    second = asked.model_copy(update={"approval": "a2"})
    store.append(numbered("r", queued, asked, decided, second, passed))
    assert {row.id: row.status for row in store.approvals(open_only=False)} == {"a1": "approve", "a2": "void"}


def test_lists_made_anew_are_the_same_lists(
    store: Store, numbered: Numbered, running: list[AnyEvent], asked: ApprovalAsked, passed: RunEnded
) -> None:
    """A thousand events and more, in the order of their runs."""
    waiting = RunWaiting(on=[Waiting(kind="timer", path="w/1", until=9.0)])
    loop = [PhaseEntered(path=f"loop/{visit}", visit=visit, kind="agent") for visit in range(1, 1100)]
    other = asked.model_copy(update={"approval": "a2"})
    store.append(numbered("a", *running, asked, waiting))
    store.append(numbered("b", *running, *loop, other, passed))
    before = (store.runs(), store.approvals(open_only=False), store.due(1e9))
    store.rebuild()
    assert (store.runs(), store.approvals(open_only=False), store.due(1e9)) == before
    assert [row.phase for row in before[0]] == ["loop/1099", "plan/1"]
