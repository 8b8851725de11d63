"""`runner agents render`: the messages are those that a run sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
AGENT = """
description: Keeps a folder.
prompt: You keep {{ run.workspace }}.
tools: [list_directory]
memory: {window: 1}
sampling: {temperature: 0}
examples:
  - user: What is here?
    calls: [{tool: list_directory, with: {path: .}, result: a.txt}]
    answer: One file.
intents:
  - {say: ["list {path}"], tool: list_directory, reply: "{{ result.entries | join(', ') }}"}
  - {say: ["look into {path}"], tool: list_directory}
"""
WORKFLOW = """
description: Two.
phases:
  first: {agent: keeper, message: One}
  second: {agent: keeper, message: Two, continue: first}
"""


@pytest.fixture
def server() -> Any:
    """A model that says one word."""
    with ModelServer(lambda _: "Fine.") as server:
        yield server


@pytest.fixture
def folder(project: Callable[..., Path], server: ModelServer) -> Path:
    """A project whose agent has examples, intents and a memory."""
    model = f'{{provider: vllm, model: tiny, base_url: "{server.url}"}}'
    files = {"agents.d/keeper.yaml": AGENT, "workflows/two.yaml": WORKFLOW}
    return project({"runner.yaml": f"use: [std/files]\nmodels:\n  default: {model}\n", **files})


def rendered(cli: Cli, folder: Path, *words: str) -> dict[str, Any]:
    """What `agents render` says as data."""
    answer = cli("-C", folder, "--json", "agents", "render", "keeper", *words)
    assert answer.code == 0, answer.err
    return dict(json.loads(answer.out))


def plain(messages: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Role, text and called tools of messages, of the wire or of `render`."""
    return [
        (one["role"], one.get("content") or one.get("text") or "", [tool(call) for call in _calls(one)])
        for one in messages
    ]


def _calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    return message.get("tool_calls") or message.get("calls") or []


def tool(call: dict[str, Any]) -> str:
    """The tool of a call."""
    return str(call["function"]["name"] if "function" in call else call["tool"])


def test_what_is_shown_is_what_is_sent(cli: Cli, folder: Path, server: ModelServer) -> None:
    """System prompt, examples, message and tools, as they come to the server."""
    shown = rendered(cli, folder, "How are you?")
    assert cli("-C", folder, "run", "keeper", "How are you?").code == 0
    (body,) = server.bodies
    assert plain(shown["messages"]) == plain(body["messages"])
    parts = [message["part"] for message in shown["messages"]]
    assert parts == ["system", "example", "example", "example", "example", "message"]
    assert [
        (one["function"]["name"], one["function"]["description"], one["function"]["parameters"])
        for one in body["tools"]
    ] == [(one["name"], one["description"], one["parameters"]) for one in shown["tools"]]
    assert shown["sampling"] == {"temperature": body["temperature"]}


def test_a_call_by_rule_is_shown_as_the_model_reads_it(cli: Cli, folder: Path, server: ModelServer) -> None:
    """With a word for its result."""
    shown = rendered(cli, folder, "Look into docs")
    (folder / "docs").mkdir()
    assert cli("-C", folder, "run", "keeper", "Look into docs").code == 0
    sent = plain(server.bodies[0]["messages"])
    assert plain(shown["messages"])[:-1] == sent[:-1]
    assert shown["messages"][-1]["text"] == "‹what list_directory gives›"
    assert sent[-1][0] == "tool"
    assert (shown["by_rule"]["phrase"], shown["by_rule"]["reply"]) == ("look into {path}", None)


def test_an_answer_by_rule_sends_nothing(cli: Cli, folder: Path) -> None:
    """The rule, its call and its reply are shown in place of messages."""
    shown = rendered(cli, folder, "list docs")
    assert shown["messages"] == []
    assert shown["by_rule"] == {
        "phrase": "list {path}",
        "slots": {"path": "docs"},
        "tool": "list_directory",
        "arguments": {"path": "docs"},
        "reply": "{{ result.entries | join(', ') }}",
    }
    answer = cli("-C", folder, "agents", "render", "keeper", "list docs")
    assert "---- answered by rule: list {path} ----\ncalls list_directory" in answer.out
    assert "no model is asked, unless the call fails" in answer.err


def test_without_a_message_the_rules_are_listed(cli: Cli, folder: Path) -> None:
    """Behind the examples, which stand under their own headings."""
    out = cli("-C", folder, "agents", "render", "keeper").out
    assert f"You keep {folder}.\n\n---- tools ----\nlist_directory: " in out
    assert '---- example: assistant ----\ncalls list_directory {"path": "."}\n\n---- example: tool ----\na.txt\n' in out
    assert out.endswith("---- answered by rule ----\nlist {path} → list_directory\nlook into {path} → list_directory\n")
    data = rendered(cli, folder)
    assert [one["say"] for one in data["intents"]] == [["list {path}"], ["look into {path}"]]
    assert [message["role"] for message in data["messages"]][-1] == "assistant"


def test_a_phase_that_goes_on_shows_the_conversation_of_a_run(cli: Cli, folder: Path) -> None:
    """As that run sent it, shortened to the window; without a run it is told that there will be one."""
    words = ("--phase", "two.second")
    before = cli("-C", folder, "agents", "render", "keeper", *words)
    assert "the conversation of first stands before the message" in before.err
    assert cli("-C", folder, "run", "two").code == 0
    (row,) = json.loads(cli("-C", folder, "--json", "runs", "ls").out)
    shown = rendered(cli, folder, *words, "--run", row["id"])
    assert shown["continues"] == "first"
    assert [message["part"] for message in shown["messages"]][-1] == "message"
    assert shown["messages"][-1]["text"] == "What was said before, in short:\n‹a summary of 2 messages›\n\nTwo"
