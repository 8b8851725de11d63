"""The agents that ship: hybrid answers by rule what it can, cognitive thinks, acts and observes."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING

import pytest

from runner.runs.live import Delta
from tests.engine.acting import ended, start
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.house import Told

SETTINGS = """
use: [std/hybrid, std/cognitive]
models: {default: {provider: scripted, replies: replies.yaml}}
workspaces: [work]
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A project of nothing but these agents, and a workspace that is a git repository with two files."""
    house = House(tmp_path)
    for name in ("tools.d/test.yaml", "tools.d/test.py", "agents.d/helper.yaml"):
        (tmp_path / name).unlink()
    house.write("runner.yaml", SETTINGS)
    house.write("work/app.py", "def add(a, b):\n    return a - b\n")
    house.write("work/README.md", "Adds.\n")
    subprocess.run(["git", "init", "-q", str(tmp_path / "work")], check=True, capture_output=True)
    return house


def asked(house: House, agent: str, text: str, replies: str = "- {text: By the model.}") -> Told:
    """What a run of an agent tells."""
    house.write("replies.yaml", replies)
    return asyncio.run(house.run(agent, text=text))


@pytest.mark.parametrize(
    "message, answer",
    [
        ("Which files are there?", ".git/\nREADME.md\napp.py"),
        ("List files in .", ".git/\nREADME.md\napp.py"),
        ("Show me README.md", "Adds.\n"),
        ("Where is app.py?", "app.py"),
        ("find nothing_like_this.txt", "No file or folder fits nothing_like_this.txt."),
        ("What has changed?", "new      README.md\nnew      app.py\n"),
    ],
)
def test_hybrid_answers_plain_questions_without_a_model(house: House, message: str, answer: str) -> None:
    """The answer is what the tool gave, in a form that people read."""
    told = asked(house, "hybrid", message)
    assert told.end.output == answer
    assert told.of("model.requested") == []


@pytest.mark.parametrize("message", ["Why does add fail?", "don't read app.py", "read app.py, but not all"])
def test_hybrid_leaves_everything_else_to_the_model(house: House, message: str) -> None:
    """Questions, negations, doubts."""
    told = asked(house, "hybrid", message)
    assert told.end.output == "By the model."
    assert told.of("tool.called") == []


def test_hybrid_has_the_model_explain_what_could_not_be_done(house: House) -> None:
    """A file that is not there is no answer."""
    told = asked(house, "hybrid", "read gone.txt", '- {when: {contains: "error: "}, text: There is none.}')
    assert told.end.output == "There is none."


LOOPS = """
- when: {turn: 1}
  thinking: I do not know what add does.
  text: I look.
  calls: [{tool: read_file, with: {path: app.py}}]
- when: {turn: 2, contains: "a - b"}
  thinking: It subtracts.
  text: "add subtracts: app.py, line 2."
"""


def test_cognitive_thinks_acts_and_observes_and_its_thoughts_stay_apart(house: House) -> None:
    """Thoughts stand beside the words in the journal, reach those who watch, and are no part of the answer."""
    house.write("replies.yaml", LOOPS)

    async def scene() -> tuple[Told, list[Delta]]:
        async with house.engine() as engine:
            watching = engine.live.subscribe(None)
            run = await start(engine, "cognitive", text="What does add do?")
            told = await ended(engine, run)
            items = [await anext(watching)]
            while getattr(items[-1], "type", "") != "run.ended":
                items.append(await anext(watching))
            return told, [item for item in items if isinstance(item, Delta)]

    told, deltas = asyncio.run(scene())
    assert told.end.output == "add subtracts: app.py, line 2."
    assert [event.thinking for event in told.of("model.replied")] == ["I do not know what add does.", "It subtracts."]
    thought = "".join(delta.text for delta in deltas if delta.kind == "thinking")
    assert thought == "I do not know what add does.It subtracts."
    assert "Think: before each step" in told.of("prompt.rendered")[0].system
