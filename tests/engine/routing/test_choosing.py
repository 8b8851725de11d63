"""A message to whom it fits: chosen once, told with all scores, a tie broken by a model whose call counts as any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner.engine import Start
from runner.runs.paths import CHAT
from tests.engine.house import Told

if TYPE_CHECKING:
    from tests.engine.house import House

GARDEN = "plante des tulipes"
ROUTER = """
models:
  default: {provider: scripted, replies: replies.yaml}
  small: {provider: scripted, replies: replies.yaml}
"""


@pytest.fixture
def twins(house: House) -> House:
    """Two agents whose files fit a message equally well, and one that it does not fit."""
    for name in ("anna", "bert"):
        house.write(
            f"agents.d/{name}.yaml", f"description: Gardens.\nprompt: You are {name}.\nsuggestions: [{GARDEN}]\n"
        )
    house.write("replies.yaml", "- {when: {agent: router}, text: bert}\n- {text: Done.}\n")
    return house


def told(house: House, text: str) -> Told:
    """What the journal tells of a message."""

    async def scene() -> Told:
        async with house.engine() as engine:
            run = await engine.submit(Start(CHAT, {"text": text}, kind="chat"))
            await engine.settled(run)
            return Told(engine.store.events(run))

    return asyncio.run(scene())


def test_a_message_is_answered_by_the_agent_that_it_fits(twins: House) -> None:
    """The choice is an event with reason and scores; without a model for ties, names decide them."""
    one = told(twins, GARDEN)
    (chosen,) = one.of("agent.chosen")
    assert (chosen.agent, chosen.how) == ("anna", "similarity")
    assert "a close call with bert" in chosen.reason
    assert [(each.agent, round(each.score, 1)) for each in chosen.candidates[:2]] == [("anna", 1.0), ("bert", 1.0)]
    assert one.state.prompts["answer/1"].system == "You are anna."
    assert (one.end.verdict, one.end.output) == ("pass", "Done.")


def test_the_model_of_a_tie_is_asked_once_and_its_call_is_a_call(twins: House) -> None:
    """It has its events, and stands in the figures of models beside the agent's."""
    twins.write("runner.yaml", ROUTER + "router: {model: small}\n")
    one = told(twins, GARDEN)
    (chosen,) = one.of("agent.chosen")
    assert (chosen.agent, chosen.how) == ("bert", "model")
    assert [(call.path, call.model, call.agent) for call in one.of("model.requested")] == [
        ("answer/1/choice", "small", "router"),
        ("answer/1/turn-1", "default", "bert"),
    ]


def test_a_model_that_says_anything_else_chooses_nobody(twins: House) -> None:
    """The order of the scores stands."""
    twins.write("runner.yaml", ROUTER + "router: {model: small}\n")
    twins.write("replies.yaml", "- {when: {agent: router}, text: helper}\n- {text: Done.}\n")
    (chosen,) = told(twins, GARDEN).of("agent.chosen")
    assert (chosen.agent, chosen.how) == ("anna", "similarity")
    assert "small was asked and named none of anna, bert" in chosen.reason


def test_nobody_answers_what_fits_nobody(twins: House) -> None:
    """The run fails, and says what would help."""
    one = told(twins, "zzz qqq")
    assert one.end.verdict == "error"
    assert "no agent fits" in one.end.why
    assert "fallback" in one.end.evidence["hint"]


def test_a_run_is_listed_as_one_of_the_agent_that_answered(twins: House) -> None:
    """So what its runs came to counts for it, too."""

    async def scene() -> None:
        async with twins.engine() as engine:
            run = await engine.submit(Start(CHAT, {"text": GARDEN}, kind="chat"))
            row = await engine.settled(run)
            assert (row.kind, row.name) == ("agent", "anna")
            assert engine.store.passed(10) == {"anna": (1, 1)}
            engine.store.rebuild()
            assert engine.store.run(run) == row

    asyncio.run(scene())


def test_rules_of_the_agent_that_was_chosen_hold(twins: House) -> None:
    """It may no more than when it is named."""
    twins.write(
        "agents.d/anna.yaml",
        f"""
        description: Gardens.
        prompt: You are anna.
        suggestions: [{GARDEN}]
        tools: [note]
        permissions: [{{tool: note, action: deny}}]
    """,
    )
    twins.write("replies.yaml", "- {text: '', calls: [{tool: note, with: {text: x}}]}\n- {text: Done.}\n")
    one = told(twins, GARDEN)
    (returned,) = one.of("tool.returned")
    assert returned.record.error.match == "policy"
    assert twins.notes() == []
