"""`runner runs why`: each edge with its expression, its values, its count and its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.runs.lines import EdgeLines
from runner.runs.events import EdgeTaken, PhaseSkipped

Cli = Callable[..., Any]


def test_why_names_every_edge_with_its_count_and_line(cli: Cli, with_runs: Path) -> None:
    """The bounded one was taken once, then it was exhausted; the line is that of the revision's file."""
    lines = cli("-C", with_runs, "runs", "why", "1k0aaaaaaaaaaaaaaaaa").out.splitlines()
    assert "work/1 → verify  next[0]" in lines
    assert "verify/1 no → work  next[1]  1 of 1  workflows/build.yaml:10" in lines
    assert "verify/2 no → fail  next[1]  1 of 1, exhausted  workflows/build.yaml:10" in lines
    assert "FAIL: `verify/2` was red too often" in lines


def test_why_shows_the_expression_and_its_values(cli: Cli, starter: Path) -> None:
    """Of an edge that was really taken."""
    (starter / "workflows" / "two.yaml").write_text(
        "description: Two.\nphases:\n  look:\n    tool: disk_space\n    next:\n"
        "      - {when: phases.look.output.exit == 0, to: pass}\n      - {to: fail}\n"
    )
    run = json.loads(cli("-C", starter, "--json", "run", "two").out.splitlines()[0])["run"]
    out = cli("-C", starter, "runs", "why", run).out
    assert "look/1 → pass  next[0]  workflows/two.yaml:6" in out
    assert "when phases.look.output.exit == 0" in out
    assert "phases.look.output.exit = 0" in out


def test_why_of_an_agents_run_that_passed_is_told(cli: Cli, starter: Path) -> None:
    """No phase is named in its evidence: there is no fault to point at."""
    assert cli("-C", starter, "run", "hello", "hi").code == 0
    run = cli("-C", starter, "runs", "ls").out.splitlines()[1].split()[0]
    answer = cli("-C", starter, "runs", "why", run)
    assert (answer.code, answer.err) == (0, "")
    assert "PASS: `answer/1` leads to pass" in answer.out


@pytest.fixture
def broken(project: Callable[..., Path]) -> Path:
    """A workflow whose only phase fails with words on several lines, and a hint; and one in which a person is asked."""
    return project(
        {
            "workflows/breaks.yaml": "description: B.\nphases:\n  look:\n    tool: look\n",
            "workflows/asks.yaml": (
                "description: A.\nphases:\n  skip: {tool: look, when: 'false'}\n  sure: {approval: {ask: Sure?}}\n"
                "  much: {foreach: {in: '[1]'}, approval: {ask: '{{ item }}?'}}\n"
            ),
            "tools.d/own.yaml": (
                "description: Own.\ndefaults: {risk: read}\ntools:\n"
                "  look: {description: L., command: [sh, -c, 'echo one; echo two; exit 2'], hint: Look elsewhere.}\n"
            ),
        }
    )


def test_an_error_is_told_once_with_its_hint_and_its_place(cli: Cli, broken: Path) -> None:
    """The lines of a tool's words are indented; the place is the phase's in the revision of the run."""
    run = json.loads(cli("-C", broken, "--json", "run", "breaks").out.splitlines()[0])["run"]
    assert cli("-C", broken, "runs", "why", run).out.splitlines() == [
        "ERROR: `look/1` failed: sh failed with exit code 2:",
        "    one",
        "    two",
        "    hint: Look elsewhere.",
        "    at workflows/breaks.yaml:3",
        "    match: tool",
    ]


def test_a_denial_is_told_where_the_edge_leads_on(cli: Cli, broken: Path) -> None:
    """Who said no, and the note; a skipped phase's edge has its status in JSON."""
    run = json.loads(cli("-C", broken, "--json", "run", "asks").out.splitlines()[0])["run"]
    cli("-C", broken, "approve", f"{run}-1", "--deny", "--note", "not today")
    cli("-C", broken, "runs", "resume", run)
    out = cli("-C", broken, "runs", "why", run).out
    assert "sure/1 no (denied by " in out
    assert ": not today) → much  next[0]" in out
    assert "waits for an answer: 1?" in out
    edges = json.loads(cli("-C", broken, "--json", "runs", "why", run).out)["edges"]
    assert [edge["status"] for edge in edges] == ["skipped", "no"]


def test_why_as_json_has_the_edges_and_the_evidence(cli: Cli, with_runs: Path) -> None:
    """For programs: path, via, index, values, count, max, file."""
    data = json.loads(cli("-C", with_runs, "--json", "runs", "why", "1k0aaaaaaaaaaaaaaaaa").out)
    assert data["verdict"] == "fail"
    last = data["edges"][-1]
    assert (last["to"], last["count"], last["max"], last["exhausted"]) == ("fail", 1, 1, True)
    assert last["values"] == {"phases.verify.ok": False}
    assert last["status"] == "no"
    assert last["file"] == "workflows/build.yaml:10"


def test_why_of_a_waiting_run_names_what_it_waits_for(cli: Cli, with_runs: Path) -> None:
    """There is no verdict yet."""
    out = cli("-C", with_runs, "runs", "why", "1k0aaaaaaaaaaaaaaaab").out
    assert "WAITING: no verdict yet" in out
    assert '      │   "force": true' in out.splitlines()
    assert "runner approve 1k0aaaaaaaaaaaaaaaab-1" in out


@pytest.fixture
def nested() -> EdgeLines:
    """Workflows that call others: as a phase, in a branch, and for each item."""
    outer = (
        b"description: O.\nphases:\n  plain: {workflow: inner}\n  block:\n    parallel:\n"
        b"      left: {workflow: inner}\n  many:\n    foreach: {in: inputs.x}\n    workflow: inner\n"
        b"  odd: {agent: a, message: m}\nfinally: {tool: t}\n"
    )
    inner = b"description: I.\nphases:\n  step:\n    tool: t\n    when: inputs.y\n    next: pass\n"
    return EdgeLines({"workflows/outer.yaml": outer, "std/workflows/inner.yaml": inner}, "outer")


@pytest.mark.parametrize("scope", ["plain/1", "block/2/left", "many/1/3"])
def test_edges_of_called_workflows_stand_in_their_own_file(nested: EdgeLines, scope: str) -> None:
    """Whichever way it was called; shipped files keep the name they have in the revision."""
    edge = EdgeTaken(path=f"{scope}/step/1", via="next", index=0, to="pass")
    skipped = PhaseSkipped(path=f"{scope}/step/1", visit=1, expression="inputs.y", values={})
    assert nested.of(edge) == "std/workflows/inner.yaml:6"
    assert nested.of(skipped) == "std/workflows/inner.yaml:5"


@pytest.mark.parametrize(
    "path,place",
    [
        ("odd/1", "workflows/outer.yaml:10"),
        ("many/1/3/step/1", "std/workflows/inner.yaml:3"),
        ("finally/1", "workflows/outer.yaml:11"),
        ("gone/1", ""),
    ],
)
def test_a_phase_has_the_line_of_its_name(nested: EdgeLines, path: str, place: str) -> None:
    """In the file of its own workflow; `finally` stands beside the phases."""
    assert nested.of_phase(path) == place


@pytest.mark.parametrize("path", ["plain/1", "odd/1/turn-1/call-1/step/1"])
def test_an_edge_that_no_line_says_has_no_place(nested: EdgeLines, path: str) -> None:
    """The way to the following phase, and what a tool has called."""
    assert nested.of(EdgeTaken(path=path, via="next", index=0, to="pass")) == ""
