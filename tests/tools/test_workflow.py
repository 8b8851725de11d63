"""Workflows as tools."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.runs.record import Fault, Record
from runner.targets.port import Target
from runner.tools.port import Call, Outcome, ToolServer, Workers
from runner.tools.workflow import WorkflowTool

TOOL = WorkflowTool.model_validate({"description": "d", "workflow": "build", "hint": "look at the run"})
CALL = Call("t", {"request": "x"}, Path("/tmp"), "local", 20, "r1", "p/1")


class Hands:
    """An engine whose child run ended with a given record; remembers what it was asked for."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.asked: list[tuple[str, Mapping[str, Any], Call]] = []

    def target(self, name: str) -> Target:
        """A workflow needs none itself."""
        raise AssertionError(name)

    @property
    def workers(self) -> Workers:
        """Nor workers."""
        raise AssertionError

    def server(self, pack: str) -> ToolServer:
        """No server is asked."""
        raise AssertionError(pack)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """The record."""
        self.asked.append((workflow, inputs, call))
        return self._record


@pytest.mark.parametrize("status", ["ok", "no"])
def test_its_verdict_is_the_tools(status: Any) -> None:
    """Pass is ok, fail is no; the output is the child's."""
    hands = Hands(Record.of(status, {"a": 1}))
    assert asyncio.run(TOOL.run(CALL, hands)) == Outcome({"a": 1}, status)
    assert hands.asked == [("build", {"request": "x"}, CALL)]


def test_its_fault_is_the_tools() -> None:
    """With its match; the tool's hint stands in where the fault has none."""
    fault = Fault(match="timeout", message="too slow")
    with pytest.raises(ToolFailed, match="too slow") as caught:
        asyncio.run(TOOL.run(CALL, Hands(Record.of("failed", error=fault))))
    assert (caught.value.match, caught.value.hint) == ("timeout", "look at the run")


def test_a_cancelled_one_is_a_failure() -> None:
    """It gave no answer."""
    with pytest.raises(ToolFailed, match="the workflow build was cancelled"):
        asyncio.run(TOOL.run(CALL, Hands(Record.of("cancelled"))))
