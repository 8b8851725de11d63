"""Phase kind `workflow`: another workflow as part of this run (rule R6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.engine.steps.children import run_child

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import WorkflowBody
    from runner.runs.record import Record


async def run(step: Step) -> Record:
    """Walk the workflow under this step's path; pass, fail and error become ok, no and failed."""
    spec = cast("WorkflowBody", step.spec)
    return await run_child(step, spec.workflow, step.data(spec.with_), step.path)
