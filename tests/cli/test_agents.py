"""`runner agents show`: all that the files say of an agent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
AGENT = """
description: Knows the disks.
prompt: You know the disks.
tools: [list_directory, read_file]
sampling: {temperature: 0, max_tokens: 400}
memory: {window: 4, summarize: false}
examples:
  - user: What is here?
    calls: [{tool: list_directory, with: {path: .}, result: a.txt}]
    answer: {kind: file}
  - {user: Nothing prints!, answer: {kind: fault}}
intents:
  - say: ["list {path}", "what is in {path}"]
    tool: list_directory
    reply: '{"kind": "{{ result.entries | length }} files"}'
  - {say: ["show {file}"], tool: read_file, with: {path: "{{ file }}"}}
suggestions: [What is in docs?]
output: {kind: str}
"""


@pytest.fixture
def disks(project: Callable[..., Path]) -> Path:
    """A project whose agent has all habits."""
    return project(
        {
            "runner.yaml": "use: [std/files]\nmodels:\n  default: {provider: scripted, replies: replies.yaml}\n",
            "agents.d/disks.yaml": AGENT,
            "agents.d/plain.yaml": "description: P.\nprompt: Answer.\n",
        }
    )


def test_how_an_agent_answers_is_shown(cli: Cli, disks: Path) -> None:
    """Sampling, examples and intents with their lines, what it keeps, what people may ask it."""
    answer = cli("-C", disks, "agents", "show", "disks")
    assert answer.code == 0, answer.err
    shown = [line.strip() for line in answer.out.splitlines()]
    assert "sampling     temperature 0, max_tokens 400" in shown
    assert "keeps        the last 4 messages as they were, those before them left out" in shown
    assert 'example      agents.d/disks.yaml:8  What is here? → list_directory → {"kind": "file"}' in shown
    assert 'example      agents.d/disks.yaml:11  Nothing prints! → {"kind": "fault"}' in shown
    said = """list {path} | what is in {path} → list_directory: {"kind": "{{ result.entries | length }} files"}"""
    assert f"by rule      agents.d/disks.yaml:13  {said}" in shown
    assert "by rule      agents.d/disks.yaml:16  show {file} → read_file: the model puts it into words" in shown
    assert "suggests     What is in docs?" in shown


def test_how_an_agent_answers_is_data(cli: Cli, disks: Path) -> None:
    """As it is written, with lines; memory with its defaults, and null where there is none."""
    about = json.loads(cli("-C", disks, "--json", "agents", "show", "disks").out)
    assert about["sampling"] == {"temperature": 0, "max_tokens": 400}
    assert about["memory"] == {"window": 4, "summarize": False}
    assert about["suggestions"] == ["What is in docs?"]
    assert about["examples"][1] == {"user": "Nothing prints!", "answer": {"kind": "fault"}, "line": 11}
    assert about["intents"][1] == {
        "say": ["show {file}"],
        "tool": "read_file",
        "with": {"path": "{{ file }}"},
        "line": 16,
    }


def test_an_agent_without_habits_says_nothing_of_them(cli: Cli, disks: Path) -> None:
    """No empty lines in words; empty values in data."""
    out = cli("-C", disks, "agents", "show", "plain").out
    assert not any(word in out for word in ("sampling", "example", "keeps", "by rule", "suggests"))
    about = json.loads(cli("-C", disks, "--json", "agents", "show", "plain").out)
    habits = [about[key] for key in ("sampling", "examples", "memory", "intents", "suggestions")]
    assert habits == [{}, [], None, [], []]


def test_tools_that_are_found_by_search_are_counted(cli: Cli, project: Callable[..., Path]) -> None:
    """The model is told two; the agent has them all, and `render` prints what the model gets."""
    agent = "description: Helps.\nprompt: Help.\ntools: {mode: search, from: ['files/*', -delete_path]}\n"
    settings = "use: [std/files]\nmodels: {default: {provider: scripted, replies: replies.yaml}}\n"
    root = project({"agents.d/helper.yaml": agent, "runner.yaml": settings}, "searching")
    data = json.loads(cli("-C", root, "--json", "agents", "show", "helper").out)
    assert (data["searches"], len(data["tools"])) == (True, 8)
    assert (
        "8 by search: its model is told `search_tools` and `call_tool`"
        in cli("-C", root, "agents", "show", "helper").out
    )
    rendered = cli("-C", root, "agents", "render", "helper", "hi").out
    assert "---- tools: 8 by search ----" in rendered
    assert [line.partition(":")[0] for line in rendered.splitlines() if "_tool" in line] == [
        "search_tools",
        "call_tool",
    ]
