"""What a run came to against what was expected of it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.cli.testing.judge import judge, misfits
from runner.project.cases import Expect, OutputCheck
from runner.runs.events import AnyEvent, Call, ModelReplied, PhaseEntered, ToolCalled, Usage


def check(**said: Any) -> OutputCheck:
    """The check of an output."""
    return OutputCheck.model_validate(said)


def judged(said: dict[str, Any], *events: AnyEvent, verdict: str = "pass", output: Any = None) -> list[str]:
    """What is not as it should be."""
    return list(judge(Expect.model_validate(said), verdict, "because", output, events))


def called(tool: str, **arguments: Any) -> ToolCalled:
    """A call of a tool."""
    return ToolCalled(path="x/1", tool=tool, arguments=arguments, risk="read", target="local", cwd="/", rule="")


def entered(path: str) -> PhaseEntered:
    """A phase that was entered."""
    return PhaseEntered(path=path, visit=1, kind="agent")


@pytest.mark.parametrize(
    "said,output",
    [
        ({"equals": "a"}, "a"),
        ({"equals": None}, None),
        ({"equals": {"a": [1]}}, {"a": [1]}),
        ({"matches": "^d.n"}, "done"),
        ({"matches": '"n": 3'}, {"n": 3}),
        ({"contains": "on"}, "done"),
        ({"contains": ["do", "ne"]}, "done"),
        ({"contains": "é"}, {"text": "été"}),
        ({"schema": {"type": "object", "required": ["a"]}}, {"a": 1}),
        ({"not": {"contains": "error"}}, "fine"),
        ({"not": {"equals": None}}, ""),
        ({"contains": "a", "not": {"matches": "z$", "contains": ["x", "y"]}}, "abc"),
        ({"not": {"not": {"equals": 1}}}, 1),
    ],
)
def test_an_output_that_is_as_it_should_be_is_not_spoken_of(said: dict[str, Any], output: Any) -> None:
    """Text as it is, data as JSON."""
    assert list(misfits(check(**said), output)) == []


@pytest.mark.parametrize(
    "said,output,told",
    [
        ({"equals": "a"}, "b", ['"a" was expected, it is b']),
        ({"equals": None}, "x", ["null was expected, it is x"]),
        ({"matches": "^x"}, "ax", ["/^x/ is not found in ax"]),
        ({"contains": ["a", "z", "y"]}, "abc", ["'z' is not in abc", "'y' is not in abc"]),
        ({"schema": {"properties": {"n": {"type": "integer"}}}}, {"n": "x"}, ["it does not fit the schema: $.n: "]),
        ({"not": {"contains": ["x", "a"]}}, "abc", ['not contains "a": it is abc']),
        ({"not": {"equals": None}}, None, ["not equals null: it is null"]),
        ({"not": {"matches": "b", "contains": "c"}}, "abc", ['not contains "c"', 'not matches "b"']),
        ({"not": {"schema": {"type": "string"}}}, "abc", ["not schema "]),
    ],
)
def test_each_part_that_does_not_hold_is_told(said: dict[str, Any], output: Any, told: list[str]) -> None:
    """What was expected, and what it is."""
    found = list(misfits(check(**said), output))
    assert len(found) == len(told)
    assert all(part in words for part, words in zip(told, found, strict=True)), found


def test_a_run_has_to_pass_unless_something_else_is_expected() -> None:
    """The reason of its end is told with it."""
    assert judged({}, verdict="fail") == ["verdict: pass was expected, it is fail: because"]
    assert judged({"verdict": "fail"}, verdict="fail") == []


def test_calls_are_expected_in_their_order_and_others_may_come_between() -> None:
    """With the arguments that are named, and any others beside them."""
    made = [called("look", path="a", deep=True), called("write", path="b", text="x"), called("look", path="c")]
    assert (
        judged({"calls": [{"tool": "look", "with": {"path": "a"}}, {"tool": "look", "with": {"path": "c"}}]}, *made)
        == []
    )
    (wrong,) = judged({"calls": [{"tool": "write"}, {"tool": "look", "with": {"path": "a"}}]}, *made)
    assert wrong.startswith(
        'calls: look {"path": "a"} was expected; made were, in this order: look {"path": "a", "deep"'
    )
    assert judged({"calls": [{"tool": "look"}]}) == ["calls: look was expected; made were, in this order: none"]


def test_a_tool_that_a_model_only_asked_for_counts_as_not_wanted() -> None:
    """A call that a rule denied was never made, and the model wanted it all the same."""
    asked = ModelReplied(
        path="x/1/turn-1", text="", calls=[Call(id="1", tool="push", arguments={})], usage=Usage(), finish="", seconds=0
    )
    assert judged({"not_calls": ["push", "look"]}, asked) == ["not_calls: push was asked for"]
    assert judged({"not_calls": ["push"]}, called("push")) == ["not_calls: push was called"]


def test_all_phases_are_expected_and_no_others() -> None:
    """Those of called workflows and `finally` are not counted."""
    events = [entered("plan/1"), entered("work/1"), entered("work/1/inner/1"), entered("work/2"), entered("finally/1")]
    assert judged({"phases": ["plan", "work", "work"]}, *events) == []
    assert judged({"phases": ["plan", "work"]}, *events) == [
        "phases: plan, work were expected, entered were plan, work, work"
    ]
    assert judged({"phases": []}) == []
