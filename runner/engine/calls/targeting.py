"""On which targets a call runs: what the model said, or the phase, or the agent's first; never beyond the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.project import targets
from runner.spec.cuts import begin_of
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.step import Step
    from runner.project.project import Project, ToolEntry

HERE = (targets.LOCAL,)


def aimed(
    step: Step, entry: ToolEntry, arguments: Mapping[str, Any], agent: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A call's own arguments, and the targets that it runs on; raises ToolFailed for one that it may not have."""
    own = dict(arguments)
    if not targets.is_moved(entry):
        return own, HERE
    project, (_, callers) = step.ctx.project, step.walk.chain
    said = own.pop(targets.PARAMETER, None) if agent else None
    phase = getattr(step.spec, "target", None)
    wanted = said or (step.render(phase) if phase else None)
    if agent:
        found = _within(project, entry, agent, wanted, by_model=said is not None)
    else:
        found = found_targets(project, entry, wanted or _default(step, entry))
    found = _housed(step, found)
    for caller in callers:
        _check_caller(project, entry, caller, _housed(step, project.agents[caller].targets), found)
    return own, found


def _default(step: Step, entry: ToolEntry) -> str:
    project = step.ctx.project
    is_there = step.is_housed and targets.SANDBOX in targets.places_of(project, entry)
    return targets.SANDBOX if is_there else targets.default(project.settings)


def _housed(step: Step, found: tuple[str, ...]) -> tuple[str, ...]:
    """In a run's own sandbox nothing runs on this machine outside of it, as under `execute: sandbox`."""
    if not step.is_housed:
        return found
    return tuple(dict.fromkeys(targets.SANDBOX if name == targets.LOCAL else name for name in found))


def _check_caller(
    project: Project, entry: ToolEntry, caller: str, may: tuple[str, ...], found: tuple[str, ...]
) -> None:
    """Refuse a target that an agent which led here may not act on: what is called may no more than they."""
    if beyond := [name for name in found if name not in may]:
        raise ToolFailed(
            f"{entry.name} may not run on {', '.join(beyond)}: agent {caller}, which led here, may not act there",
            match="policy",
            hint=f"{caller} acts on: {', '.join(project.agents[caller].targets)}",
        )


def _within(project: Project, entry: ToolEntry, agent: str, wanted: str | None, *, by_model: bool) -> tuple[str, ...]:
    """For a call by a model: what it says is one of the choices it was given; what a phase says is its author's."""
    choices = targets.offered(project, project.agents[agent], entry)
    if wanted is None and not choices:
        raise ToolFailed(
            f"{entry.name} runs on none of the targets of agent {agent}",
            match="unavailable",
            hint=f"{entry.name} runs on: {', '.join(targets.places_of(project, entry)) or 'nothing'}",
        )
    if by_model and wanted not in choices:
        hint = did_you_mean(str(wanted), choices) or f"choose one of: {', '.join(choices) or 'none'}"
        raise ToolFailed(f"{entry.name} may not run on {begin_of(str(wanted), 80)!r}", match="policy", hint=hint)
    found = found_targets(project, entry, wanted or choices[0])
    return found if not by_model else tuple(name for name in found if name in project.agents[agent].targets)


def found_targets(project: Project, entry: ToolEntry, wanted: str) -> tuple[str, ...]:
    """The targets that a word leads to; raises ToolFailed when there is none, or the tool does not run there."""
    found = targets.allowed((wanted,), project.targets, project.settings)
    if not found:
        hint = targets.hint_for(wanted, project.targets.things)
        raise ToolFailed(f"there is no target {begin_of(wanted, 80)!r}", match="unavailable", hint=hint)
    may = targets.places_of(project, entry)
    if outside := [name for name in found if name not in may]:
        raise ToolFailed(
            f"{entry.name} does not run on {', '.join(outside)}",
            match="unavailable",
            hint=f"it runs on: {', '.join(may) or 'nothing'}",
        )
    return found
