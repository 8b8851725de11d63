"""A run goes on with the conversation of another: what was said, and what came from strangers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner.engine import Start
from runner.engine.former import IN_ALL, LONGEST, MESSAGES
from runner.engine.turns.conversation import opening
from runner.errors import UsageError
from runner.runs.state import fold

if TYPE_CHECKING:
    from runner.engine import Engine
    from tests.engine.house import House


async def say(engine: Engine, text: str, previous: str = "", name: str = "helper") -> str:
    """Say something, and wait for the answer."""
    run = await engine.submit(Start(name, {"text": text}, previous=previous))
    await engine.settled(run)
    return run


def heard(engine: Engine, run: str) -> list[str]:
    """What the model of a run was sent first, but for the prompt."""
    return [message.text for message in opening(fold(engine.store.events(run)), "answer/1")[1:]]


def test_a_run_is_told_what_was_said_before(house: House) -> None:
    """Messages and answers of all runs of the conversation, the oldest first."""

    async def scene() -> None:
        async with house.engine() as engine:
            first = await say(engine, "one")
            second = await say(engine, "two", first)
            third = await say(engine, "three", second)
            assert heard(engine, third) == ["one", "Done.", "two", "Done.", "three"]
            assert heard(engine, await say(engine, "beside")) == ["beside"]

    asyncio.run(scene())


def test_a_long_conversation_loses_its_beginning(house: House) -> None:
    """It begins with a message then, as servers want it."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = ""
            for number in range(MESSAGES // 2 + 3):
                run = await say(engine, str(number), run)
            texts = heard(engine, run)
            assert (texts[0], texts[-1], len(texts)) == ("2", str(MESSAGES // 2 + 2), MESSAGES + 1)

    asyncio.run(scene())


def test_long_messages_fall_away_sooner(house: House) -> None:
    """The oldest first, each with its answer: what a run keeps of a conversation has an end."""
    long = "x" * (LONGEST + 1)

    async def scene() -> None:
        async with house.engine() as engine:
            run = ""
            for number in range(7):
                run = await say(engine, f"{number}{long}", run)
            said = fold(engine.store.events(run)).queued
            assert said is not None
            assert [(one.role, one.text[0], len(one.text)) for one in said.said] == [
                part for number in "2345" for part in [("user", number, LONGEST + 1), ("assistant", "D", 5)]
            ]
            assert sum(len(one.text) for one in said.said) <= IN_ALL

    asyncio.run(scene())


def test_that_there_was_no_answer_is_said(house: House) -> None:
    """No two messages of a person stand side by side."""
    house.write("replies.yaml", "- {when: {contains: good}, text: Fine.}\n")

    async def scene() -> None:
        async with house.engine() as engine:
            lost = await say(engine, "bad")
            texts = heard(engine, await say(engine, "good", lost))
            assert texts[0] == "bad"
            assert texts[1].startswith("(no answer: ")
            assert texts[2:] == ["good"]

    asyncio.run(scene())


def test_taint_outlives_its_run(house: House) -> None:
    """What a stranger wrote into one answer is read in the next run, so what asks after it asks there, too."""
    house.write(
        "tools.d/test.yaml",
        """
        description: Tools.
        tools:
          page: {description: A page., command: [echo, hi], risk: read, untrusted: true}
          send: {description: Sends., command: [touch, sent], risk: write, egress: true}
    """,
    )
    house.write(
        "runner.yaml",
        """
        models: {default: {provider: scripted, replies: replies.yaml}}
        permissions:
          - {tool: send, action: allow}
    """,
    )
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [page, send]\n")
    house.write(
        "replies.yaml",
        """
        - {when: {contains: read}, text: '', calls: [{tool: page}]}
        - {when: {contains: hi}, text: Read.}
        - {when: {contains: go}, text: '', calls: [{tool: send}]}
        - {text: Done.}
    """,
    )

    async def scene() -> None:
        async with house.engine() as engine:
            read = await say(engine, "read")
            state = fold(engine.store.events(read))
            assert state.tainted == "answer/1/turn-1/call-1"
            after = await say(engine, "go", read)
            row = engine.store.find(after)
            assert row.status == "waiting"
            assert fold(engine.store.events(after)).tainted == f"{read} answer/1/turn-1/call-1"
            assert engine.store.find(await say(engine, "go")).status == "ended"

    asyncio.run(scene())


def test_only_a_conversation_that_has_an_answer_is_gone_on_with(house: House) -> None:
    """What cannot be is refused before there is a run."""
    house.workflow("ask: {approval: {ask: 'Go on?'}}")

    async def scene() -> None:
        async with house.engine() as engine:
            job = await engine.submit(Start("job", {}))
            await engine.settled(job)
            with pytest.raises(UsageError, match="is of the workflow job: only runs of an agent"):
                await say(engine, "x", job)
            with pytest.raises(UsageError, match="no run"):
                await say(engine, "x", "r-nothing")

    asyncio.run(scene())


def test_what_is_run_again_hears_the_same(house: House) -> None:
    """Also when the earlier run is no longer there."""

    async def scene() -> None:
        async with house.engine() as engine:
            second = await say(engine, "two", await say(engine, "one"))
            again = await engine.rerun(second)
            await engine.settled(again)
            assert heard(engine, again) == heard(engine, second) == ["one", "Done.", "two"]

    asyncio.run(scene())
