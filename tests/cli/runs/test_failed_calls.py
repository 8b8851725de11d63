"""Calls that failed or were denied, as runs that ended well tell them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
FILES = {
    "tools.d/own.yaml": (
        "description: Own.\ntools:\n"
        "  look: {description: Looks., command: [cat, '{{ path }}'], params: {path: str}, risk: read}\n"
        "  wipe: {description: Wipes., command: [rm, x], risk: danger}\n"
    ),
    "agents.d/keeper.yaml": (
        "description: Keeps.\nprompt: P.\ntools: [look, wipe]\npermissions: [{tool: wipe, action: deny}]\n"
        "intents: [{say: ['read {path}'], tool: look, reply: '{{ result.text }}'}, {say: [wipe], tool: wipe}]\n"
    ),
}


@pytest.fixture
def keeper(project: Callable[..., Path]) -> Path:
    """A project whose agent passes whatever became of its calls."""
    return project(FILES)


def of_last(cli: Cli, root: Path, verb: str) -> Any:
    """What `runs show` or `runs why` tells of the last run, as text and as JSON."""
    run = json.loads(cli("-C", root, "--json", "runs", "ls").out)[0]["id"]
    return cli("-C", root, "runs", verb, run).out, json.loads(cli("-C", root, "--json", "runs", verb, run).out)


def test_a_failed_call_by_rule_is_told_though_the_run_passed(cli: Cli, keeper: Path) -> None:
    """At its end, where only data is wanted, and by both verbs that explain runs."""
    for words in (["-q"], []):
        answer = cli("-C", keeper, *words, "run", "keeper", "read missing.txt")
        assert answer.code == 0
        assert "1 call failed: look: " in answer.err
        assert "missing.txt: No such file or directory" in answer.err.split("1 call failed: look: ")[1]
    for verb in ("show", "why"):
        text, data = of_last(cli, keeper, verb)
        assert "answer/1/intent/call-1: look: " in next(line for line in text.splitlines() if "  failed" in line)
        (call,) = data["failed_calls"]
        assert (call["outcome"], call["tool"], call["target"]) == ("failed", "look", "local")


def test_a_denied_call_is_told_with_the_rule(cli: Cli, keeper: Path) -> None:
    """And where it would have run."""
    told = "1 call denied: wipe: denied by agents.d/keeper.yaml permissions[0]\n"
    assert cli("-C", keeper, "-q", "run", "keeper", "wipe").err == told
    text, data = of_last(cli, keeper, "why")
    assert "    denied: answer/1/intent/call-1: wipe: denied by agents.d/keeper.yaml permissions[0]\n" in text
    assert [(call["outcome"], call["target"]) for call in data["failed_calls"]] == [("denied", "local")]


def test_a_run_without_failed_calls_tells_of_none(cli: Cli, keeper: Path) -> None:
    """Nor does one whose reason is the failed call itself tell it twice."""
    (keeper / "note").write_text("Well kept.\n")
    assert cli("-C", keeper, "-q", "run", "keeper", "read note").err == ""
    assert of_last(cli, keeper, "show")[1]["failed_calls"] == []
    answer = cli("-C", keeper, "-q", "tools", "call", "look", "-i", "path=gone")
    assert (answer.code, "call failed" in answer.err) == (6, False)


def test_runs_whose_call_by_rule_failed_are_no_successes_to_learn_from(cli: Cli, keeper: Path) -> None:
    """They count among the runs, and not among those that passed."""
    (keeper / "note").write_text("Well kept.\n")
    for message in ("read note", "read missing.txt", "wipe"):
        assert cli("-C", keeper, "-q", "run", "keeper", message).code == 0
    (candidate,) = json.loads(cli("-C", keeper, "--json", "agents", "route", "Hm").out)["candidates"]
    assert (candidate["passed"], candidate["runs"]) == (1, 3)
