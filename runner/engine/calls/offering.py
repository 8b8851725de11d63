"""A tool as a model is told of it: its name, what it does, and what it takes for this agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.models.port import ToolDef
from runner.project import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.project import AgentEntry, Project, ToolEntry


def tool_def(project: Project, agent: AgentEntry, tool: ToolEntry) -> ToolDef:
    """Where the agent may act on several targets it also takes which one."""
    choices = targets.offered(project, agent, tool)
    schema = tool.params.schema
    if len(choices) > 1:
        said = {targets.PARAMETER: target_choice(choices, f"{choices[0]} unless said")}
        schema = {**schema, "properties": {**schema.get("properties", {}), **said}}
    return ToolDef(tool.name, tool.spec.description, schema)


def target_choice(choices: Sequence[str], default: str) -> dict[str, Any]:
    """The schema of the parameter that says where a call runs."""
    described = f"Where it runs; {default}. A group means all of its hosts at once."
    return {"type": "string", "enum": list(choices), "description": described}
