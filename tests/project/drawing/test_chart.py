"""What of a workflow is drawn: its boxes, its ways, and the words on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.project.drawing.chart import Box, Chart, Line, chart_of

Load = Callable[..., Any]

EVERY_KIND = """
ask: {approval: {ask: "Sure,\\n  {{ inputs.request }}?"}, next: [{when: phases.ask.ok, to: look}, {to: fail}]}
look:
  tool: look
  with: {path: x}
  when: phases.ask.ok
  errors: [{match: timeout, to: pause, max: 1, exhausted: error}, {match: any, to: fail}]
pause: {wait: {for: 90s}}
until: {wait: {until: inputs.request}}
block:
  parallel: {left: {tool: look, with: {path: x}}, right: {agent: reader, message: m, when: inputs.count}}
  join: 1
many: {foreach: {in: inputs.names, as: name, concurrency: 2}, agent: reader, message: "{{ name }}"}
check:
  tool: run_tests
  next: [{when: phases.check.ok, to: pass}, {when: inputs.count > 3, to: pass}, {to: many, max: 2}]
"""


def chart(project: Any) -> Chart:
    """The chart of workflow `build`."""
    return chart_of(project.workflows["build"])


def test_each_kind_of_phase_is_a_box_with_its_words(project_of: Load) -> None:
    """What it does, under which condition, for which items; texts stand on one line."""
    assert chart(project_of(EVERY_KIND)).boxes == (
        Box("ask", "approval", ('approval "Sure, {{ inputs.request }}?"',)),
        Box("look", "tool", ("tool look", "when phases.ask.ok")),
        Box("pause", "wait", ("wait 1m30s",)),
        Box("until", "wait", ("wait until inputs.request",)),
        Box(
            "block",
            "parallel",
            ("1 of these",),
            branches=(
                Box("left", "tool", ("tool look",)),
                Box("right", "agent", ("agent reader", "when inputs.count")),
            ),
        ),
        Box("many", "agent", ("agent reader",), ("↻ each name in inputs.names", "2 at once")),
        Box("check", "tool", ("tool run_tests",)),
    )


def test_each_way_is_a_line_with_its_condition_and_bound(project_of: Load) -> None:
    """Also the way that no line of the file says; two of a sort between the same places are one."""
    assert chart(project_of(EVERY_KIND)).lines == (
        Line("ask", "look", "next", ("phases.ask.ok",)),
        Line("ask", "fail", "next", ("else",)),
        Line("look", "pause", "next"),
        Line("look", "pause", "errors", ("on timeout", "max 1")),
        Line("look", "error", "exhausted", ("after 1 time",)),
        Line("look", "fail", "errors", ("on any failure",)),
        Line("pause", "until", "next"),
        Line("until", "block", "next"),
        Line("block", "many", "next"),
        Line("many", "check", "next"),
        Line("check", "pass", "next", ("phases.check.ok", "inputs.count > 3")),
        Line("check", "many", "next", ("else", "max 2")),
        Line("check", "fail", "exhausted", ("after 2 times",)),
    )


def test_a_single_bounded_way_has_no_else(project_of: Load) -> None:
    """There is nothing that it would be the other side of."""
    found = chart(project_of("a: {tool: run_tests, next: [{to: pass, max: 3}]}"))
    assert [line.words for line in found.lines] == [("max 3",), ("after 3 times",)]


def test_finally_is_a_box_apart(project_of: Load) -> None:
    """No way leads to it."""
    project = project_of(
        build="phases: {a: {tool: run_tests}}\nfinally: {agent: reader, message: m, when: phases.a.ok}"
    )
    found = chart_of(project.workflows["build"])
    assert found.last == Box("finally", "agent", ("agent reader", "when phases.a.ok"))
    assert found.lines == (Line("a", "pass", "next"),)
