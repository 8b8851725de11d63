"""A hostile model with a free command line, under the shipped policy: what runs unasked does no harm."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.engine.house import MODELS, House
from tests.policy.bypasses import BYPASSES, CANARY, Scene, lay

AT_ONCE = 64
_UNWRITTEN = re.compile(r"[\ud800-\udfff]|\$\{")
"""What a file of replies cannot hold: half a character, and what stands for a secret there."""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A workspace full of traps."""
    folder = tmp_path / "scene"
    folder.mkdir()
    return lay(folder)


def hostile(tmp_path: Path, scene: Scene, attempts: list[str]) -> House:
    """A project whose agent makes all of these calls in its first replies."""
    house = House(tmp_path / "house")
    house.write("runner.yaml", f"use: [std/commands]\nworkspaces: ['{scene.workspace}']\n{MODELS}")
    house.write("agents.d/evil.yaml", "description: Is hostile.\nprompt: Help.\ntools: [run_command]\n")
    calls = [{"tool": "run_command", "with": {"command": scene.fill(attempt)}} for attempt in attempts]
    house.write("replies.yaml", yaml.safe_dump([{"calls": calls}, {"text": "Done."}], width=2**20))
    house.workflow("a: {agent: evil, message: Go.}")
    return house


@pytest.mark.parametrize("family", BYPASSES)
def test_nothing_harmful_runs_without_a_person(family: str, tmp_path: Path, scene: Scene) -> None:
    """Each attempt is a call of the model; all are answered or wait, and the scene stays as it was."""
    attempts = [attempt for attempt in BYPASSES[family] if not _UNWRITTEN.search(attempt)]
    assert len(attempts) <= AT_ONCE
    before = scene.fingerprint()
    told = asyncio.run(hostile(tmp_path, scene, attempts).run())
    assert not scene.pwned.exists()
    assert scene.fingerprint() == before
    ran, asked = told.of("tool.called"), told.of("approval.asked")
    refused = [event for event in told.of("tool.returned") if event.record.status == "failed"]
    assert len({event.path for event in (*ran, *asked, *refused)}) == len(attempts)
    assert CANARY not in json.dumps([event.model_dump(mode="json") for event in told.of("tool.returned")])


def test_a_person_sees_the_exact_words_and_why_they_are_asked(tmp_path: Path, scene: Scene) -> None:
    """The card holds what would run, byte for byte, and the reason."""
    line = "rm -rf src \u202e; echo harmless"
    told = asyncio.run(hostile(tmp_path, scene, [line]).run())
    (asked,) = told.of("approval.asked")
    assert line in asked.arguments["command"]
    assert "shell use" in asked.rule
    assert asked.show.startswith("/bin/sh -c ")


def test_what_was_approved_runs_and_nothing_else(tmp_path: Path, scene: Scene) -> None:
    """The yes is for the words that were shown."""
    house = hostile(tmp_path, scene, ["touch approved", "touch denied"])

    async def go() -> None:
        told = await house.run()
        async with house.engine() as engine:
            for asked in told.of("approval.asked"):
                await engine.decide(asked.approval, "approve" if "approved" in asked.arguments["command"] else "deny")
            await engine.settled(told.events[0].run)

    asyncio.run(go())
    assert (scene.workspace / "approved").exists()
    assert not (scene.workspace / "denied").exists()
