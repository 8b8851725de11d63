"""R7: each visit of an agent is a fresh conversation; `continue` appends to another phase's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.engine.turns.conversation import first
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

LOOP = """
ask:
  agent: helper
  message: "Visit {{ phases.ask.visits }}."
  next:
    - {when: phases.check.ok, to: pass}
    - {to: check}
check: {tool: flip, with: {file: flips, after: 2}, next: pass, errors: [{match: tool, to: ask, max: 1}]}
"""


def test_each_visit_begins_a_fresh_conversation(tmp_path: Path) -> None:
    """The second visit's model is sent the system prompt and the new message, nothing of the first visit."""
    house = House(tmp_path)
    house.workflow(LOOP)
    told = asyncio.run(house.run())
    assert told.visits() == ["ask/1", "check/1", "ask/2", "check/2"]
    assert [event.messages for event in told.of("model.requested")] == [2, 2]
    assert [event.continues for event in told.of("prompt.rendered")] == ["", ""]


def test_continue_appends_to_the_other_phases_conversation(tmp_path: Path) -> None:
    """The later phase's model reads the earlier message and answer before its own message."""
    house = House(tmp_path)
    house.workflow("""
    first: {agent: helper, message: "My word is plum."}
    second: {agent: helper, continue: first, message: "What was my word?"}
    """)
    told = asyncio.run(house.run())
    assert [event.messages for event in told.of("model.requested")] == [2, 4]
    assert told.of("prompt.rendered")[1].continues == "first/1"


def test_continue_brings_the_tool_calls_of_the_earlier_conversation_along(tmp_path: Path) -> None:
    """A tool's result of the earlier phase can be answered from in the later one."""
    house = House(tmp_path)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: You answer.\ntools: [note]\n")
    house.write(
        "replies.yaml",
        """
        - {when: {phase: first}, calls: [{tool: note, with: {text: quince}}]}
        - {when: {phase: second, contains: quince}, text: It is quince.}
        - {when: {phase: first, turn: 2}, text: Noted.}
        """,
    )
    house.workflow("""
    first: {agent: helper, message: Note a word.}
    second: {agent: helper, continue: first, message: Which word?}
    """)
    told = asyncio.run(house.run())
    assert told.end.output == "It is quince."
    assert [event.messages for event in told.of("model.requested")] == [2, 4, 6]


def test_a_phase_that_continues_itself_goes_on_from_its_former_visit(tmp_path: Path) -> None:
    """`continue` with the phase's own name reaches the visit before, and begins afresh when there is none."""
    house = House(tmp_path)
    house.workflow(LOOP.replace("agent: helper", "agent: helper\n  continue: ask"))
    told = asyncio.run(house.run())
    assert [event.continues for event in told.of("prompt.rendered")] == ["", "ask/1"]
    assert [event.messages for event in told.of("model.requested")] == [2, 4]


def test_continue_goes_on_from_the_last_visit_that_had_a_conversation(tmp_path: Path) -> None:
    """A skipped visit has none, so the one before it is continued."""
    house = House(tmp_path)
    house.workflow("""
    first: {agent: helper, when: phases.first.visits == 0, message: "Hello."}
    again: {tool: flip, with: {file: flips, after: 2}, errors: [{match: any, to: first, max: 1}]}
    last: {agent: helper, continue: first, message: "And?"}
    """)
    told = asyncio.run(house.run())
    assert [event.path for event in told.of("phase.skipped")] == ["first/2"]
    assert told.of("prompt.rendered")[-1].continues == "first/1"


def test_visits_of_one_conversation_share_what_a_provider_finds_its_cache_by(house: House) -> None:
    """The key is that of the visit in which it began; another conversation has its own."""
    told = house.told(
        "a: {agent: helper, message: One.}\n"
        "b: {agent: helper, continue: a, message: Two.}\n"
        "c: {agent: helper, continue: b, message: Three.}\n"
        "d: {agent: helper, message: Four.}"
    )
    assert [first(told.state, f"{phase}/1") for phase in "abcd"] == ["a/1", "a/1", "a/1", "d/1"]
