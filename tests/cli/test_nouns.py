"""`runner agents`, `tools` and `workflows`: what the project has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    "noun,name", [("agents", "hello"), ("tools", "disk_space"), ("workflows", "report"), ("models", "default")]
)
def test_each_thing_is_listed_and_shown(cli: Cli, starter: Path, noun: str, name: str) -> None:
    """In a table and one by one, both also as JSON of the same shape."""
    assert name in cli("-C", starter, noun, "ls").out
    listed = {row["name"]: row for row in json.loads(cli("-C", starter, "--json", noun, "ls").out)}
    assert json.loads(cli("-C", starter, "--json", noun, "show", name).out) == listed[name]
    shown = cli("-C", starter, noun, "show", name).out.splitlines()
    assert shown[0] == name or shown[0].startswith(f"{name}: ")
    assert shown[1] == f"  file         {listed[name]['file']}:{listed[name]['line']}"


@pytest.mark.parametrize(
    "noun,word,near",
    [("agents", "helo", "hello"), ("tools", "disk_spce", "disk_space"), ("models", "defalt", "default")],
)
def test_an_unknown_name_is_answered_with_the_nearest(cli: Cli, starter: Path, noun: str, word: str, near: str) -> None:
    """As a usage error."""
    answer = cli("-C", starter, noun, "show", word)
    assert (answer.code, f"did you mean {near}?" in answer.err) == (2, True)


def test_a_tool_shows_its_risk_and_parameters(cli: Cli, starter: Path) -> None:
    """What must be given is marked."""
    out = cli("-C", starter, "tools", "show", "write_file").out
    assert "risk         write" in out
    assert "path (must be given)" in out


def test_a_workflow_shows_its_inputs_and_worst_case(cli: Cli, starter: Path) -> None:
    """And the kind of each phase."""
    out = cli("-C", starter, "workflows", "show", "report").out
    assert "about (must be given)" in out
    assert "look: tool" in out
    assert "at most 20 model calls" in out


def test_the_rendered_prompt_is_exactly_what_the_agent_is_given(cli: Cli, starter: Path) -> None:
    """The same text that the journal of a run holds."""
    rendered = json.loads(cli("-C", starter, "--json", "agents", "render", "hello", "hi").out)
    events = [json.loads(line) for line in cli("-C", starter, "--json", "run", "hello", "hi").out.splitlines()]
    (given,) = [event for event in events if event["type"] == "prompt.rendered"]
    assert (rendered["system"], rendered["message"]) == (given["system"], given["message"])


def test_a_prompt_that_cannot_be_rendered_says_why(cli: Cli, starter: Path) -> None:
    """The agent is named."""
    (starter / "agents.d" / "odd.yaml").write_text('description: O.\nprompt: "{{ run.id / 2 }}"\n')
    answer = cli("-C", starter, "agents", "render", "odd")
    assert answer.code in (3, 6)
    assert "odd" in answer.err
