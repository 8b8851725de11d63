"""Phase kind `tool`: one call of a tool, in the author's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.engine.calls.call import call_tool

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import ToolBody
    from runner.runs.record import Record


async def run(step: Step) -> Record:
    """Call the tool with the rendered arguments; its record is the step's."""
    spec = cast("ToolBody", step.spec)
    return await call_tool(step, spec.tool, step.data(spec.with_), step.path)
