"""What `ps` says of the servers of models, with a real daemon behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import Daemon
from runner.cli.health import show_servers, show_triggers

MODELS = """models:
  default: {provider: vllm, model: tiny, base_url: "http://127.0.0.1:9/v1"}
  second: {provider: vllm, model: huge, base_url: "http://127.0.0.1:9/v1/"}
  other: {provider: vllm, model: tiny, base_url: "http://127.0.0.1:19/v1"}
  script: {provider: scripted, replies: replies.yaml}
"""
TWICE = """description: Asks twice at once.
phases:
  ask:
    foreach: {in: "[1, 2]", as: n, concurrency: 2}
    agent: a
    message: Hello
"""
SAID = [
    ("closed", 0, 0.0, "ok"),
    ("closed", 2, 0.0, "failed 2 times in a row: cannot connect"),
    ("closed", 0, 7.5, "asked to be left alone for 7.5 s"),
    ("trying", 6, 0.0, "the next call tries whether it is there again; it failed 6 times in a row: cannot connect"),
]


def test_a_server_that_is_left_alone_is_shown(
    cli: Any, project: Callable[..., Path], up: Callable[[Path], Daemon]
) -> None:
    """Each server with its models: for how long nobody asks it, and what it failed with; scripted models have none."""
    agent = "description: A.\nprompt: P.\n"
    root = project({"runner.yaml": MODELS, "agents.d/a.yaml": agent, "workflows/twice.yaml": TWICE})
    daemon = up(root)
    assert cli("-C", root, "ps").out.count(": ok\n") == 2
    daemon.submit("workflow", "twice", {})
    end = time.monotonic() + 30
    while (server := daemon.health()["servers"][0])["breaker"]["state"] != "open" and time.monotonic() < end:
        time.sleep(0.02)
    assert (server["url"], server["models"]) == ("http://127.0.0.1:9/v1", ["default", "second"])
    shown = cli("-C", root, "ps").out
    assert "server    http://127.0.0.1:9/v1 (default, second): left alone for " in shown
    assert " s, failed 5 times in a row: model default: cannot connect to http://127.0.0.1:9: " in shown
    assert "server    http://127.0.0.1:19/v1 (other): ok\n" in shown


@pytest.mark.parametrize("state,failures,held,said", SAID)
def test_how_a_server_stands_is_told_in_few_words(
    capsys: pytest.CaptureFixture[str], state: str, failures: int, held: float, said: str
) -> None:
    """Whatever keeps it from being asked comes first."""
    breaker = {"state": state, "failures": failures, "seconds": 0.0, "last": "cannot connect"}
    show_servers([{"url": "http://m/v1", "models": ["default"], "breaker": breaker, "held": held}])
    assert capsys.readouterr().out == f"server    http://m/v1 (default): {said}\n"


def test_an_alert_is_shown_with_its_workflow(capsys: pytest.CaptureFixture[str]) -> None:
    """Two workflows may have alerts of one name."""
    row = {
        "state": "firing",
        "workflow": "watch",
        "alert": "cpu",
        "text": "97 %\nof 2",
        "count": 3,
        "since": 0,
        "run": "r",
    }
    show_triggers({"triggers": [], "alerts": [row]})
    assert capsys.readouterr().out.startswith("alert     firing watch.cpu: 97 % of 2\n")


WATCH = """description: Watches.
triggers: [{every: 1d, inputs: {place: here}}]
inputs: {place: str}
alerts: [{name: lost, when: not phases.ask.ok, for: 2, text: "Nobody is in {{ inputs.place }}."}]
phases: {ask: {wait: {for: 1s}}}
"""


def test_what_begins_by_itself_is_shown(cli: Any, project: Callable[..., Path], up: Callable[[Path], Daemon]) -> None:
    """By the daemon with its next moment, and as the file says it."""
    root = project({"runner.yaml": "{}\n", "workflows/watch.yaml": WATCH})
    daemon = up(root)
    end = time.monotonic() + 30
    while not daemon.health()["triggers"] and time.monotonic() < end:
        time.sleep(0.02)
    (trigger,) = daemon.health()["triggers"]
    assert (trigger["name"], trigger["inputs"], trigger["next"] % 86_400) == ("watch every 1d", {"place": "here"}, 0)
    assert daemon.health()["alerts"] == []
    assert "trigger   watch every 1d: next " in cli("-C", root, "ps").out
    shown = cli("-C", root, "workflows", "show", "watch").out
    assert 'trigger      every 1d with {"place": "here"}' in shown
    assert "alert        lost: not phases.ask.ok in 2 runs in a row" in shown
