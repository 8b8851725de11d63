"""Keys and words of other systems lead to those of here."""

from __future__ import annotations

from typing import Any

import pytest

from runner.models import PROVIDERS, ServedModel
from runner.policy import Rule
from runner.project.agents import AgentSpec, PromptSpec, Rtcros
from runner.project.meant import known_as
from runner.project.meant.fields import fields_of
from runner.project.packs import PackSpec
from runner.project.settings import Server, Settings
from runner.project.workflows import WorkflowSpec
from runner.tools import KINDS
from runner.tools.command import CommandTool

MODELS = (AgentSpec, PromptSpec, Rtcros, PackSpec, CommandTool, Settings, Server, WorkflowSpec, ServedModel, Rule)


@pytest.mark.parametrize(
    "model, key, value, hint",
    [
        (AgentSpec, "instructions", "x", "did you mean prompt?"),
        (AgentSpec, "allowed_tools", [], "did you mean tools?"),
        (AgentSpec, "turns", 5, "write `limits: {turns: 5}`"),
        (AgentSpec, "role", "x" * 50, "write `prompt: {role: …}`"),
        (AgentSpec, "max_turns", 5, "write `limits: {turns: 5}`"),
        (AgentSpec, "name", "x", "remove it: the file's name is its name"),
        (AgentSpec, "deny", [], "write `permissions: [{tool: NAME, action: deny}]`"),
        (PackSpec, "command", [], "tools: {NAME: {command: …}}"),
        (CommandTool, "parameters", {}, "did you mean params?"),
        (CommandTool, "name", "x", "the key that holds all this is its name"),
        (CommandTool, "readonly", True, "write `risk: read`"),
        (Settings, "listen", "a:1", 'write `server: {listen: "a:1"}`'),
        (Settings, "agents", {}, "agents.d/NAME.yaml"),
        (Server, "port", 8700, 'listen: "127.0.0.1:8700"'),
        (ServedModel, "api_key", "x", "did you mean key?"),
        (WorkflowSpec, "steps", [], "did you mean phases?"),
        (Rule, "effect", "allow", "did you mean action?"),
    ],
)
def test_a_key_of_elsewhere_leads_to_the_one_of_here(model: Any, key: str, value: Any, hint: str) -> None:
    """By its name, or by the place where it stands."""
    assert known_as.of_key(key, value, fields_of(model)).endswith(hint)


@pytest.mark.parametrize("model", MODELS)
def test_a_key_that_is_nowhere_known_gets_no_guess(model: Any) -> None:
    """Likeness is looked for elsewhere."""
    assert known_as.of_key("zebra", 1, fields_of(model)) == ""


@pytest.mark.parametrize(
    "value, choices, hint",
    [
        ("block", ("allow", "ask", "deny"), "did you mean deny?"),
        (True, ("auto", "poll", "off"), "did you mean auto?"),
        ("low", ("read", "write", "danger"), "did you mean read?"),
        ("gpt", tuple(PROVIDERS), "did you mean openai?"),
        ("purple", ("read", "write", "danger"), ""),
        (7, ("read", "write", "danger"), ""),
    ],
)
def test_a_word_of_elsewhere_leads_to_the_one_of_here(value: Any, choices: tuple[str, ...], hint: str) -> None:
    """Of a choice, when one of its words is meant."""
    assert known_as.of_choice(value, choices) == hint


def test_what_a_tool_does_is_known_by_other_keys() -> None:
    """A script is a word for a shell."""
    assert known_as.of_kind({"description": "x", "script": "df -h"}, KINDS) == "did you mean shell?"
    assert known_as.of_kind({"run": ["df"]}, KINDS) == "did you mean command?"
    assert known_as.of_kind({"function": "a:b"}, KINDS) == "did you mean python?"
    assert known_as.of_kind({"description": "x"}, KINDS) == ""
