"""`runner workflows show`: what each phase does and where it leads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

WORKFLOW = """
description: Every kind.
inputs: {names: [str]}
phases:
  ask: {approval: {ask: "Sure,\\eif so?"}, next: [{when: phases.ask.ok, to: look}, {to: fail}]}
  look:
    tool: look
    when: phases.ask.ok
    errors: [{match: timeout, to: pause, max: 1, exhausted: error}, {match: any, to: fail}]
  pause: {wait: {for: 90s}}
  block: {parallel: {left: {tool: look}, right: {agent: talker, message: m}}, join: any}
  many: {foreach: {in: inputs.names, as: name}, workflow: inner}
  check:
    tool: look
    next: [{when: phases.check.ok, to: pass}, {to: many, max: 2}]
finally: {tool: look}
"""


@pytest.fixture
def every_kind(project: Callable[..., Path]) -> Path:
    """A project with a workflow that has a phase of every kind."""
    look = "description: Own.\ndefaults: {risk: read}\ntools:\n  look: {description: L., command: ['true']}\n"
    return project(
        {
            "agents.d/talker.yaml": "description: Talks.\nprompt: Talk.\n",
            "workflows/all.yaml": WORKFLOW,
            "workflows/inner.yaml": "description: I.\nphases:\n  go: {tool: look}\n",
            "tools.d/own.yaml": look,
        }
    )


def test_each_phase_says_what_it_does_and_where_it_leads(cli: Cli, every_kind: Path) -> None:
    """The question of an approval, the bound of an edge, the way that no file writes down, and each line."""
    lines = cli("-C", every_kind, "workflows", "show", "all").out.splitlines()
    first = lines.index('  phase        ask: approval "Sure,\\x1bif so?" by anyone within 1d  (workflows/all.yaml:5)')
    assert [line.strip() for line in lines[first + 1 :]] == [
        "→ look when phases.ask.ok",
        "→ fail",
        "phase        look: tool look when phases.ask.ok  (workflows/all.yaml:6)",
        "→ pause",
        "→ pause after a failure: timeout, at most 1 time, then error",
        "→ fail after any failure",
        "phase        pause: wait 1m30s  (workflows/all.yaml:10)",
        "→ block",
        "phase        block: parallel, any  (workflows/all.yaml:11)",
        "left: tool look",
        "right: agent talker",
        "→ many",
        "phase        many: foreach name in inputs.names: workflow inner  (workflows/all.yaml:12)",
        "→ check",
        "phase        check: tool look  (workflows/all.yaml:13)",
        "→ pass when phases.check.ok",
        "→ many, at most 2 times, then fail",
        "finally      tool look",
    ]


def test_an_approval_says_who_may_answer_and_by_when(cli: Cli, project: Callable[..., Path]) -> None:
    """Of a phase, of a branch, of each item and at the end; for programs the deadline is a number of seconds."""
    asks = """
description: Asks.
inputs: {go: bool}
phases:
  one: {approval: {ask: One?, by: [anna, ben], deadline: 8h}, when: inputs.go}
  two: {parallel: {left: {approval: {ask: Left?, show: It.}}, right: {wait: {for: 1s}}}}
  each: {foreach: {in: '["a"]'}, approval: {ask: Each?, deadline: 90s}}
finally: {approval: {ask: Seen?, by: [anna]}}
"""
    root = project({"workflows/asks.yaml": asks})
    out = cli("-C", root, "workflows", "show", "asks").out
    assert 'one: approval "One?" by anna or ben within 8h when inputs.go  (' in out
    assert '    left: approval "Left?" by anyone within 1d\n' in out
    assert 'each: foreach item in ["a"]: approval "Each?" by anyone within 1m30s  (' in out
    assert 'finally      approval "Seen?" by anna within 1d\n' in out
    one, two, each = json.loads(cli("-C", root, "--json", "workflows", "show", "asks").out)["phases"]
    assert one["approvals"] == [{"branch": None, "ask": "One?", "show": None, "by": ["anna", "ben"], "deadline": 28800}]
    assert two["approvals"] == [{"branch": "left", "ask": "Left?", "show": "It.", "by": [], "deadline": 86400}]
    assert [question["deadline"] for question in each["approvals"]] == [90]


def test_a_workflow_says_what_it_may_take(cli: Cli, every_kind: Path) -> None:
    """In words for people, in figures for programs; its limits beside it."""
    file = every_kind / "workflows" / "inner.yaml"
    file.write_text(
        f"{file.read_text()}limits: {{time: 90s, tokens: 5000}}\npermissions: [{{risk: danger, action: deny}}]\n"
    )
    out = cli("-C", every_kind, "workflows", "show", "inner").out
    assert "  worst case   no model calls and at most 30s\n                 at most 1 tool call\n" in out
    assert "  limits       time 1m30s, tokens 5,000\n" in out
    assert "  permission   risk danger: deny\n" in out
    assert "tool calls have no bound" in cli("-C", every_kind, "workflows", "show", "all").out
    listed = json.loads(cli("-C", every_kind, "--json", "workflows", "ls").out)
    assert [(one["name"], one["bounds"]["tool_calls"]) for one in listed] == [("all", None), ("inner", 1)]
    assert listed[1]["bounds"] == {
        "model_calls": 0,
        "tool_calls": 1,
        "seconds": 30.0,
        "tokens": 5000,
        "unbounded_because": "",
    }


def test_the_edges_are_data_too(cli: Cli, every_kind: Path) -> None:
    """In the order in which they are tried."""
    edges = json.loads(cli("-C", every_kind, "--json", "workflows", "show", "all").out)["edges"]
    assert edges[0] == {"from": "ask", "via": "next", "to": "look", "when": "phases.ask.ok"}
    assert edges[3] == {
        "from": "look",
        "via": "errors",
        "match": "timeout",
        "to": "pause",
        "max": 1,
        "exhausted": "error",
    }
