"""Many tools behind two: a model searches and calls what it found, under the rules of a direct call."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine.turns.telling import tool_defs
from tests.engine.acting import fault
from tests.engine.house import MODELS, House

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.house import Told

PACKS = (
    *("commands", "databases", "docker", "files", "git", "music", "network"),
    *("nginx", "pm2", "qa", "system", "utilities", "web"),
)
MUSIC = "resources: {music: {sqlite: music.db}}\n"
AGENT = """
description: Does all kinds of things.
prompt: Do what you are asked.
tools: {mode: search}
limits: {same_call: 2}
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with every tool that ships, and an agent that searches them."""
    house = House(tmp_path)
    house.write("runner.yaml", f"use: [{', '.join(f'std/{pack}' for pack in PACKS)}]\n{MODELS}{MUSIC}")
    house.write("agents.d/helper.yaml", AGENT)
    return house


def said(house: House, *turns: list[dict[str, Any]]) -> Told:
    """A run whose model makes these calls, turn by turn."""
    replies: list[dict[str, Any]] = [
        {"when": {"turn": number}, "calls": calls} for number, calls in enumerate(turns, start=1)
    ]
    house.write("replies.yaml", json.dumps([*replies, {"text": "Done."}]))
    return asyncio.run(house.run("helper", text="go"))


def search(query: object, **more: object) -> dict[str, Any]:
    """A search."""
    return {"tool": "search_tools", "with": {"query": query, **more}}


def call(tool: object, arguments: object = None, **more: object) -> dict[str, Any]:
    """A call of what was found."""
    given = {"tool": tool, "arguments": arguments, **more}
    return {"tool": "call_tool", "with": {name: value for name, value in given.items() if value is not None}}


def test_the_model_is_told_two_tools_of_more_than_a_hundred(house: House) -> None:
    """And what they take; the agent has them all the same."""
    project = house.load()
    agent = project.agents["helper"]
    assert len(agent.tools) >= 100
    found, called = tool_defs(project, agent)
    assert (found.name, called.name) == ("search_tools", "call_tool")
    assert str(len(agent.tools)) in found.description
    assert sorted(called.parameters["properties"]) == ["arguments", "tool"]
    assert said(house).of("model.requested")[0].tools == ["search_tools", "call_tool"]


WANTED = {
    "how much disk space is free": "disk_usage",
    "memory": "memory_usage",
    "restart a service": "service_restart",
    "docker containers": "docker_containers",
    "look up a name in DNS": "dns_lookup",
    "commit changes with git": "git_commit",
    "nginx configuration test": "nginx_test",
    "search music tracks": "search_tracks",
}


def test_words_find_the_tool_that_is_meant(house: House) -> None:
    """Among the first five of all that ship."""
    told = said(house, [search(query) for query in WANTED])
    for number, (query, tool) in enumerate(WANTED.items(), start=1):
        output = told.call(f"answer/1/turn-1/call-{number}").output
        assert tool in [one["name"] for one in output["tools"]], query


def test_a_search_tells_all_that_a_call_needs(house: House) -> None:
    """Name, one line, risk and schema; as many as are wanted, the same ones each time."""
    first = said(house, [search("disk space", limit=2), search("disk space", limit=2)])
    one, two = (first.call(f"answer/1/turn-1/call-{number}").output for number in (1, 2))
    assert one == two
    assert len(one["tools"]) == 2
    assert one["more"] > 0
    tool = next(tool for tool in one["tools"] if tool["name"] == "disk_usage")
    assert (tool["risk"], "path" in tool["parameters"]["properties"]) == ("read", True)
    assert "\n" not in tool["description"]
    assert first.of("tool.called") == []


def test_what_was_found_is_called_under_its_own_name(house: House) -> None:
    """Searched, then called: the journal has the inner tool, its arguments with defaults, and its result."""
    told = said(house, [search("disk space")], [call("disk_usage", {"path": "/"})])
    (called,) = told.of("tool.called")
    assert (called.tool, called.arguments, called.path) == ("disk_usage", {"path": "/"}, "answer/1/turn-2/call-1")
    assert told.of("tool.returned")[-1].tool == "disk_usage"
    assert told.call("answer/1/turn-2/call-1").output["rows"]


def test_rules_and_questions_are_those_of_the_inner_tool(house: House) -> None:
    """A change asks, in the words of the command; a rule that denies it denies it."""
    settings = (house.root / "runner.yaml").read_text()
    told = said(house, [call("make_directory", {"path": "x"})])
    (question,) = told.of("approval.asked")
    assert (question.tool, question.agent, question.arguments) == ("make_directory", "helper", {"path": "x"})
    house.write("runner.yaml", f"{settings}permissions: [{{tool: make_directory, action: deny}}]\n")
    told = said(house, [call("make_directory", {"path": "x"})])
    assert fault(told.call("answer/1/turn-1/call-1")).match == "policy"
    assert not (house.root / "x").exists()


def test_equal_calls_are_counted_by_what_they_call(house: House) -> None:
    """Through `call_tool`, with the arguments as a text, or directly: it is the same call."""
    same = {"path": "/"}
    turns = [[call("disk_usage", same)], [call("disk_usage", json.dumps(same))]]
    told = said(house, *turns, [{"tool": "disk_usage", "with": same}])
    assert [event.tool for event in told.of("tool.called")] == ["disk_usage", "disk_usage"]
    assert "called 2 times with the same arguments" in fault(told.call("answer/1/turn-3/call-1")).message


HOSTILE: tuple[tuple[dict[str, Any], str], ...] = (
    (call("call_tool", {"tool": "disk_usage"}), "call_tool does not call call_tool"),
    (call("search_tools", {"query": "disk"}), "call_tool does not call search_tools"),
    (call("disk_usag", {}), "there is no tool `disk_usag`"),
    (call("x" * 5000, {}), "there is no tool `xxx"),
    (call("disk_usage", ["/"]), "`arguments` of call_tool is no JSON object"),
    (call("disk_usage", "rm -rf /"), "`arguments` of call_tool is no JSON object"),
    (call("disk_usage", 7), "`arguments` of call_tool is no JSON object"),
    (call("disk_usage", {"path": 7}), "arguments of disk_usage: path"),
    (call("disk_usage", {"sudo": True}), "arguments of disk_usage: sudo"),
    (call(None, {}), "`tool` of call_tool is the name of a tool"),
    (call(["disk_usage"], {}), "`tool` of call_tool is the name of a tool"),
    (call("disk_usage", {}, path="/"), "call_tool does not take path"),
    (call("disk_usage", {}, target="web1"), "may not run on 'web1'"),
    (call("disk_usage", {"target": "a"}, target="b"), "one target and the arguments of disk_usage another"),
    (search(7), "arguments of search_tools: query"),
    (search("disk", limit=1000), "arguments of search_tools: limit"),
    ({"tool": "search_tools", "with": {}}, "arguments of search_tools: query: is missing"),
)


def test_calls_that_are_none_go_back_to_the_model(house: House) -> None:
    """In words, with nothing done, and the run goes on."""
    told = said(house, [hostile for hostile, _ in HOSTILE])
    for number, (hostile, words) in enumerate(HOSTILE, start=1):
        assert words in fault(told.call(f"answer/1/turn-1/call-{number}")).message, hostile
    assert (told.end.verdict, told.of("tool.called")) == ("pass", [])


def test_a_tool_that_the_selectors_leave_out_cannot_be_called_or_found(house: House) -> None:
    """Neither by `call_tool` nor directly; a near name is not told beyond what the agent has."""
    house.write(
        "agents.d/helper.yaml", AGENT.replace("{mode: search}", "{mode: search, from: ['system/*', -kernel_info]}")
    )
    told = said(
        house,
        [
            search("kernel release", limit=20),
            call("kernel_info"),
            {"tool": "kernel_info"},
            call("git_commit", {"message": "x"}),
        ],
    )
    names = [tool["name"] for tool in told.call("answer/1/turn-1/call-1").output["tools"]]
    assert "kernel_info" not in names
    assert [fault(told.call(f"answer/1/turn-1/call-{number}")).match for number in (2, 3, 4)] == ["tool"] * 3
    assert told.of("tool.called") == []


def test_words_that_no_tool_has_are_answered_with_the_packs(house: House) -> None:
    """So that the model knows what there is; the answer is no."""
    told = said(house, [search("zzzyx"), search("   ")])
    for number in (1, 2):
        record = told.call(f"answer/1/turn-1/call-{number}")
        assert (record.status, record.output["tools"]) == ("no", [])
        assert {"docker", "files", "system"} <= set(record.output["packs"])


def test_one_that_calls_again_and_again_what_is_none_ends(house: House) -> None:
    """The guard against equal calls holds for what stands for no call, too."""
    told = said(house, *[[call("call_tool", {})]] * 6)
    assert (told.end.verdict, told.end.evidence["match"]) == ("error", "budget")


def test_hosts_are_chosen_beside_the_tool(house: House) -> None:
    """Where the agent may act on several, `call_tool` offers them, and so does what a search tells."""
    hosts = "hosts: {web1: {address: 10.255.0.1}}\n"
    house.write("runner.yaml", (house.root / "runner.yaml").read_text() + hosts)
    house.write("agents.d/helper.yaml", f"{AGENT}targets: [local, web1]\n")
    project = house.load()
    _, called = tool_defs(project, project.agents["helper"])
    assert called.parameters["properties"]["target"]["enum"] == ["local", "web1"]
    told = said(house, [search("disk space"), call("disk_usage", {"path": "/"}, target="local")])
    output = told.call("answer/1/turn-1/call-1").output
    tool = next(tool for tool in output["tools"] if tool["name"] == "disk_usage")
    assert tool["parameters"]["properties"]["target"]["enum"] == ["local", "web1"]
    assert [event.target for event in told.of("tool.called")] == ["local"]


def test_examples_show_the_call_as_the_model_has_to_make_it(house: House) -> None:
    """By `call_tool`: the model would learn to call what it is not told of."""
    example = 'examples: [{user: "Disk?", calls: [{tool: disk_usage, with: {path: /}}], answer: Full.}]\n'
    house.write("agents.d/helper.yaml", AGENT + example)
    shown = said(house).of("prompt.rendered")[0].examples[1].calls[0]
    assert (shown.tool, shown.arguments) == ("call_tool", {"tool": "disk_usage", "arguments": {"path": "/"}})
