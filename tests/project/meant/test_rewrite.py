"""How a value of the wrong type is written instead."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from runner.project.agents import AgentSpec
from runner.project.meant.fields import place_of
from runner.project.meant.rewrite import how_to_write, retyped
from runner.project.packs import PackSpec
from runner.project.settings import Settings
from runner.project.words import flow
from runner.tools.command import CommandTool


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "std/files",
        "-x",
        "--no-pager",
        "*",
        "-",
        "a: b",
        "a, b",
        "yes it is",
        "true",
        "{x}",
        "#1",
        "",
        3,
        True,
        "1h30m",
        "12",
    ],
)
def test_a_value_in_one_line_is_read_as_the_same_again(value: Any) -> None:
    """With quotes where it needs them."""
    assert yaml.safe_load(flow({"a": [value]})) == {"a": [value]}


@pytest.mark.parametrize(
    "value, hint",
    [
        ("flase", "did you mean false?"),
        ("no", "write false"),
        (1, "write true"),
        ("true", "write it without quotes"),
        ("maybe", ""),
    ],
)
def test_a_truth_is_known_by_other_words(value: Any, hint: str) -> None:
    """A misspelt one, one of other systems, one in quotes."""
    assert retyped(value, "true or false", place_of(CommandTool, ("enabled",))) == hint


@pytest.mark.parametrize(
    "loc, value, wanted, hint",
    [
        (("tools",), "a, b,", "a list", 'write it in brackets: ["a", "b"]'),
        (("tools",), {"a": None, "b": True}, "a list", "write a list: [a, b]"),
        (("permissions",), {"action": "ask"}, "a list", "write a list: [{action: ask}]"),
        (("permissions",), {"color": "red"}, "a list", ""),
        (("prompt", "parts", "rules"), "Be kind", "a list", 'write it in brackets: ["Be kind"]'),
        (("tools", "listed", 0), {"name": "a", "risk": "read"}, "a text", "write the name alone: a"),
        (("tools", "listed", 0), {"a": None}, "a text", "write the name alone: a"),
        (("description",), {"a": 1}, "a text", ""),
        (("description",), ["a", "b"], "a text", "write one text; several lines stand indented below `|`"),
        (("description",), True, "a text", 'quote it: "true"'),
        (("limits", "tokens"), "unlimited", "a whole number", "leave it out for no limit"),
        (("limits", "turns"), "unlimited", "a whole number", ""),
    ],
)
def test_a_value_is_written_as_the_place_takes_it(loc: Any, value: Any, wanted: str, hint: str) -> None:
    """As a list, a text or a number; nothing where it cannot be known."""
    assert retyped(value, wanted, place_of(AgentSpec, loc)) == hint


def test_a_mapping_without_a_name_is_told_one() -> None:
    """Of models, which stand below names, also when they stand in a list."""
    place = place_of(Settings, ("models", "provider"))
    assert retyped("ollama", "a mapping", place) == "a name stands above such keys: {NAME: {provider: ollama}}"
    listed = how_to_write(place_of(Settings, ("models",)), "a mapping", [{"name": "big", "model": "x"}])
    assert listed.startswith("write `big:` in place of `- name: big`")
    assert retyped("qwen3:8b", "a mapping", place_of(Settings, ("models", "default"))) == (
        'write {provider: ollama, model: "qwen3:8b"}'
    )


def test_a_tool_that_is_its_command_is_told_its_keys() -> None:
    """As a text, or as a list of words."""
    place = place_of(PackSpec, ("tools", "a"))
    assert retyped("cat x", "a mapping", place) == "write {description: …, command: [cat, x]}"
    assert retyped(["cat", "x"], "a mapping", place) == "write {description: …, command: [cat, x]}"


def test_one_name_in_brackets_is_told_without_them() -> None:
    """Several lines are one text."""
    place = place_of(AgentSpec, ("model",))
    assert retyped(["small"], "a text", place) == "write it without brackets: small"
