"""Rules that deny what the files themselves call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

PACK = """description: Ops.
tools:
  look: {description: Looks., command: [df], risk: read}
  mend: {description: Mends., command: [ls], risk: write}
"""
AGENT = "description: Works.\nprompt: Work.\ntools: [look, mend]\n"
WORKFLOW = "description: Works.\nphases:\n  a: {tool: look}\n"


def told(
    folder: Path, rules: str, *, workflow: str = WORKFLOW, agent: str | None = AGENT, pack: str = PACK
) -> list[tuple[str, str, str]]:
    """Where, what and hint of each such warning; there are no others, and no problems."""
    files = {"runner.yaml": f"models: {{default: {{provider: ollama, model: m}}}}\npermissions: {rules}\n"}
    files |= {"tools.d/ops.yaml": pack, "workflows/night.yaml": workflow}
    files |= {"agents.d/worker.yaml": agent} if agent else {}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    loaded = load(Disk(folder), folder)
    assert not loaded.problems
    assert {warning.code for warning in loaded.warnings} <= {"denied-call"}
    return [(f"{warning.file}:{warning.where}", warning.what, warning.hint) for warning in loaded.warnings]


def test_a_phase_that_is_sure_to_be_denied_is_told_at_the_rule(tmp_path: Path) -> None:
    """The hint names the rule to write above it, and written there it ends the warning."""
    rules = '{tool: mend, action: ask}, {tool: "*", action: deny}'
    assert told(tmp_path, f"[{rules}]") == [
        (
            "runner.yaml:permissions[1]",
            "it denies `look`, which phase night.a calls",
            "put a rule above it: {tool: look, action: allow}",
        )
    ]
    assert told(tmp_path, f"[{{tool: look, action: allow}}, {rules}]") == []


def test_a_rule_for_that_tool_alone_is_meant_for_agents(tmp_path: Path) -> None:
    """A rule above it would keep it from ever being reached."""
    ((_, _, hint),) = told(tmp_path, "[{tool: look, action: deny}]")
    assert hint == 'if only agents may not, add agent: "*" to it; else remove it'
    assert told(tmp_path, '[{tool: look, agent: "*", action: deny}]') == []


def test_where_there_is_no_agent_such_a_rule_is_meant_for_nobody(tmp_path: Path) -> None:
    """A rule for agents would find none."""
    ((_, _, hint),) = told(tmp_path, "[{tool: look, action: deny}]", agent=None)
    assert hint == "remove it"


def test_the_rules_of_a_workflow_hold_for_its_own_phases(tmp_path: Path) -> None:
    """A list of its own is read apart: what runner.yaml allows it may deny."""
    workflow = f"{WORKFLOW}  b: {{tool: mend}}\nfinally: {{tool: look}}\npermissions: [{{risk: read, action: deny}}]\n"
    ((where, what, _),) = told(tmp_path, "[{risk: read, action: allow}]", workflow=workflow)
    assert (where, what) == ("workflows/night.yaml:permissions[0]", "it denies `look`, which phase night.a calls")


@pytest.mark.parametrize(
    "rules",
    [
        "[{risk: danger, action: deny}]",
        "[{tool: look, agent: worker, action: deny}]",
        '[{tool: look, action: ask}, {tool: "*", action: deny}]',
        "[{risk: write, action: deny}]",
    ],
)
def test_a_rule_that_leaves_the_calls_alone_is_right(tmp_path: Path, rules: str) -> None:
    """Rules with an agent are not about phases, the first that matches decides, and one tool less is meant."""
    assert told(tmp_path, rules) == []


def test_a_phase_that_expects_the_no_is_right(tmp_path: Path) -> None:
    """It has a way for it."""
    workflow = "description: Works.\nphases:\n  a: {tool: mend, errors: [{match: policy, to: pass}]}\n"
    assert told(tmp_path, "[{tool: mend, action: deny}]", workflow=workflow) == []


def test_an_agent_that_is_left_no_tool_is_told(tmp_path: Path) -> None:
    """By one rule, or by the last of several; the hint leaves it one."""
    look = "{tool: look, action: allow}"
    own = f"{AGENT}permissions: [{look}, {{agent: worker, action: deny}}]\n"
    assert told(tmp_path, "[{agent: worker, action: deny}]") == [
        (
            "runner.yaml:permissions[0]",
            "it denies every tool of agent worker",
            "put a rule above it: {tool: look, agent: worker, action: allow}",
        )
    ]
    assert told(tmp_path, "[{tool: look, agent: worker, action: allow}, {agent: worker, action: deny}]") == []
    ((where, what, _),) = told(tmp_path, '[{tool: look, agent: "*", action: deny}]', agent=own)
    assert (where, what) == ("runner.yaml:permissions[0]", "it denies `look`, the last tool of agent worker")


def test_several_calls_that_one_rule_denies_are_one_warning(tmp_path: Path) -> None:
    """Three are named, with a rule each; the rest is counted."""
    names = ["a", "b", "c", "d"]
    pack = PACK + "".join(f"  {name}: {{description: Does., command: [ls], risk: read}}\n" for name in names)
    phases = "".join(f"  {name}: {{tool: {name}}}\n  {name}2: {{tool: {name}}}\n" for name in names)
    workflow = f"description: Works.\nphases:\n{phases}"
    ((_, what, hint),) = told(tmp_path, '[{tool: "*", action: deny}]', workflow=workflow, pack=pack, agent=None)
    assert what.endswith("; also `c`, which phase night.c calls; and 1 more")
    assert hint.count("action: allow") == 3


FREE = """description: Ops.
tools:
  run: {description: Runs., command: "{{ line }}", params: {line: str}}
"""
RUNS = "description: Works.\nphases:\n  a: {tool: run, with: {line: df}}\n"
OPERATOR = "description: Works.\nprompt: Work.\ntools: [run]\n"


@pytest.mark.parametrize(
    "rules",
    [
        "{risk: danger, action: deny}",
        "{argv: [git, push], action: deny}",
        "{argv: [df, '*'], action: allow}, {tool: run, action: deny}",
        "{tool: run, target: sandbox, action: deny}",
    ],
)
def test_a_free_command_line_is_not_sure_to_be_denied(tmp_path: Path, rules: str) -> None:
    """Its words decide its risk, and which rules are about them."""
    assert told(tmp_path, f"[{rules}]", workflow=RUNS, agent=OPERATOR, pack=FREE) == []


def test_a_free_command_line_that_no_words_free_is_told(tmp_path: Path) -> None:
    """All of its risks are denied alike."""
    found = told(tmp_path, "[{tool: run, action: deny}]", workflow=RUNS, agent=OPERATOR, pack=FREE)
    assert [where for where, _, _ in found] == ["runner.yaml:permissions[0]"]


def test_a_phase_on_a_target_is_judged_there(tmp_path: Path) -> None:
    """A rule about another target leaves it, one about its own does not."""
    there = "description: Works.\nphases:\n  a: {tool: look, target: sandbox}\n"
    assert told(tmp_path, "[{target: local, action: deny}]", workflow=there, agent=None) == []
    (found,) = told(tmp_path, "[{target: sandbox, action: deny}]", workflow=there, agent=None)
    assert found[1] == "it denies `look`, which phase night.a calls"
