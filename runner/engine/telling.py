"""What an agent is told at the start of a visit: the same before a run, for who wants to read it, as in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.examples import examples
from runner.engine.views import join
from runner.models.port import ToolDef
from runner.project import targets
from runner.runs.events import PromptRendered

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project, ToolEntry
    from runner.runs.state import RunState


def told(entry: AgentEntry, path: str, system: str, message: str, continues: str) -> PromptRendered:
    """All that an agent is told, its texts rendered by now."""
    return PromptRendered(
        path=path,
        agent=entry.name,
        system=system,
        message=message,
        continues=continues,
        examples=examples(entry),
        window=None if entry.spec.memory is None else entry.spec.memory.window,
    )


def latest(state: RunState, scope: str, phase: str, path: str) -> str:
    """The last conversation of a phase, which a visit at `path` goes on with; empty without one."""
    visits = state.scopes[scope].phases[phase].visits
    paths = [join(scope, phase, visit) for visit in range(visits, 0, -1)]
    return next((former for former in paths if former in state.prompts and former != path), "")


def tool_defs(project: Project, entry: AgentEntry) -> tuple[ToolDef, ...]:
    """The tools of an agent as its model sees them, always in the same order."""
    tools = [project.tools[name] for name in entry.tools]
    return tuple(ToolDef(tool.name, tool.spec.description, _schema(project, entry, tool)) for tool in tools)


def _schema(project: Project, entry: AgentEntry, tool: ToolEntry) -> dict[str, Any]:
    """What a tool takes; where the agent may act on several targets, also which one."""
    choices = targets.offered(project, entry, tool)
    if len(choices) < 2:  # noqa: PLR2004 - one is no choice
        return tool.params.schema
    described = f"Where it runs; {choices[0]} unless said. A group means all of its hosts at once."
    choice = {"type": "string", "enum": list(choices), "description": described}
    return {**tool.params.schema, "properties": {**tool.params.schema.get("properties", {}), targets.PARAMETER: choice}}
