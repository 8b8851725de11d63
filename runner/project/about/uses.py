"""Who uses what: the steps of workflows by the agents, tools and workflows that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.phases import AgentBody, ToolBody, WorkflowBody
from runner.project.steps import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import Step


def uses(project: Project, kind: str, name: str) -> Iterator[tuple[WorkflowEntry, Step]]:
    """The steps that name a thing, each with its workflow."""
    for workflow in project.workflows.values():
        if not workflow.agent:
            for step in steps(workflow.spec):
                if _named(step) == (kind, name):
                    yield workflow, step


def place(step: Step) -> str:
    """A step as people name it: `phase`, `phase.branch` or `finally`."""
    return f"{step.phase}.{step.branch}" if step.branch else step.phase or "finally"


def _named(step: Step) -> tuple[str, str]:
    match step.spec:
        case AgentBody():
            return "agent", step.spec.agent
        case ToolBody():
            return "tool", step.spec.tool
        case WorkflowBody():
            return "workflow", step.spec.workflow
    return "", ""
