"""The table of kinds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.runs.record import Record
from runner.targets.port import Target
from runner.tools import KINDS, kind_of, spec_of
from runner.tools.port import Call, Outcome, ToolServer
from runner.tools.python import PythonTool
from runner.tools.workers import FolderWorkers

VALUES = {
    "command": ["ls"],
    "shell": "ls | wc -l",
    "http": {"url": "https://example.com/"},
    "python": "files:read",
    "agent": "clerk",
    "workflow": "build",
}


class Hands:
    """The workers of a folder."""

    def __init__(self, folder: Path) -> None:
        self.workers = FolderWorkers(folder, "owner")

    def target(self, name: str) -> Target:
        """A function needs none."""
        raise AssertionError(name)

    def server(self, pack: str) -> ToolServer:
        """No server is asked."""
        raise AssertionError(pack)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """A function starts no workflow."""
        raise AssertionError((workflow, inputs, call))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_by_its_key_and_reads_it(kind: str) -> None:
    """The key, the module and the field have one name; only what runs a program has words to show."""
    fields = {"description": "d", kind: VALUES[kind]}
    assert kind_of(fields) == kind
    tool: Any = spec_of(kind).model_validate(fields)
    shown = tool.argv(Call("t", {}, Path("/tmp"), "local", 1, "r", "p"))
    assert shown == {"command": ["ls"], "shell": ["/bin/sh", "-c", "ls | wc -l"]}.get(kind)


@pytest.mark.parametrize(
    "keys, message",
    [
        (
            ["description"],
            "says nothing that it does; add one of the keys command, shell, http, python, agent, workflow",
        ),
        (["command", "python"], "is of two kinds, command and python; keep one of these keys"),
    ],
)
def test_a_tool_is_of_one_kind(keys: list[str], message: str) -> None:
    """No kind and two kinds are mistakes."""
    with pytest.raises(ValueError, match=message):
        kind_of(keys)


def test_the_table_is_cheap_to_import() -> None:
    """Workers import it: neither pydantic nor asyncio comes with it."""
    code = "import runner.tools.context, sys; print({'pydantic', 'asyncio', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_a_functions_text_is_a_text_and_all_else_is_itself(tmp_path: Path) -> None:
    """And the tool's hint stands in where a failure has none."""
    (tmp_path / "t.py").write_text(
        "def text(): return 'x'\ndef value(): return [1]\ndef fail(): raise ValueError('no')\n"
    )

    async def work() -> list[Outcome]:
        hands = Hands(tmp_path)
        call = Call("t", {}, tmp_path, "local", 20, "r1", "p/1")
        made = [PythonTool(description="d", python=f"t:{name}", hint="h") for name in ("text", "value", "fail")]
        try:
            with pytest.raises(ToolFailed, match=r"ValueError: no \(t\.py:3\)") as caught:
                await made[2].run(call, hands)
            assert caught.value.hint == "h"
            return [await tool.run(call, hands) for tool in made[:2]]
        finally:
            await hands.workers.close()

    assert asyncio.run(work()) == [Outcome({"text": "x"}), Outcome([1])]
