"""Memory: how much of an earlier conversation is sent again, and the text that stands for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.engine.turns.conversation import opening
from tests.engine.acting import answered_after_restart

if TYPE_CHECKING:
    from tests.engine.house import House, Told

FOUR = """
a: {agent: helper, message: My word is plum.}
b: {agent: helper, continue: a, message: And pear.}
c: {agent: helper, continue: b, message: And quince.}
d: {agent: helper, continue: c, message: Which words?}
"""
REPLIES = """
- {when: {contains: You sum up}, text: "The words: plum, pear."}
- {text: Noted.}
"""


def told(house: House, memory: str, phases: str = FOUR, replies: str = REPLIES, tools: str = "[]") -> Told:
    """What a run of four messages tells."""
    house.write("agents.d/helper.yaml", f"description: A.\nprompt: You answer.\ntools: {tools}\nmemory: {memory}\n")
    house.write("replies.yaml", replies)
    return house.told(phases)


def sent(run: Told, path: str) -> list[str]:
    """Role and text of the messages before the first model call of a visit."""
    return [f"{message.role}: {message.text}" for message in opening(run.state, path)]


def test_what_lies_before_the_window_is_summed_up_by_one_call(house: House) -> None:
    """The summary stands inside the first message that is still sent, and roles still alternate."""
    run = told(house, "{window: 2}")
    assert sent(run, "c/1") == [
        "system: You answer.",
        "user: What was said before, in short:\nThe words: plum, pear.\n\nAnd pear.",
        "assistant: Noted.",
        "user: And quince.",
    ]
    assert [(event.path, event.messages) for event in run.of("summary.made")] == [("c/1", 2), ("d/1", 2)]
    summaries = [event for event in run.of("model.requested") if event.path.endswith("/summary")]
    assert [(event.messages, event.tools) for event in summaries] == [(2, []), (2, [])]


def test_a_summary_is_part_of_the_next_one(house: House) -> None:
    """Nothing is forgotten by being summed up twice: the later summary is made of the earlier one."""
    run = told(house, "{window: 2}")
    first = run.state.replies["c/1/summary"]
    assert first.text == "The words: plum, pear."
    assert "What was said before, in short:\nThe words: plum, pear.\n\nAnd pear." not in "".join(sent(run, "d/1"))
    assert sent(run, "d/1")[1].startswith("user: What was said before, in short:\nThe words")


def test_without_summaries_it_is_left_out(house: House) -> None:
    """No model call is made for it."""
    run = told(house, "{window: 2, summarize: false}")
    assert sent(run, "d/1") == ["system: You answer.", "user: And quince.", "assistant: Noted.", "user: Which words?"]
    assert run.of("summary.made") == []
    assert len(run.of("model.requested")) == 4


def test_a_window_never_begins_within_an_exchange(house: House) -> None:
    """A result without its call would be refused: what cannot be sent whole is summed up whole."""
    replies = """
    - {when: {contains: You sum up}, text: Summed up.}
    - {when: {phase: a}, calls: [{tool: green}]}
    - {text: Done.}
    """
    phases = "a: {agent: helper, message: Look.}\nb: {agent: helper, continue: a, message: And?}"
    run = told(house, "{window: 3}", phases, replies, "[green]")
    assert sent(run, "b/1")[1:] == ["user: What was said before, in short:\nSummed up.\n\nAnd?"]
    assert run.of("summary.made")[0].messages == 4


@pytest.mark.parametrize("memory", ["{}", "{window: 6}"])
def test_a_conversation_within_the_window_is_sent_as_it_was(house: House, memory: str) -> None:
    """Thirty messages where nothing else is said."""
    run = told(house, memory)
    assert len(sent(run, "d/1")) == 8
    assert run.of("summary.made") == []


def test_a_window_of_nothing_sends_the_summary_alone(house: House) -> None:
    """Zero is zero."""
    run = told(house, "{window: 0}")
    assert [line.partition(":")[0] for line in sent(run, "d/1")] == ["system", "user"]


def test_the_system_prompt_is_always_the_agents_own(house: House) -> None:
    """Another agent that goes on with the conversation is told who it is itself."""
    house.write("agents.d/other.yaml", "description: B.\nprompt: You are another.\nmemory: {window: 1}\n")
    run = told(house, "{}", FOUR.replace("d: {agent: helper", "d: {agent: other"))
    assert sent(run, "d/1")[0] == "system: You are another."


def test_a_summary_counts_as_a_model_call(house: House) -> None:
    """The limits of the visit hold for it, too."""
    run = told(house, "{window: 2}\nlimits: {turns: 1}")
    assert "`turns`: 1 of 1 model calls" in run.end.why


def test_a_summary_is_not_made_again_after_a_restart(house: House) -> None:
    """It is in the journal; a second engine goes on behind it."""
    house.write("agents.d/helper.yaml", "description: A.\nprompt: You answer.\ntools: [green]\nmemory: {window: 0}\n")
    house.write(
        "replies.yaml",
        "- {when: {contains: You sum up}, text: Short.}\n- {when: {phase: b}, calls: [{tool: green}]}\n- {text: Done.}",
    )
    phases = "a: {agent: helper, message: One.}\nb: {agent: helper, continue: a, message: Two.}"
    house.workflow(phases)
    house.write("runner.yaml", (house.root / "runner.yaml").read_text().replace("action: allow", "action: ask"))

    told = answered_after_restart(house)
    assert told.end.verdict == "pass"
    assert len(told.of("summary.made")) == 1
    assert len([event for event in told.of("model.requested") if event.path.endswith("/summary")]) == 1
