"""`runner tools show` and `agents show`: what they run, take and are told, and what happens when one is called."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
PACK = """description: Own.
tools:
  look:
    description: Looks.
    command: [cat, "{{ path }}"]
    params: {path: {type: path, description: Which file.}}
    risk: read
  break:
    description: Breaks.
    command: [no-such-program-here]
    env: {KEY: "${RUNNER_TEST_TOOL}"}
    timeout: quick
    retry: {max: 2, delay: 1s..10s}
    interrupted: again
    concurrency: 1
    hint: Try less.
    agents: [keeper]
    tags: [loud]
"""
AGENT = """description: Keeps.
prompt:
  role: You keep.
  rules: [Look first., Then say.]
output: {answer: str}
tools: [own/*]
limits: {turns: 3}
permissions: [{tool: break, action: deny}]
"""
MISSING = "RUNNER_TEST_TOOL not set (looked in the environment, .env and .runner/secrets)"


@pytest.fixture
def kept(project: Callable[..., Path]) -> Path:
    """An agent with two tools, one of which it may not call and which is not here."""
    phases = "phases: {see: {tool: look, with: {path: x}}, ask: {parallel: {one: {agent: keeper, message: m}}}}\n"
    return project(
        {"tools.d/own.yaml": PACK, "agents.d/keeper.yaml": AGENT, "workflows/w.yaml": f"description: W.\n{phases}"}
    )


def test_a_tool_says_all_that_its_file_says(cli: Cli, kept: Path) -> None:
    """What it runs, who may call it and by which rule, what comes after a failure or a crash."""
    assert cli("-C", kept, "tools", "show", "break").out.splitlines() == [
        "break: Breaks.",
        "  file         tools.d/own.yaml:8",
        "  pack         own",
        '  command      ["no-such-program-here"]',
        '  env          {"KEY": "${RUNNER_TEST_TOOL}"}',
        "  risk         write",
        "  runs on      local, sandbox",
        f"  unavailable  {MISSING}",
        "  agents       only keeper",
        "                 agent keeper: denied (agents.d/keeper.yaml permissions[0])",
        "  timeout      quick: tool calls 10s",
        "  retry        2 more after any, 1s to 10s apart",
        "  concurrency  1",
        "  interrupted  done again",
        "  hint         Try less.",
        "  tags         loud",
    ]


def test_a_tool_says_who_calls_it(cli: Cli, kept: Path) -> None:
    """Agents that have it, and phases that are it."""
    shown = json.loads(cli("-C", kept, "--json", "tools", "show", "look").out)
    said = {"action": "allow", "rule": "default: risk read is allowed"}
    default = {**said, "answers": [{**said, "targets": ["local"], "risks": ["read"]}]}
    assert shown["callers"] == [{"agent": "keeper", **default}, {"phase": "w.see", **default}]
    assert shown["does"] == {"command": ["cat", "{{ path }}"]}
    assert "  parameter    path (must be given): path — Which file.\n" in cli("-C", kept, "tools", "show", "look").out


def test_a_program_that_is_not_here_makes_a_tool_unavailable(cli: Cli, kept: Path) -> None:
    """Once its secret is."""
    (kept / ".env").write_text("RUNNER_TEST_TOOL=something-else\n")
    shown = json.loads(cli("-C", kept, "--json", "tools", "show", "break").out)
    assert shown["unavailable"] == "the program no-such-program-here is not there"


def test_an_agent_says_what_it_is_told_and_may_do(cli: Cli, kept: Path) -> None:
    """Each part with its place, each tool with what happens when it is called."""
    assert cli("-C", kept, "agents", "show", "keeper").out.splitlines() == [
        "keeper: Keeps.",
        "  file         agents.d/keeper.yaml:1",
        "  model        default: provider scripted, replies replies.yaml",
        "  timeout      standard: model calls 1m to 5m, tool calls 30s",
        "  limits       turns 3, same_call 3",
        "  told         role         agents.d/keeper.yaml:3  You keep.",
        "  told         rules        agents.d/keeper.yaml:4  Look first. Then say.",
        "  answers      {answer: str}",
        "  permission   tool break: deny",
        "  acts on      local",
        f"  tool         break (write): denied (agents.d/keeper.yaml permissions[0]); unavailable: {MISSING}",
        "  tool         look (read): allowed (default: risk read is allowed)",
        "  used by      w.ask.one",
        "  whole        `runner agents render keeper` prints its prompt",
    ]


def test_a_named_prompt_is_shown_by_its_place(cli: Cli, kept: Path) -> None:
    """So is one that is a single text."""
    (kept / "agents.d/prompts").mkdir()
    (kept / "agents.d/prompts/own.yaml").write_text("description: P.\ntemplate: Be good.\n")
    (kept / "agents.d/named.yaml").write_text("description: N.\nprompt: {use: own}\n")
    (kept / "agents.d/plain.yaml").write_text("description: N.\nprompt: |\n  Be good.\n")
    assert "prompt own   agents.d/prompts/own.yaml:2\n" in cli("-C", kept, "agents", "show", "named").out
    assert "prompt       agents.d/plain.yaml:2  Be good.\n" in cli("-C", kept, "agents", "show", "plain").out
