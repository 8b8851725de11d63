"""Agents as tools: they answer inside their caller's run, and may no more than who called them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk
from tests.engine.house import MODELS, House

if TYPE_CHECKING:
    from tests.engine.house import Told

TOOLS = """
description: Asks.
tools:
  ask_clerk: {description: Ask the clerk., agent: clerk}
"""
REPLIES = """
- {when: {agent: chief, turn: 1}, calls: [{tool: ask_clerk, with: {text: Note it.}}]}
- {when: {agent: clerk, turn: 1}, calls: [{tool: note, with: {text: noted}}]}
- {when: {agent: clerk}, text: It is noted.}
- {text: The clerk did it.}
"""


@pytest.fixture
def office(house: House) -> House:
    """A chief who asks a clerk, who notes."""
    house.write("tools.d/office.yaml", TOOLS)
    house.write("agents.d/chief.yaml", "description: Leads.\nprompt: Lead.\ntools: [ask_clerk]\n")
    house.write("agents.d/clerk.yaml", "description: Notes.\nprompt: Note.\ntools: [note]\n")
    house.write("replies.yaml", REPLIES)
    house.workflow("a: {agent: chief, message: Have it noted.}")
    return house


def ruled(house: House, *rules: str) -> Told:
    """What is told under these rules of runner.yaml."""
    house.write("runner.yaml", f"{MODELS}permissions:\n" + "".join(f"  - {rule}\n" for rule in rules))
    return asyncio.run(house.run())


def test_an_agent_answers_inside_its_callers_run(office: House) -> None:
    """One journal; the answer is what the tool gives."""
    told = ruled(office, "{tool: '*', action: allow}")
    assert told.end.verdict == "pass"
    assert told.call("a/1/turn-1/call-1").output == "It is noted."
    assert office.notes() == ["noted"]


def test_it_may_no_more_than_its_caller(office: House) -> None:
    """A rule about the chief holds for what the clerk does for him."""
    told = ruled(office, "{agent: chief, tool: note, action: deny}", "{tool: '*', action: allow}")
    assert office.notes() == []
    (denied,) = [event.record for event in told.of("tool.returned") if event.tool == "note"]
    assert denied.error is not None
    assert denied.error.match == "policy"


def test_what_only_the_called_one_is_allowed_asks(office: House) -> None:
    """The clerk alone may note unasked; for the chief a person decides."""
    told = ruled(office, "{agent: clerk, tool: note, action: allow}", "{tool: ask_clerk, action: allow}")
    assert [asked.tool for asked in told.of("approval.asked")] == ["note"]


def test_it_acts_on_no_target_that_its_caller_may_not(office: House) -> None:
    """A clerk with more targets is no way to reach them."""
    office.write(
        "tools.d/look.yaml", "description: L.\ntools:\n  look: {description: L., command: [echo, x], risk: read}\n"
    )
    office.write("agents.d/clerk.yaml", "description: N.\nprompt: N.\ntools: [look]\ntargets: [sandbox]\n")
    office.write("replies.yaml", REPLIES.replace("tool: note, with: {text: noted}", "tool: look"))
    told = ruled(office, "{tool: '*', action: allow}")
    (refused,) = [event.record for event in told.of("tool.returned") if event.tool == "look"]
    assert refused.error is not None
    assert "agent chief, which led here, may not act there" in refused.error.message


def test_agents_that_ask_each_other_without_end_are_refused(office: House) -> None:
    """When the files are checked, and not when the money is gone."""
    office.write("tools.d/back.yaml", "description: B.\ntools:\n  ask_chief: {description: Ask., agent: chief}\n")
    office.write("agents.d/clerk.yaml", "description: N.\nprompt: N.\ntools: [ask_chief]\n")
    problems = load(Disk(office.root), office.root).problems
    assert [(one.code, one.file, one.where) for one in problems] == [("recursion", "agents.d/chief.yaml", "tools")]


def test_an_unknown_agent_is_a_problem(office: House) -> None:
    """With the one that is meant."""
    office.write("tools.d/office.yaml", TOOLS.replace("agent: clerk", "agent: clerc"))
    (problem,) = load(Disk(office.root), office.root).problems
    assert (problem.code, problem.hint) == ("unknown-agent", "did you mean clerk?")
