"""What the engine gives to tools: targets, python workers, and child workflows (the Protocol of tools/port.py)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.engine.steps.children import run_child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.engine.steps.step import Step
    from runner.runs.record import Record
    from runner.targets.port import Command, Completed, Target
    from runner.tools.port import Call, ToolServer, Workers


class Discreet:
    """A target whose outputs have stars in the place of secrets."""

    def __init__(self, target: Target, redact: Callable[[str], str]) -> None:
        self.name = target.name
        self._target = target
        self._redact = redact

    async def run(self, command: Command) -> Completed:
        """Run it there."""
        done = await self._target.run(command)
        return replace(done, text=await asyncio.to_thread(self._redact, done.text))


@dataclass(frozen=True, slots=True)
class EngineHands:
    """The hands of one call."""

    step: Step
    tool: str

    def target(self, name: str) -> Target:
        """The open target of that name; nothing that it gives holds a secret, as tables and parsers would part it."""
        bench = self.step.ctx.bench
        return Discreet(bench.target(name), bench.redact)

    @property
    def workers(self) -> Workers:
        """The python workers that hold the modules beside the tool's pack."""
        return self.step.ctx.bench.workers(self.tool)

    def server(self, pack: str) -> ToolServer:
        """The server that has a pack's tools."""
        return self.step.ctx.bench.server(pack)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """Run a workflow as part of this run, under the call's path."""
        return await run_child(self.step, workflow, inputs, call.path)
