"""The state of a run is what its events add up to, however often and from wherever they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from runner.runs.events import (
    ApprovalAsked,
    ApprovalDecided,
    BranchLeft,
    BranchStarted,
    Call,
    EdgeTaken,
    ModelReplied,
    ModelRequested,
    ModelRetried,
    PhaseEntered,
    PhaseLeft,
    PhaseSkipped,
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    RunWaiting,
    ToolCalled,
    ToolReturned,
    Usage,
    Waiting,
    parse_event,
)
from runner.runs.paths import prefixes, split
from runner.runs.record import Record
from runner.runs.state import RunState, fold
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

QUEUED = RunQueued(kind="workflow", name="job", inputs={}, revision="r")
CLAIMED = RunClaimed(owner="o", why="start")
OK = Record.of("ok", 1)


def timed(*events: tuple[float, Any]) -> RunState:
    """The state of a queued run after events at these seconds."""
    numbered = [event.model_copy(update={"seq": seq, "time": time}) for seq, (time, event) in enumerate(events)]
    return fold(numbered)


def after(*events: Any) -> RunState:
    """The state after events at one moment."""
    return timed(*((0.0, event) for event in events))


def test_work_is_the_time_between_claim_and_wait_or_end() -> None:
    """Queued 5 s, worked 2 s, waited 10 s, worked 1 s, dead for 100 s, worked 3 s."""
    waiting = RunWaiting(on=[Waiting(kind="timer", path="a/1", until=17.0)])
    state = timed(
        (0.0, QUEUED),
        (5.0, CLAIMED),
        (5.0, RunStarted()),
        (7.0, waiting),
        (17.0, RunClaimed(owner="o", why="wake")),
        (18.0, PhaseEntered(path="a/1", visit=1, kind="tool")),
        (118.0, RunClaimed(owner="p", why="resume")),
        (121.0, PhaseLeft(path="a/1", record=OK)),
    )
    assert (state.work, state.waited) == (6.0, 10.0)
    assert state.work_now(123.0) == 8.0
    assert state.owner == "p"


def test_a_clock_that_was_set_back_takes_no_work_away() -> None:
    """Times of a wall clock may go back; working time never does."""
    state = timed((10.0, QUEUED), (10.0, CLAIMED), (12.0, RunStarted()), (4.0, RunStarted()), (5.0, RunStarted()))
    assert state.work == 3.0
    assert state.work_now(1.0) == 3.0


def test_nothing_is_worked_after_the_end() -> None:
    """Later readers add nothing."""
    state = timed((0.0, QUEUED), (0.0, CLAIMED), (2.0, RunEnded(verdict="pass", why="")))
    assert (state.status, state.work_now(50.0)) == ("ended", 2.0)


def test_a_visit_is_open_until_it_is_left() -> None:
    """Its record joins the history; the walk stands behind the phase until an edge is taken."""
    entered = PhaseEntered(path="sub/1/a/2", visit=2, kind="tool")
    state = after(QUEUED, entered)
    scope = state.scopes["sub/1"]
    assert (scope.at, scope.left, scope.phases["a"].open, scope.phases["a"].visits) == ("a", False, True, 2)
    assert list(state.open) == ["sub/1/a/2"]
    state = after(QUEUED, entered, PhaseLeft(path="sub/1/a/2", record=OK))
    scope = state.scopes["sub/1"]
    assert (scope.at, scope.left, scope.last, scope.phases["a"].history) == ("a", True, "a", [OK])
    assert state.open == {}


def test_a_skipped_visit_counts_and_leaves_a_record() -> None:
    """It never was open."""
    phase = after(QUEUED, PhaseSkipped(path="a/1", visit=1, expression="x", values={})).scopes[""].phases["a"]
    assert (phase.visits, phase.open, [record.status for record in phase.history]) == (1, False, ["skipped"])


def test_an_edge_is_counted_unless_it_was_exhausted() -> None:
    """The way that is taken instead does not use the edge up any further."""
    taken = EdgeTaken(path="a/1", via="next", index=1, to="b", count=2, max=2)
    spent = EdgeTaken(path="a/3", via="next", index=1, to="fail", count=2, max=2, exhausted=True)
    state = after(QUEUED, taken, spent)
    assert state.scopes[""].taken == {("a", "next", 1): 2}
    assert (state.scopes[""].at, state.scopes[""].edge) == ("fail", state.scopes[""].judged)


def test_finally_leaves_the_walk_where_it_ended() -> None:
    """A resume in the middle of it, or behind it, finds the same end."""
    edge = EdgeTaken(path="a/1", via="next", index=0, to="pass")
    entered = PhaseEntered(path="finally/1", visit=1, kind="tool")
    for events in ([entered], [entered, PhaseLeft(path="finally/1", record=OK)]):
        scope = after(QUEUED, PhaseLeft(path="a/1", record=OK), edge, *events).scopes[""]
        assert (scope.at, scope.left, scope.last) == ("pass", False, "a")


def test_spending_counts_for_all_that_hold_the_call() -> None:
    """The run, the phase, the branch: each has its turns and tokens; a request repeated after a crash counts once."""
    path = "p/1/x/turn-1"
    requested = ModelRequested(path=path, model="m", messages=2, tools=[], deadline=1.0, why="")
    replied = ModelReplied(path=path, text="", calls=[], usage=Usage(input=5, output=2), finish="stop", seconds=0.0)
    state = after(QUEUED, requested, requested, replied)
    assert {key: (spent.turns, spent.tokens) for key, spent in state.spent.items()} == dict.fromkeys(
        ["", "p", "p/1", "p/1/x"], (1, 7)
    )


def test_a_call_is_an_intent_until_it_returns() -> None:
    """What stands between the two is interrupted."""
    called = ToolCalled(path="a/1", tool="t", arguments={}, risk="write", target="local", cwd="/", rule="")
    assert list(after(QUEUED, called).intents) == ["a/1"]
    state = after(QUEUED, called, ToolReturned(path="a/1", tool="t", record=OK))
    assert (state.intents, state.results) == ({}, {"a/1": OK})


def test_an_approval_is_found_by_path_and_reason_behind_an_event() -> None:
    """The last question counts; one from before a later attempt does not."""

    def asked(name: str, reason: Any) -> ApprovalAsked:
        return ApprovalAsked(path="a/1", approval=name, reason=reason, ask="?", deadline=9.0, shown="")

    decided = ApprovalDecided(path="a/1", approval="r-1", decision="approve")
    state = after(QUEUED, asked("r-1", "interrupted"), decided, asked("r-2", "policy"))
    found = state.approval("a/1", "interrupted")
    assert found is not None
    assert found.answer is not None
    assert state.approval("a/1", "interrupted", after=1) is None
    assert state.approval("a/1", "phase") is None
    assert state.approval("b/1", "policy") is None


def test_branches_leave_records_by_path() -> None:
    """A branch is open in between."""
    begun = BranchStarted(path="p/1/x")
    assert list(after(QUEUED, begun).open) == ["p/1/x"]
    state = after(QUEUED, begun, BranchLeft(path="p/1/x", record=OK))
    assert (state.open, state.left) == ({}, {"p/1/x": OK})


def test_the_first_cancellation_counts() -> None:
    """Who asked first is who cancelled."""
    state = after(QUEUED, RunCancelRequested(by="ann"), RunCancelRequested(by="bob"))
    assert state.cancel is not None
    assert state.cancel.by == "ann"


@pytest.mark.parametrize(
    "path, parts", [("a/1", ("", "a", 1)), ("sub/2/inner/3", ("sub/2", "inner", 3)), ("p/1/x/n/12", ("p/1/x", "n", 12))]
)
def test_paths_of_phases_have_a_scope_a_name_and_a_visit(path: str, parts: tuple[str, str, int]) -> None:
    """A called workflow's phases continue the path of what called it."""
    assert split(path) == parts


def test_prefixes_are_all_that_hold_a_path() -> None:
    """From the run down to the parent."""
    assert prefixes("a/1/turn-2") == ["", "a", "a/1"]
    assert prefixes("a") == [""]


def test_reading_a_journal_back_gives_the_state_that_the_run_had(tmp_path: Path) -> None:
    """What is folded from the written lines is what the engine held, event by event."""
    house = House(tmp_path)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [note]\n")
    house.write("replies.yaml", "- {calls: [{tool: note, with: {text: x}}]}\n- {text: Done.}")
    house.workflow("i: {tool: green}", name="sub")
    told = house.told(
        """
        a: {agent: helper, message: Go.}
        b: {parallel: {x: {workflow: sub}, y: {tool: red}}, next: c}
        c: {foreach: {in: "[1, 2]", as: n}, tool: note, with: {text: "{{ n }}"}}
        """
    )
    read = [parse_event(event.model_dump_json()) for event in told.events]
    assert fold(read) == told.state
    half = fold(read[: len(read) // 2])
    for event in read[len(read) // 2 :]:
        half.apply(event)
    assert half == told.state
    assert told.state.open == {}


def test_a_cut_short_answer_that_stands_is_known_by_its_path() -> None:
    """One that was asked for again does not stand, and calls that were cut short go back to the model as faults."""
    reply = ModelReplied(path="a/1/turn-1", text="Once", calls=[], usage=Usage(), finish="length", seconds=1.0)
    assert after(QUEUED, reply).cut_short() == ["a/1/turn-1"]
    again = ModelRetried(path="a/1/turn-1", error="cut short", message="Again.")
    assert after(QUEUED, reply, again).cut_short() == []
    calling = reply.model_copy(update={"calls": [Call(id="1", tool="look", arguments="{")]})
    assert after(QUEUED, calling, reply.model_copy(update={"path": "b/1/turn-1", "finish": "stop"})).cut_short() == []
