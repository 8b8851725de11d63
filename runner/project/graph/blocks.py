"""The checks of single phases: joins, agents side by side, and keys that mean nothing where they stand (R5, R11)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.phases import AgentBody, ApprovalBody, ForeachPhase, ParallelPhase, ToolBody, WaitBody, kind_of
from runner.project.steps import steps
from runner.prompts import TemplateError, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import Step

SILENT_KEYS = ("workspace", "timeout", "retry")
"""Keys that an approval or a wait has no use for."""
MODEL_LIMITS = ("turns", "tokens")
"""Limits that count model calls."""
READY_TO_NAME = 3
"""Tools that a message names before it says `and more`."""


def check(project: Project, entry: WorkflowEntry) -> Iterator[Finding]:
    """What is wrong inside the phases of one workflow."""
    for name, phase in entry.spec.phases.items():
        loc: Loc = ("phases", name)
        if isinstance(phase, ParallelPhase):
            yield from _join(entry.file, loc, phase)
            yield from _writing_branches(project, entry.file, loc, phase)
        elif isinstance(phase, ForeachPhase):
            yield from _writing_items(project, entry.file, loc, phase)
    for step in steps(entry.spec):
        yield from _idle_keys(entry.file, step)


def _join(file: str, loc: Loc, phase: ParallelPhase) -> Iterator[Finding]:
    count = len(phase.parallel)
    if isinstance(phase.join, int) and phase.join > count:
        branches = "is only 1 branch" if count == 1 else f"are only {count} branches"
        what = f"join waits for {phase.join} branches that are ok, but there {branches}"
        yield Finding("join-too-large", file, (*loc, "join"), what, f"write at most {count}, or `all`")


def _writing_branches(project: Project, file: str, loc: Loc, phase: ParallelPhase) -> Iterator[Finding]:
    writers = {
        name: tools
        for name, body in phase.parallel.items()
        if isinstance(body, AgentBody) and (tools := _writing_tools(project, body.agent))
    }
    for first, second in combinations(writers, 2):
        places = [phase.parallel[name].workspace or phase.workspace for name in (first, second)]
        if places[0] == places[1]:
            what = f"branches `{first}` and `{second}` are agents that may write in one workspace at the same time"
            what += f" ({_some(sorted({*writers[first], *writers[second]}))})"
            yield Finding(
                "shared-workspace", file, (*loc, "parallel", second), what, _APART, severity="warning", at_key=True
            )
            return


def _writing_items(project: Project, file: str, loc: Loc, phase: ForeachPhase) -> Iterator[Finding]:
    if phase.foreach.concurrency == 1 or not isinstance(phase.body, AgentBody):
        return
    tools = _writing_tools(project, phase.body.agent)
    if tools and phase.foreach.as_ not in _names(phase.body.workspace or ""):
        what = f"{phase.foreach.concurrency} items at once are agents that may write in one workspace ({_some(tools)})"
        yield Finding("shared-workspace", file, (*loc, "foreach", "concurrency"), what, _APART, severity="warning")


def _idle_keys(file: str, step: Step) -> Iterator[Finding]:
    kind, given = kind_of(step.spec), step.spec.model_fields_set
    if isinstance(step.spec, ApprovalBody | WaitBody):
        for key in SILENT_KEYS:
            if key in given:
                yield _idle(file, (*step.loc, key), f"`{key}` means nothing for {kind}")
    limits = step.spec.limits.model_fields_set
    if isinstance(step.spec, ApprovalBody | WaitBody | ToolBody):
        for key in MODEL_LIMITS:
            if key in limits:
                yield _idle(file, (*step.loc, "limits", key), f"`{key}` counts model calls, and {kind} makes none")
    if (step.is_part or not step.phase) and "visits" in limits:
        place = step.words if not step.item else "an item"
        yield _idle(
            file, (*step.loc, "limits", "visits"), f"`visits` is a limit of phases, and {place} is entered once"
        )


def _idle(file: str, loc: Loc, what: str) -> Finding:
    return Finding("idle-key", file, loc, what, "remove it", at_key=True)


def _writing_tools(project: Project, agent: str) -> list[str]:
    held = project.agents[agent].tools if agent in project.agents else ()
    return [name for name in held if name in project.tools and project.tools[name].risk != "read"]


def _names(text: str) -> frozenset[str]:
    try:
        return template(text).names
    except TemplateError:
        return frozenset()


def _some(names: list[str]) -> str:
    more = ", …" if len(names) > READY_TO_NAME else ""
    return ", ".join(names[:READY_TO_NAME]) + more


_APART = "give each its own `workspace`, let them take turns, or take the writing tools away"
