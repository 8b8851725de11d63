"""`runner agents render`: what an agent is told, alone and in the phase of a workflow, before there is a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
WORKFLOW = """
description: Reads, then writes for each.
inputs: {topic: str, most: {type: int, default: 3}}
phases:
  read: {agent: hello, message: "{{ inputs.most }} about {{ inputs.topic }}", output: {titles: [str], kind: "a|b"}}
  look: {tool: facts}
  both:
    parallel:
      short: {agent: hello, message: "Short: {{ phases.read.output.titles | join(', ') }}"}
      other: {tool: disk_space}
  each:
    foreach: {in: phases.read.output.titles, as: title}
    agent: hello
    message: "{{ title }} ({{ phases.read.output.kind }}), {{ phases.both.short.output }}"
  deep: {agent: hello, message: "{{ phases.look.output.data.rows }}"}
"""
TOOLS = "description: O.\ntools: {facts: {description: F., command: [echo, '{}'], output: {json: true}}}\n"


@pytest.fixture
def site(starter: Path) -> Path:
    """The starter with a workflow of many places."""
    (starter / "workflows" / "many.yaml").write_text(WORKFLOW)
    (starter / "tools.d" / "own.yaml").write_text(TOOLS)
    return starter


def test_a_phase_is_rendered_with_its_inputs(cli: Cli, site: Path) -> None:
    """Typed as they are for a run, defaults included; the phase's own output stands in the system prompt."""
    answer = cli("-C", site, "agents", "render", "hello", "--phase", "many.read", "-i", "topic=trees")
    assert answer.out.endswith("---- message ----\n3 about trees\n")
    assert '"titles"' in answer.out
    assert answer.err == ""


@pytest.mark.parametrize(
    "phase,message",
    [
        ("both.short", "Short: ‹read.output.titles›"),
        ("each", "‹title› (a), ‹both.short.output›"),
    ],
)
def test_what_only_a_run_knows_stands_there_by_its_path(cli: Cli, site: Path, phase: str, message: str) -> None:
    """And is told to be that."""
    words = ("-C", site, "agents", "render", "hello", "--phase", f"many.{phase}", "-i", "topic=trees")
    answer = cli(*words)
    assert answer.out.endswith(f"{message}\n")
    assert "known when it runs" in answer.err
    assert json.loads(cli("--json", *words).out)["message"] == message


@pytest.mark.parametrize(
    "words,said",
    [
        (["--phase", "many.read"], "inputs of many: topic: is missing"),
        (["--phase", "many.rad", "-i", "topic=x"], "there is no phase of many `rad`"),
        (["--phase", "many", "-i", "topic=x"], "there is no phase of many ``"),
        (["--phase", "mani.read", "-i", "topic=x"], "there is no workflow `mani`"),
        (["--phase", "many.look", "-i", "topic=x"], "hello has nothing to say in many.look: no agent answers there"),
        (["--phase", "many.both", "-i", "topic=x"], "there is no branch of many.both ``"),
        (["-i", "topic=x"], "an agent's only input is its TEXT"),
    ],
)
def test_a_place_that_is_none_is_a_usage_error(cli: Cli, site: Path, words: list[str], said: str) -> None:
    """Each names what there is."""
    answer = cli("-C", site, "agents", "render", "hello", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_what_a_tool_puts_out_is_left_to_runs(cli: Cli, site: Path) -> None:
    """The error names the path and the verb that knows more."""
    answer = cli("-C", site, "agents", "render", "hello", "--phase", "many.deep", "-i", "topic=x")
    assert answer.code == 6
    assert "the message of many.deep cannot be rendered: 'phases.look.output' has no item 'data'" in answer.err
    assert "runs show ID --prompts" in answer.err
