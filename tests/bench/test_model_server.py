"""The server that benchmarks are measured against answers as a real one would."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.models import ServedModel, open_model
from runner.models.port import Deadline, Message, Place, Reply, Request, ToolDef

ROOT = Path(__file__).parents[2]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}, "o": {}}, "required": ["n"]}
TOOL = ToolDef("count", "Count.", SCHEMA)


@pytest.fixture
def a_port() -> Iterator[int]:
    """The port of a server that runs as a process of its own."""
    command = [sys.executable, "-m", "bench.model_server", "--latency-ms", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def test_it_calls_the_first_tool_and_then_answers(a_port: int) -> None:
    """With arguments that fit the tool's schema; without tools it answers at once."""

    async def scenario() -> list[Reply]:
        spec = ServedModel(provider="vllm", model="bench", base_url=f"http://127.0.0.1:{a_port}/v1")
        model = open_model("bench", spec, key=None, replies=None)
        asked, answered = Message("user", "How many?"), Message("tool", "42", call_id="call00001")
        questions = [([asked], [TOOL]), ([asked, answered], [TOOL]), ([asked], [])]
        place = Place("a", "p", 1, 1)
        replies = [
            await model.reply(Request(messages, tools, None, Deadline(20.0), place), lambda *_: None)
            for messages, tools in questions
        ]
        await model.close()
        return replies

    called, answered, plain = asyncio.run(scenario())
    assert [(call.tool, call.arguments) for call in called.calls] == [("count", {"n": 1})]
    assert (answered.text, list(answered.calls), answered.usage.total) == ("The answer is 42.", [], 24)
    assert plain == answered
