"""The comparison of two runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.runs.compare import compare
from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ApprovalDecided,
    ModelReplied,
    ModelRequested,
    PhaseEntered,
    PhaseLeft,
    PromptRendered,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    ToolCalled,
    ToolReturned,
    Usage,
)
from runner.runs.events import Call as Asked
from runner.runs.record import Record

Numbered = Callable[..., list[AnyEvent]]


def doings() -> list[AnyEvent]:
    """A run with a bit of everything."""
    return [
        RunQueued(kind="workflow", name="build", inputs={"request": "x"}, revision="r1", commit="c1", workspace="/w"),
        RunClaimed(owner="me", why="start"),
        RunStarted(),
        PhaseEntered(path="code/1", visit=1, kind="agent"),
        PromptRendered(path="code/1", agent="coder", system="You code.", message="Do x."),
        ModelRequested(
            path="code/1/turn-1", model="default", messages=2, tools=["edit"], deadline=60.0, why="standard"
        ),
        ModelReplied(
            path="code/1/turn-1",
            text="",
            calls=[Asked(id="1", tool="edit", arguments={"path": "a"})],
            usage=Usage(input=10, output=5),
            finish="tool_calls",
            seconds=1.0,
        ),
        ApprovalAsked(
            path="code/1/turn-1/call-1", approval="a-1", reason="policy", ask="May it?", deadline=9.0, shown=""
        ),
        ApprovalDecided(path="code/1/turn-1/call-1", approval="a-1", decision="approve"),
        ToolCalled(
            path="code/1/turn-1/call-1",
            tool="edit",
            arguments={"path": "a"},
            risk="write",
            target="local",
            cwd="/w",
            rule="default",
        ),
        ToolReturned(path="code/1/turn-1/call-1", tool="edit", record=Record.of("ok", {"text": "done"})),
        PhaseLeft(path="code/1", record=Record.of("ok", "done")),
        RunEnded(verdict="pass", why="`code/1` leads to pass", output="done"),
    ]


EDITS: list[tuple[type, dict[str, object], str, tuple[str, str]]] = [
    (RunQueued, {"inputs": {"request": "y"}}, "start", ("request", "input")),
    (RunQueued, {"name": "other"}, "start", ("name", "")),
    (PromptRendered, {"system": "You test."}, "prompts", ("code/1", "system")),
    (PromptRendered, {"message": "Do y."}, "prompts", ("code/1", "message")),
    (PhaseEntered, {"path": "plan/1"}, "phases", ("plan/1", "status")),
    (PhaseLeft, {"record": Record.of("no")}, "phases", ("code/1", "status")),
    (ModelRequested, {"model": "cloud"}, "models", ("code/1/turn-1", "model")),
    (ModelRequested, {"tools": []}, "models", ("code/1/turn-1", "tools")),
    (ModelReplied, {"text": "Well."}, "models", ("code/1/turn-1", "text")),
    (ModelReplied, {"calls": []}, "models", ("code/1/turn-1", "calls")),
    (ApprovalDecided, {"decision": "deny"}, "approvals", ("code/1/turn-1/call-1 (policy)", "decision")),
    (ToolCalled, {"tool": "drop"}, "calls", ("code/1/turn-1/call-1", "tool")),
    (ToolCalled, {"arguments": {"path": "b"}}, "calls", ("code/1/turn-1/call-1", "arguments")),
    (ToolCalled, {"rule": "runner.yaml permissions[0]"}, "calls", ("code/1/turn-1/call-1", "rule")),
    (ToolReturned, {"record": Record.of("ok", {"text": "more"})}, "calls", ("code/1/turn-1/call-1", "output")),
    (RunEnded, {"verdict": "fail"}, "outcome", ("verdict", "")),
    (RunEnded, {"why": "why not"}, "outcome", ("why", "")),
    (RunEnded, {"output": "more"}, "outcome", ("output", "")),
]


@pytest.mark.parametrize("kind,change,part,place", EDITS)
def test_each_change_is_found_in_its_part(
    numbered: Numbered, kind: type, change: dict[str, object], part: str, place: tuple[str, str]
) -> None:
    """And seen from the other side with its values turned round."""
    old = numbered("a", *doings())
    new = numbered("b", *(event.model_copy(update=change) if type(event) is kind else event for event in doings()))
    there, back = compare(old, new, None), compare(new, old, None)
    assert place in [(one.path, one.what) for one in there.differences[part]]
    turned = {
        (name, one.path, one.what, str(one.new), str(one.old))
        for name in back.differences
        for one in back.differences[name]
    }
    assert turned == {
        (name, one.path, one.what, str(one.old), str(one.new))
        for name in there.differences
        for one in there.differences[name]
    }


def test_ids_times_and_tokens_make_no_difference(numbered: Numbered) -> None:
    """Two runs that did the same are the same; their figures stand beside it."""
    later = [
        event.model_copy(
            update={"time": event.time * 2} | ({"usage": Usage(input=99)} if type(event) is ModelReplied else {})
        )
        for event in numbered("b", *doings())
    ]
    compared = compare(numbered("a", *doings()), later, ({"x": b"1"}, {"x": b"1"}))
    assert (compared.is_empty, compared.runs, compared.figures["tokens_in"]) == (True, ("a", "b"), (10, 99))


def test_another_revision_is_a_difference_with_its_files(numbered: Numbered) -> None:
    """Also when both did the same; a file that is no text is told by its length."""
    old, new = numbered("a", *doings()), numbered("b", *doings())
    new[0] = new[0].model_copy(update={"revision": "r2", "dirty": True})
    compared = compare(old, new, ({"a": b"1", "b": b"\xff"}, {"a": b"2"}))
    assert [(one.path, one.old, one.new) for one in compared.files] == [
        ("a", "1", "2"),
        ("b", "(1 bytes that are no text)", None),
    ]
    assert (compared.is_empty, compared.commits, compared.dirty) == (False, ("c1", "c1"), (False, True))


def test_the_order_of_visits_counts(numbered: Numbered) -> None:
    """For those that both have."""
    phases = [PhaseEntered(path=f"{name}/1", visit=1, kind="tool") for name in ("one", "two", "three")]
    queued = doings()[0]
    compared = compare(numbered("a", queued, *phases), numbered("b", queued, phases[1], phases[0]), None)
    assert [(one.path, one.what, one.old, one.new) for one in compared.phases] == [
        ("three/1", "status", "open", None),
        ("", "order", ["one/1", "two/1"], ["two/1", "one/1"]),
    ]


def test_a_run_that_goes_on_has_no_verdict(numbered: Numbered) -> None:
    """It is compared as far as it is."""
    compared = compare(numbered("a", *doings()), numbered("b", *doings()[:4]), None)
    assert ("verdict", "pass", "none yet (running)") in [(one.path, one.old, one.new) for one in compared.outcome]
