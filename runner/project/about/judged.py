"""What happens when a tool is called: by which rule it is allowed, asked for, or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.prospects import prospects, subjects

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project, ToolEntry, WorkflowEntry

NOWHERE = {"action": "deny", "rule": "it runs on none of the targets of who calls it", "targets": [], "risks": []}


def judged(
    project: Project,
    tool: ToolEntry,
    agent: AgentEntry | None = None,
    workflow: WorkflowEntry | None = None,
    target: str | None = None,
) -> dict[str, Any]:
    """By the rules of runner.yaml and those of who calls it; a workflow around it can only make it stricter.

    `action` and `rule` are those of the first target, where calls run unless something else is said; `answers` are the
    different ones, each with the targets and the risks that it is for.
    """
    callers = [(entry.file, entry.spec.permissions) for entry in (workflow, agent) if entry is not None]
    lists = [("runner.yaml", project.settings.permissions), *callers]
    rows = [
        {
            "action": found.judgement.action,
            "rule": found.judgement.rule,
            "targets": list(found.targets),
            "risks": list(found.risks),
        }
        for found in prospects(subjects(project, tool, agent, target), lists)
    ] or [NOWHERE]
    return {"action": rows[0]["action"], "rule": rows[0]["rule"], "answers": rows}
