"""Texts for a shell in a run: asked about as they would run, judged as what could be any command, also on hosts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.calls.test_targets import hosts
from tests.engine.house import MODELS, House
from tests.sshd import sshd

if TYPE_CHECKING:
    from tests.sshd import Sshd

__all__ = ["sshd"]

PACK = """
description: d
tools:
  sh_note:
    description: Note a word.
    shell: |
      printf '%s\\n' {{ word }} | tee -a noted
    params: {word: str}
  sh_port:
    description: Say on which port one was let in, and what was said.
    shell: echo "port ${SSH_CONNECTION##* }" {{ word }}
    params: {word: str}
    risk: read
  sh_slow:
    description: Sleep.
    shell: sleep 30; echo {{ word }}
    params: {word: str}
    risk: read
    timeout: 0.2s
"""
WORD = "it's\n$(touch made); touch made"


@pytest.fixture
def shells(house: House) -> House:
    """A house with texts for a shell, without any rules."""
    house.write("runner.yaml", MODELS)
    house.write("tools.d/shells.yaml", PACK)
    return house


def call(tool: str, **keys: str) -> str:
    """A phase that calls a tool with the word."""
    return (
        f"a: {{tool: {tool}, with: {{word: '{{{{ inputs.word }}}}'}}{''.join(f', {k}: {v}' for k, v in keys.items())}}}"
    )


def test_a_person_sees_the_text_as_it_would_run(shells: House) -> None:
    """All of it, with the value in it, and no second quotes around it; the yes is for this text."""
    shells.workflow(call("sh_note"), head="inputs: {word: str}")

    async def scene() -> None:
        asked = (await shells.run(word=WORD)).of("approval.asked")[0]
        assert (
            asked.show == f"printf '%s\\n' 'it'\"'\"'s\n$(touch made); touch made' | tee -a noted\n\nin {shells.root}"
        )
        assert "risk is danger" in asked.rule
        assert not (shells.root / "noted").exists()
        async with shells.engine() as engine:
            await engine.decide(asked.approval, "approve")
            await engine.settled(asked.run)

    asyncio.run(scene())
    assert (shells.root / "noted").read_text() == f"{WORD}\n"
    assert not (shells.root / "made").exists()


@pytest.mark.parametrize(
    "rules, asks",
    [
        ("{argv: [/bin/sh, '*'], action: allow}", True),
        ("{argv: [sh, -c, '*'], action: allow}", True),
        ("{tool: sh_note, action: allow}", False),
        ("{tool: sh_note, argv: [rm, '*'], action: ask}, {tool: sh_note, action: allow}", True),
        ("{risk: danger, action: allow}", False),
    ],
)
def test_rules_about_words_only_make_it_stricter(shells: House, rules: str, asks: bool) -> None:
    """A shell could make any command of a text."""
    shells.write("runner.yaml", f"{MODELS}permissions: [{rules}]\n")
    told = shells.told(call("sh_note"), head="inputs: {word: str}", word="x")
    assert bool(told.of("approval.asked")) == asks
    assert bool(told.of("tool.called")) != asks


def test_a_text_that_is_out_of_time_is_ended(shells: House) -> None:
    """As any command."""
    told = shells.told(
        f"{call('sh_slow')[:-1]}, errors: [{{match: timeout, to: pass}}]}}", head="inputs: {word: str}", word="x"
    )
    assert told.end.verdict == "pass"


def test_one_text_runs_on_all_hosts_of_a_group(house: House, sshd: list[Sshd]) -> None:
    """With the value in it byte for byte."""
    hosts(house, sshd)
    house.write("tools.d/shells.yaml", PACK)
    told = house.told(call("sh_port", target="'group:web'"), head="inputs: {word: str}", word=WORD)
    answers = told.record("a/1").output["answers"]
    assert [row["output"]["text"] for row in answers] == [f"port {one.port} {WORD}\n" for one in sshd[:2]]
