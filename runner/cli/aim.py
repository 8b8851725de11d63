"""Where a call that is explained would run: what was typed, or what the files make of it in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner.errors import ToolFailed, UsageError
from runner.project.about.uses import place, uses
from runner.project.startable import inputs_of_call
from runner.project.targets import LOCAL, SANDBOX, default, hint_for, is_moved, offered, places_of
from runner.runs.sandboxes.places import SANDBOX as OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import AgentEntry, Project, ToolEntry


class Aim(NamedTuple):
    """The targets of a call, and why it is these where nobody said so."""

    places: tuple[str, ...]
    why: str = ""


def aim(project: Project, tool: ToolEntry, caller: AgentEntry | None, typed: str | None) -> Aim:
    """Where it would run; raises ToolFailed or UsageError for what is no place of it."""
    if not is_moved(tool):
        inputs_of_call(tool, {}, "" if typed == LOCAL else typed or "")
        return Aim((LOCAL,))
    return _typed(project, tool, typed) if typed else _in_a_run(project, tool, caller)


def _typed(project: Project, tool: ToolEntry, typed: str) -> Aim:
    from runner.engine.calls.targeting import found_targets

    if not project.targets.find(typed):
        raise UsageError(f"there is no target `{typed}`", hint=hint_for(typed, project.targets.things))
    found = found_targets(project, tool, typed)
    return Aim(found, "`execute: sandbox`" if typed == LOCAL != found[0] else "")


def _in_a_run(project: Project, tool: ToolEntry, caller: AgentEntry | None) -> Aim:
    """As the engine chooses where neither a model nor a phase says it."""
    choices = offered(project, caller, tool) if caller else (default(project.settings),)
    if not choices:
        assert caller is not None  # noqa: S101 - a phase always has one
        hint = f"{tool.name} runs on: {', '.join(places_of(project, tool)) or 'nothing'}"
        raise ToolFailed(f"{tool.name} runs on none of the targets of agent {caller.name}", hint=hint)
    if choices[0] == SANDBOX and project.settings.execute == "sandbox":
        return Aim((SANDBOX,), "`execute: sandbox`")
    if choices[0] != LOCAL or caller is None:
        return Aim(choices[:1])
    return _housed(project, caller)


def _housed(project: Project, caller: AgentEntry) -> Aim:
    """In a run's own sandbox nothing runs outside of it: some or all phases of an agent may be there."""
    phases = dict(_phases(project, caller))
    inside = ", ".join(name for name, is_inside in phases.items() if is_inside)
    if not inside:
        return Aim((LOCAL,))
    if all(phases.values()):
        return Aim((SANDBOX,), f"`workspace: sandbox` of {inside}")
    return Aim((LOCAL,), f"in the sandbox in {inside}, which has `workspace: sandbox`: --target sandbox tells")


def _phases(project: Project, caller: AgentEntry) -> Iterator[tuple[str, bool]]:
    """The phases that an agent works in, and whether that is the run's own sandbox."""
    for workflow, step in uses(project, "agent", caller.name):
        phase = workflow.spec.phases.get(step.phase)
        own = getattr(step.spec, "workspace", None) or getattr(phase, "workspace", None)
        yield f"{workflow.name}.{place(step)}", (own or workflow.spec.workspace) == OWN
