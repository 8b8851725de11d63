"""What happens when a tool is called: by which rule it is allowed, asked for, or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.policy import Judgement, Subject, judge

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project, ToolEntry, WorkflowEntry

TARGET = "local"


def judged(
    project: Project, tool: ToolEntry, agent: AgentEntry | None = None, workflow: WorkflowEntry | None = None
) -> Judgement:
    """By the rules of runner.yaml and those of who calls it; a workflow around it can only make it stricter."""
    callers = [(entry.file, entry.spec.permissions) for entry in (workflow, agent) if entry is not None]
    name = agent.name if agent is not None else ""
    subject = Subject(tool.name, tool.pack, tuple(tool.spec.tags), tool.risk, name, TARGET)
    return judge(subject, [("runner.yaml", project.settings.permissions), *callers])
