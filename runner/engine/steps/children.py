"""A called workflow: walked in the caller's run, journal and limits, under the caller's path (rule R6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.engine.steps.budget import Budget
from runner.engine.steps.step import chosen, rendering
from runner.errors import OutputInvalid, ToolFailed
from runner.prompts import template
from runner.runs.record import Fault, Record

DEPTH = 8
"""How deep workflows and agents call each other; a circle is refused when the files are checked."""

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.engine.steps.step import Step
    from runner.project.project import WorkflowEntry


async def run_child(step: Step, name: str, inputs: Mapping[str, Any], path: str) -> Record:
    """The record of a workflow run under `path`: its inputs are checked as a run's are; pass is ok, fail is no."""
    entry = step.ctx.project.workflows[name]
    if len(step.walk.chain[0]) > DEPTH:
        raise ToolFailed(f"{name} would be the {DEPTH + 1}th thing called inside of another", match="budget")
    try:
        given = entry.spec.inputs.check(inputs) if entry.spec.inputs else dict(inputs)
    except ValueError as error:
        raise OutputInvalid(f"inputs of workflow {name}: {error}") from error
    own = Budget(path, entry.spec.limits, f"workflow {name}", entry.file)
    step = replace(step, workspace=_workspace(step, entry, given))
    end = await step.walk.child(step, path, entry, given, own).conclude()
    if end.verdict == "pass":
        return Record.of("ok", end.output)
    if end.verdict == "fail":
        return Record.of("no", end.output)
    return Record.of("failed", end.output, end.fault or Fault(match="tool", message=f"workflow {name}: {end.why}"))


def _workspace(step: Step, entry: WorkflowEntry, inputs: Mapping[str, Any]) -> Path:
    wanted = entry.spec.workspace
    if wanted is None:
        return step.workspace
    return chosen(step.ctx, wanted, lambda: str(rendering(lambda: template(wanted).render({"inputs": inputs}))))
