"""Hybrid agents: a whole phrase is answered by rule, all else by the model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner.engine.turns.conversation import whole
from tests.engine.acting import answered_after_restart

if TYPE_CHECKING:
    from tests.engine.house import House, Told

AGENT = """
description: Keeps notes.
prompt: You keep notes.
tools: [note, green, broken, red]
intents:
  - say: ["note {text}", "écris {text}"]
    tool: note
    reply: "Noted: {{ text }} ({{ result.noted }})."
  - {say: [are you well], tool: green}
  - {say: [break it], tool: broken, reply: It is broken.}
  - {say: [ask the red one], tool: red, reply: It said yes.}
"""
REPLIES = """
- {when: {contains: "error: "}, text: It could not be done.}
- {when: {contains: "no: "}, text: It said no.}
- {text: The model speaks.}
"""


def asked(house: House, message: str, *, agent: str = AGENT) -> Told:
    """What a run tells in which the agent is asked this."""
    house.write("agents.d/helper.yaml", agent)
    house.write("replies.yaml", REPLIES)
    return asyncio.run(house.run("helper", text=message))


@pytest.mark.parametrize("message", ["note plum", "Note plum.", "ECRIS plum !"])
def test_a_phrase_is_answered_without_the_model(house: House, message: str) -> None:
    """Its tool is called as any other, the reply is made of result and slots."""
    told = asked(house, message)
    assert told.end.output == "Noted: plum (plum)."
    assert told.of("model.requested") == []
    assert house.notes() == ["plum"]
    assert told.call("answer/1/intent/call-1").ok
    assert told.of("tool.called")[0].rule != ""


def test_of_two_phrases_the_one_that_says_more_is_met(house: House) -> None:
    """In whatever order they stand."""
    more = '  - {say: ["note the word {text}"], tool: note, reply: "The word {{ text }}."}\n'
    assert asked(house, "note the word plum", agent=AGENT.rstrip() + "\n" + more).end.output == "The word plum."


def test_the_journal_tells_which_phrase_was_met(house: House) -> None:
    """With what was in its slots, and what was called."""
    (met,) = asked(house, "Ecris une ligne").of("intent.matched")
    assert (met.path, met.phrase, met.slots) == ("answer/1/intent", "écris {text}", {"text": "une ligne"})
    assert (met.tool, met.arguments) == ("note", {"text": "une ligne"})


@pytest.mark.parametrize(
    "message", ["n'écris pas plum", "don't note plum", "note plum, but not yet", "please note plum", "What is a note?"]
)
def test_negation_doubt_and_anything_else_go_to_the_model(house: House, message: str) -> None:
    """Nothing is called on the way."""
    told = asked(house, message)
    assert told.end.output == "The model speaks."
    assert house.notes() == []
    assert told.of("intent.matched") == []


def test_without_a_reply_the_model_puts_the_result_into_words(house: House) -> None:
    """It reads the call as if it had made it, and its result."""
    told = asked(house, "Are you well?")
    assert told.end.output == "The model speaks."
    roles = [message.role for message in whole(told.state, "answer/1")]
    assert roles == ["system", "user", "assistant", "tool", "assistant"]
    assert told.of("model.requested")[0].messages == 4


@pytest.mark.parametrize("message, said", [("break it", "It could not be done."), ("ask the red one", "It said no.")])
def test_a_call_that_did_not_come_to_a_yes_is_the_models_to_tell(house: House, message: str, said: str) -> None:
    """The reply was written for success."""
    told = asked(house, message)
    assert told.end.output == said
    assert told.of("intent.answered") == []


def test_a_denied_call_is_told_by_the_model(house: House) -> None:
    """Rules judge it as they judge the model's calls."""
    rules = "permissions: [{tool: note, action: deny}]\n"
    told = asked(house, "note plum", agent=AGENT.lstrip() + rules)
    assert told.end.output == "It could not be done."
    assert house.notes() == []


def test_a_call_that_asks_waits_for_a_person_and_is_made_once(house: House) -> None:
    """Also across a restart: the phrase is not met again, the call not made again."""
    house.write("agents.d/helper.yaml", AGENT)
    house.write("runner.yaml", (house.root / "runner.yaml").read_text().replace("action: allow", "action: ask"))

    told = answered_after_restart(house, name="helper", text="note plum")
    assert told.end.output == "Noted: plum (plum)."
    assert [len(told.of(kind)) for kind in ("intent.matched", "tool.called", "intent.answered")] == [1, 1, 1]
    assert house.notes() == ["plum"]


def test_a_later_phase_reads_what_was_answered_by_rule(house: House) -> None:
    """A conversation that goes on holds the call, its result and the reply."""
    house.write("agents.d/helper.yaml", AGENT)
    house.write("replies.yaml", REPLIES)
    told = house.told("a: {agent: helper, message: Note plum.}\nb: {agent: helper, continue: a, message: And?}")
    messages = whole(told.state, "b/1")
    assert [message.role for message in messages] == [
        *("system", "user", "assistant", "tool", "assistant"),
        *("user", "assistant"),
    ]
    assert messages[4].text == "Noted: plum (plum)."
    assert messages[2].calls[0].id == messages[3].call_id


def test_what_a_person_writes_is_no_template(house: House) -> None:
    """A slot is put in as it was written, into arguments and into the reply."""
    told = asked(house, "note {{ run.id }}")
    assert house.notes() == ["{{ run.id }}"]
    assert told.end.output == "Noted: {{ run.id }} ({{ run.id }})."


def test_arguments_are_templates_over_slots_and_keep_their_type(house: House) -> None:
    """`{n: int}` is a number where it stands alone."""
    agent = """
    description: Flips.
    prompt: P.
    tools: [flip]
    intents:
      - say: ["flip {n: int} times"]
        tool: flip
        with: {file: "x{{ n }}", after: "{{ n }}"}
        reply: "{{ result.count }}"
    """
    told = asked(house, "Flip 1 times", agent=agent)
    assert told.of("intent.matched")[0].arguments == {"file": "x1", "after": 1}
    assert told.end.output == "1"


def test_a_reply_of_an_agent_with_output_has_to_fit_it(house: House) -> None:
    """JSON that fits is the answer; where a template gives something else the model answers from the result."""
    notes = AGENT.lstrip().partition("  - {say: [are you well]")[0] + "output: {text: str}\n"
    fits = notes.replace('"Noted: {{ text }} ({{ result.noted }})."', '\'{"text": "{{ text }}"}\'')
    assert asked(house, "note plum", agent=fits).end.output == {"text": "plum"}
    house.write("replies.yaml", '- {text: {text: "by the model"}}')
    house.write("agents.d/helper.yaml", notes)
    assert asyncio.run(house.run("helper", text="note plum")).end.output == {"text": "by the model"}
