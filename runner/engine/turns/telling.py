"""What an agent is told at the start of a visit: the same before a run, for who wants to read it, as in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.calls.offering import tool_def
from runner.engine.calls.searching import search_defs
from runner.engine.steps.views import join
from runner.engine.turns.examples import examples
from runner.runs.events import PromptRendered

if TYPE_CHECKING:
    from runner.models.port import ToolDef
    from runner.project.project import AgentEntry, Project
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
    """The tools of an agent as its model sees them, always in the same order; of many, the two that find them."""
    if entry.spec.searches:
        return search_defs(project, entry)
    return tuple(tool_def(project, entry, project.tools[name]) for name in entry.tools)
