"""What a person is shown of a call, and that their answer is good for nothing else."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine.calls.asking import Question
from runner.errors import UsageError
from runner.runs.store import FILE
from tests.engine.acting import Clock, ended, fault, has, parked, start, told
from tests.engine.house import MODELS, House

if TYPE_CHECKING:
    from runner.runs.rows import ApprovalRow

SECRET = "hunter2-hunter2-hunter2"
TOOLS = """
description: Acts.
tools:
  restart:
    description: Restart something.
    command: [restart-it, --now, "{{ name }}"]
    params: {name: str}
    env: {ZONE: eu, TOKEN: "${RESTART_TOKEN}"}
    sudo: true
  report:
    description: Report something.
    http:
      url: "https://api.example.com/reports/{{ name }}"
      method: POST
      headers: {x-token: "${RESTART_TOKEN}"}
      json: {text: "{{ text }}"}
    params: {name: str, text: str}
  free:
    description: Run a command line.
    command: "{{ line }}"
    params: {line: str}
  letter:
    description: Read a letter.
    command: [echo, hello]
    risk: read
    untrusted: true
"""
HOSTS = """
hosts:
  web1: {address: 10.255.0.1, groups: [web]}
  web2: {address: 10.255.0.2, groups: [web]}
"""


@pytest.fixture
def house(tmp_path: Any) -> House:
    """A house whose agent acts by tools that ask."""
    house = House(tmp_path)
    house.write("runner.yaml", MODELS + HOSTS)
    house.write(".env", f"RESTART_TOKEN={SECRET}\n").chmod(0o600)
    house.write("tools.d/acts.yaml", TOOLS)
    house.write("agents.d/helper.yaml", "description: Helps.\nprompt: Help.\ntools: ['*']\ntargets: [local]\n")
    return house


def asked(house: House, name: str = "job", **inputs: Any) -> ApprovalRow:
    """The last question of a run that waits."""

    async def scene() -> ApprovalRow:
        async with house.engine() as engine:
            run = await start(engine, name, **inputs)
            await parked(engine, run)
            return engine.store.approvals(run=run)[-1]

    return asyncio.run(scene())


def calling(house: House, *calls: str) -> House:
    """A model that makes these calls, one a turn."""
    turns = "".join(f"- {{when: {{turn: {turn}}}, calls: [{call}]}}\n" for turn, call in enumerate(calls, 1))
    house.write("replies.yaml", f"{turns}- {{text: Done.}}\n")
    return house


def test_the_card_of_a_command_has_its_words_its_place_and_who_asks(house: House) -> None:
    """Of its environment the names alone; that it runs as root is part of what is shown."""
    calling(house, "{tool: restart, with: {name: 'a b'}}")
    row = asked(house, "helper", text="go")
    assert row.show == f"restart-it --now 'a b'\nin {house.root}, as root by sudo"
    assert (row.agent, row.targets, row.cwd) == ("helper", ("local",), str(house.root))
    assert (row.env, row.arguments) == (("TOKEN", "ZONE"), {"name": "a b"})
    assert (row.rule, row.revision) == ("default: no rule matches and risk is write", house.load().revision)
    with closing(sqlite3.connect(house.root / ".runner" / FILE)) as connection:
        assert SECRET not in "".join(connection.iterdump())


def test_the_card_of_a_request_has_method_address_and_body(house: House) -> None:
    """As they would be sent; the secret is in none of them."""
    calling(house, "{tool: report, with: {name: a/b, text: Fine.}}")
    row = asked(house, "helper", text="go")
    assert row.show == f'POST https://api.example.com/reports/a%2Fb\n{{"text": "Fine."}}\nin {house.root}'


def test_the_card_of_a_fleet_names_every_host(house: House) -> None:
    """A group is not enough: a yes is for these machines."""
    house.workflow("a: {tool: restart, with: {name: nginx}, target: 'group:web'}")
    row = asked(house)
    assert row.show.endswith("on 2 hosts: web1, web2, as root by sudo")
    assert (row.targets, row.cwd, row.agent) == (("web1", "web2"), "", "")


def test_the_card_says_why_it_asks(house: House) -> None:
    """The words of the policy about a command line, and what strangers wrote."""
    calling(house, "{tool: free, with: {line: 'rm -rf x'}}")
    assert "rm" in asked(house, "helper", text="go").rule.partition("(")[2]
    calling(house, "{tool: letter}", "{tool: restart, with: {name: x}}")
    house.write("runner.yaml", f"{MODELS}permissions: [{{tool: '*', action: allow}}]\n")
    assert asked(house, "helper", text="go").rule == "taint: the run has read what strangers may have written"


def test_a_long_command_is_on_its_card_whole(house: House) -> None:
    """To the last byte, and the digest is of all of it: another one in the middle is another question."""
    line = f"touch x; echo {'a' * 30_000}é{'b' * 30_000}; rm -rf y"
    calling(house, f"{{tool: free, with: {{line: {json.dumps(line)}}}}}")
    row = asked(house, "helper", text="go")
    assert row.show == f"/bin/sh -c '{line}'\nin {house.root}"
    question = Question("policy", "May it?", show=row.show)
    assert question.shown("r") != replace(question, show=row.show.replace("é", "e")).shown("r")


@pytest.mark.parametrize("call", ["{tool: free, with: {line: LONG}}", "{tool: note, with: {text: LONG}}"])
def test_what_nobody_would_read_is_refused_rather_than_cut(house: House, call: str) -> None:
    """Nobody is asked; the model is told why. A rule that allows it asks nobody, so it has no such limit."""
    calling(house, call.replace("LONG", json.dumps(f"touch {'a' * 66_000}; rm -rf x")))

    async def scene(rules: str) -> Any:
        house.write("runner.yaml", f"{MODELS}{rules}")
        async with house.engine() as engine:
            return await ended(engine, await start(engine, "helper", text="go"))

    refused = asyncio.run(scene(""))
    assert refused.of("approval.asked") == []
    message = fault(refused.of("tool.returned")[0].record).message
    assert message.startswith("denied by its length: a person would have to read 66,")
    assert " bytes, more than 65,536 (default: no rule matches and risk is" in message
    if "note" in call:
        asyncio.run(scene("permissions: [{tool: note, action: allow}]\n"))
        assert len(house.notes()[0]) > 66_000


def test_a_yes_is_void_for_other_arguments(house: House) -> None:
    """Somebody changed what the model had said: the person is asked again, and nothing was done by the first yes."""
    calling(house, "{tool: note, with: {text: harmless}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine, "helper", text="go")
            first = (await parked(engine, run)).of("approval.asked")[0]
        with closing(sqlite3.connect(house.root / ".runner" / FILE)) as connection:
            sql = "UPDATE events SET event = replace(event, 'harmless', 'evil') WHERE type = 'model.replied'"
            assert connection.execute(sql).rowcount == 1
            connection.commit()
        async with house.engine() as engine:
            await engine.decide(first.approval, "approve", by="ann")
            await has(engine, run, "approval.asked", 2)
            second = (await parked(engine, run)).of("approval.asked")[1]
            assert (second.arguments["text"], house.notes()) == ("evil", [])
            await engine.decide(second.approval, "deny", by="ann")
            await ended(engine, run)

    asyncio.run(scene())
    assert house.notes() == []


def test_an_open_question_about_other_arguments_is_void(house: House) -> None:
    """It can be answered no more, so that nobody believes to have said yes to what is done."""
    calling(house, "{tool: note, with: {text: harmless}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine, "helper", text="go")
            first = (await parked(engine, run)).of("approval.asked")[0]
        with closing(sqlite3.connect(house.root / ".runner" / FILE)) as connection:
            connection.execute("UPDATE events SET event = replace(event, 'harmless', 'evil') WHERE type LIKE 'model.%'")
            connection.commit()
        async with house.engine() as engine:
            await engine.resume(run)
            await has(engine, run, "approval.asked", 2)
            await parked(engine, run)
            assert [row.status for row in engine.store.approvals(run=run, open_only=False)] == ["void", "open"]
            with pytest.raises(UsageError, match="void"):
                await engine.decide(first.approval, "approve", by="ann")

    asyncio.run(scene())


@pytest.mark.parametrize(
    "change", [{"agent": "eve"}, {"targets": ("web2",)}, {"cwd": "/"}, {"env": ("LD_PRELOAD",)}, {"rule": "none"}]
)
def test_every_part_of_the_card_is_bound(change: dict[str, Any]) -> None:
    """The digest of what was shown is another one when any of it is."""
    question = Question("policy", "May it?", agent="ann", targets=("web1",), cwd="/srv", env=("A",), rule="r")
    assert question.shown("r1") != replace(question, **change).shown("r1")
    assert question.shown("r1") != question.shown("r2")


def test_a_call_that_nobody_decides_is_not_made(house: House) -> None:
    """Its question expires; the failure says so."""
    house.workflow("a: {tool: note, with: {text: x}, errors: [{match: policy, to: pass}]}")
    clock = Clock()

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await parked(engine, run)
            clock.turn(86_401)
            message = fault((await ended(engine, run)).record("a/1")).message
            assert message.endswith("and nobody answered before the deadline")

    asyncio.run(scene())
    assert house.notes() == []


def test_of_yes_and_no_at_once_by_two_engines_exactly_one_counts(house: House) -> None:
    """Whoever is later is told; the journal has one answer, and what was done follows it."""
    house.workflow("a: {tool: note, with: {text: x}, errors: [{match: policy, to: pass}]}")

    async def scene() -> str:
        async with house.engine() as one, house.engine() as other:
            run = await start(one)
            question = (await parked(one, run)).of("approval.asked")[0]
            answers = await asyncio.gather(
                one.decide(question.approval, "approve", by="ann"),
                other.decide(question.approval, "deny", by="bob"),
                return_exceptions=True,
            )
            assert [type(answer) for answer in answers].count(UsageError) == 1
            await ended(one, run)
            (decided,) = told(one, run).of("approval.decided")
            assert (decided.by == "ann") == (answers[0] is None)
            return str(decided.decision)

    decision = asyncio.run(scene())
    assert house.notes() == (["x"] if decision == "approve" else [])
