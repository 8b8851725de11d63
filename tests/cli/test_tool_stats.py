"""`runner tools ls --stats` and `tools show`: what the calls of real runs came to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
PACK = """description: Own.
tools:
  look: {description: Looks., command: [cat, "{{ path }}"], params: {path: str}, risk: read}
  wipe: {description: Wipes., command: [rm, x], risk: danger}
  rest: {description: Rests., command: ["true"], risk: read}
"""
FILES = {
    "tools.d/own.yaml": PACK,
    "agents.d/keeper.yaml": (
        "description: Keeps.\nprompt: P.\ntools: [look, wipe]\npermissions: [{tool: wipe, action: deny}]\n"
        "intents: [{say: ['read {path}'], tool: look, reply: '{{ result.text }}'}]\n"
    ),
    "agents.d/idler.yaml": "description: Idles.\nprompt: P.\ntools: [rest]\n",
    "workflows/w.yaml": "description: W.\nphases: {see: {tool: look, with: {path: note}}}\n",
    "replies.yaml": (
        "- calls: [{tool: wipe}, {tool: look, with: {path: nothing-there}}, {tool: made_up}]\n- text: Done.\n"
    ),
    "note": "Well kept.\n",
}


@pytest.fixture
def called(cli: Cli, project: Callable[..., Path]) -> Path:
    """A project behind which are four runs."""
    root = project(FILES)
    for agent, text in (("keeper", "Go."), ("keeper", "read note"), ("keeper", "Read note.")):
        assert cli("-C", root, "run", agent, text).code == 0
    assert cli("-C", root, "run", "w").code == 0
    return root


def columns(out: str) -> dict[str, list[str]]:
    """The words of each row of a table, by the first."""
    rows = [re.split(r"  +", line) for line in out.splitlines()]
    return {row[0]: row[1:] for row in rows}


def figures(cli: Cli, root: Path, *more: str) -> dict[str, dict[str, Any]]:
    """The figures as JSON, by their key."""
    answer = cli("-C", root, "--json", "tools", "ls", "--stats", *more)
    assert answer.code == 0, answer.err
    return {one["key"]: one for one in json.loads(answer.out)["figures"]}


def test_figures_of_every_tool_are_a_table(cli: Cli, called: Path) -> None:
    """Those that were called most come first; one that never was has none, one that is not there failed."""
    rows = columns(cli("-C", called, "tools", "ls", "--stats").out)
    assert list(rows) == ["TOOL", "look", "made_up", "wipe", "rest"]
    assert rows["TOOL"] == ["CALLS", "OK", "NO", "FAILED", "DENIED", "SUCCESS", "P50", "P95", "LAST ERROR"]
    assert rows["look"][:6] == ["4", "3", "0", "1", "0", "75.0%"]
    assert "nothing-there: No such file or directory" in rows["look"][-1]
    assert rows["made_up"][:6] == ["1", "0", "0", "1", "0", "0.0%"]
    assert rows["wipe"][:8] == ["1", "0", "0", "0", "1", "-", "-", "-"]
    assert rows["wipe"][-1].endswith(" denied by agents.d/keeper.yaml permissions[0]")
    assert rows["rest"] == ["-"] * 8


def test_figures_are_counted_by_agent_host_and_intent(cli: Cli, called: Path) -> None:
    """A phase has no agent; a call that was never made has no host."""
    agents = columns(cli("-C", called, "tools", "ls", "--stats", "--by", "agent").out)
    assert (agents["keeper"][0], agents["(phases)"][0]) == ("5", "1")
    assert {key: one["calls"] for key, one in figures(cli, called, "--by", "host").items()} == {"local": 4}
    intents = figures(cli, called, "--by", "intent")
    assert {key: (one["calls"], one["ok"]) for key, one in intents.items()} == {"read {path}": (2, 2)}


def test_figures_of_one_agent_are_those_of_its_calls(cli: Cli, called: Path) -> None:
    """With its own tools among those that were never called; one without calls has only these."""
    keeper = figures(cli, called, "--agent", "keeper")
    assert {name: one["calls"] for name, one in keeper.items()} == {"look": 3, "made_up": 1, "wipe": 1}
    idler = figures(cli, called, "--agent", "idler")
    assert {name: one["calls"] for name, one in idler.items()} == {"rest": 0}
    assert idler["rest"]["rate"] is None


def test_only_calls_since_a_time_are_told(cli: Cli, called: Path) -> None:
    """Others have none then."""
    assert figures(cli, called, "--since", "1h")["look"]["calls"] == 4
    later = cli("-C", called, "tools", "ls", "--stats", "--by", "agent", "--since", "2999-01-01")
    assert (later.out, later.err) == ("", "no tool call is known since then\n")
    assert cli("-C", called, "tools", "ls", "--stats", "--by", "intent", "--since", "2999-01-01").err == (
        "no intent is known since then\n"
    )


def test_a_tool_shows_its_figures(cli: Cli, called: Path) -> None:
    """Who called it, how long it took, what went wrong last."""
    out = cli("-C", called, "tools", "show", "look").out
    assert (
        "  calls        4: 3 ok, 1 failed; success 75.0%\n                 by keeper 3, phases 1; the last one " in out
    )
    assert re.search(r"\n  takes        half within \d+\.\d s, 95 of 100 within \d+\.\d s\n", out)
    assert re.search(r"  last error   \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  .*No such file", out)
    stats = json.loads(cli("-C", called, "--json", "tools", "show", "look").out)["stats"]
    assert (stats["calls"], stats["ok"], stats["rate"]) == (4, 3, 0.75)
    listed = {one["name"]: one["stats"] for one in json.loads(cli("-C", called, "--json", "tools", "ls").out)}
    assert listed == {"look": stats, "wipe": listed["wipe"], "rest": None}


def test_a_tool_that_was_never_called_shows_none(cli: Cli, called: Path) -> None:
    """Nor does any tool where nothing has run yet."""
    assert "\n  calls " not in cli("-C", called, "tools", "show", "rest").out
    assert json.loads(cli("-C", called, "--json", "tools", "show", "rest").out)["stats"] is None


def test_figures_of_nothing_are_refused(cli: Cli, project: Callable[..., Path]) -> None:
    """Where nothing has run, and of an agent that is not there; options of figures without --stats are no list."""
    root = project(FILES)
    assert cli("-C", root, "tools", "ls", "--stats").err.startswith("error: nothing has run here yet\n")
    alone = cli("-C", root, "tools", "ls", "--by", "agent")
    assert (alone.code, alone.err) == (
        2,
        "error: --by, --since and --agent are for figures of calls\nhint: add --stats\n",
    )


def test_an_agent_that_is_not_there_is_told(cli: Cli, called: Path) -> None:
    """With the nearest one."""
    answer = cli("-C", called, "tools", "ls", "--stats", "--agent", "keper")
    assert (answer.code, answer.err) == (2, "error: there is no agent `keper`\nhint: did you mean keeper?\n")


def test_a_time_or_a_subject_that_is_none_is_told(cli: Cli, called: Path) -> None:
    """With what there is."""
    assert "is no time" in cli("-C", called, "tools", "ls", "--stats", "--since", "yesterday").err
    assert "'tool', 'agent', 'host', 'intent'" in cli("-C", called, "tools", "ls", "--stats", "--by", "day").err
