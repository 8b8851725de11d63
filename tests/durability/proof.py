"""What must hold of a store once every run in it has ended, whatever was killed on the way."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from runner.runs.events import ApprovalAsked, ApprovalDecided, EdgeTaken, ToolCalled, ToolReturned
from runner.runs.state import fold
from runner.runs.store import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.events import AnyEvent
    from tests.durability.site import Site

EventT = TypeVar("EventT", ToolCalled, ToolReturned)

COUNTING = {"look", "mark", "once", "redo"}
"""Tools of the project that count their effects, and are let do so."""
ASKED_FIRST = {"mark", "once"}
"""Those that are never begun again, as every question is denied."""
READING = {"look", "red"}


def prove(site: Site) -> None:
    """Everything that is promised of a store at rest."""
    journals, counted = site.events(), site.counted()
    for run, events in journals.items():
        prove_ended(events)
        prove_loop(events)
        prove_calls(events, {step: count for (owner, step), count in counted.items() if owner == run})
        prove_answers(events)
    assert {run for run, _ in counted} <= journals.keys()
    prove_store(site)
    assert site.left_over() == {}


def prove_ended(events: list[AnyEvent]) -> None:
    """The run came to its end once, its numbers have no gap, and no fault of runner's own was in it."""
    assert [event.seq for event in events] == list(range(len(events)))
    assert [event.type for event in events].count("run.ended") == 1
    ended = fold(events).ended
    assert ended is not None
    assert ended == events[-1]
    assert (ended.verdict, ended.evidence.get("internal")) == ("pass", None), ended.why


def prove_loop(events: list[AnyEvent]) -> None:
    """The bounded edge was taken `max` times, each counted once, and then exhausted."""
    edges = [event for event in events if isinstance(event, EdgeTaken) and event.max is not None]
    assert [(edge.path, edge.to, edge.count, edge.exhausted) for edge in edges] == [
        ("check/1", "repair", 1, False),
        ("check/2", "repair", 2, False),
        ("check/3", "last", 2, True),
    ]


def prove_calls(events: list[AnyEvent], effects: Mapping[str, int]) -> None:
    """A recorded call was not made again, a call that may not be repeated had one effect, and none is unknown."""
    called, returned = _by_path(events, ToolCalled), _by_path(events, ToolReturned)
    assert effects.keys() <= called.keys(), "a step took effect that the journal does not know"
    assert called.keys() <= returned.keys()
    for path, (result, *more) in returned.items():
        calls = called.get(path, [])
        assert not more, f"{path} has several results"
        assert all(call.seq < result.seq for call in calls), f"{path} was called again after its result"
        assert [call.attempt for call in calls] == list(range(1, len(calls) + 1))
        _prove_effects(result, len(calls), effects.get(path, 0))


def _prove_effects(result: ToolReturned, attempts: int, effects: int) -> None:
    if result.tool == "guarded":
        assert (attempts, effects, result.record.status) == (0, 0, "failed"), "it was denied"
    if result.tool in ASKED_FIRST:
        assert attempts == 1, f"{result.path} was begun again"
    if result.tool not in READING:  # a read need not wait until its intent is on disk
        assert effects <= attempts, f"{result.path} took effect without an intent"
    if result.tool in COUNTING and result.record.status == "ok":
        assert effects >= 1, f"{result.path} is recorded and was never done"


def prove_answers(events: list[AnyEvent]) -> None:
    """Every question got the one answer that was given."""
    asked = [event.approval for event in events if isinstance(event, ApprovalAsked)]
    decided = {event.approval: event.decision for event in events if isinstance(event, ApprovalDecided)}
    assert decided == dict.fromkeys(asked, "deny")
    assert [event.type for event in events].count("approval.decided") == len(asked) == len(set(asked))


def prove_store(site: Site) -> None:
    """The file is sound, and its lists are what the events add up to."""
    assert site.store.check() == []
    before = _lists(site)
    site.store.rebuild()
    assert _lists(site) == before
    for row in site.runs():
        state = fold(site.store.events(row.id))
        assert (row.status, row.owner, row.last_seq) == ("ended", state.owner, state.last_seq)
        assert row.verdict == (state.ended and state.ended.verdict)
        assert row.tokens == state.spent_tokens_in + state.spent_tokens_out
    assert site.store.inbox.pending() == []


def _lists(site: Site) -> list[list[tuple[Any, ...]]]:
    """The projected tables as they are in the file."""
    with closing(sqlite3.connect(site.folder / FILE)) as connection:
        queries = ("SELECT * FROM runs ORDER BY id", "SELECT * FROM approvals ORDER BY id")
        return [connection.execute(query).fetchall() for query in queries]


def _by_path(events: list[AnyEvent], kind: type[EventT]) -> dict[str, list[EventT]]:
    found: dict[str, list[EventT]] = defaultdict(list)
    for event in events:
        if isinstance(event, kind):
            found[event.path].append(event)
    return found
