"""Where steps and agents say that they run: on targets that there are, with tools that run on targets at all."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.project.checks.offers import hint_for
from runner.project.findings import Finding
from runner.project.phases import AgentBody, ToolBody
from runner.project.prospects import reached
from runner.project.steps import steps
from runner.project.targets import ALL_HOSTS, SANDBOX, grounds, is_moved, may_be_many, places_of
from runner.project.words import flow
from runner.runs.sandboxes.places import SANDBOX as OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import AgentEntry, Project, ToolEntry, WorkflowEntry
    from runner.project.steps import Step

_FROM_HERE = "tools of the kind {kind} act from here, whatever the target"


def check(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """Every target that is not there, and every one that nothing runs on; `seen` is the project's view."""
    declared = project.declared_workflows
    where = grounds(project, recall)
    yield from chain.from_iterable(
        recall.each("aims", lambda name: tuple(_of_workflow(seen, declared[name])), declared, where)
    )
    for agent in project.agents.values():
        if agent.spec.targets and not _is_anywhere(project, agent):
            yield _idle_targets(agent)


def _of_workflow(project: Project, entry: WorkflowEntry) -> Iterator[Finding]:
    for step in steps(entry.spec):
        if isinstance(step.spec, ToolBody | AgentBody):
            yield from _of_step(project, entry, step)


def _of_step(project: Project, entry: WorkflowEntry, step: Step) -> Iterator[Finding]:
    body = step.spec
    tool = project.tools.get(body.tool) if isinstance(body, ToolBody) else None
    agent = project.agents.get(body.agent) if isinstance(body, AgentBody) else None
    target: str | None = getattr(body, "target", None)
    if tool and not is_moved(tool):
        yield from _idle_keys(entry, step, tool)
    elif target is not None and _is_unknown(project, target):
        hint = hint_for(target, "target", project.targets.things)
        yield _unfound(entry, (*step.loc, "target"), f"`{target}` finds no target", hint)
    elif tool:
        yield from _nowhere(project, entry, step, tool)
        yield from _idle_fleet(entry, step)
    elif agent and target is not None and not _is_anywhere(project, agent):
        what = f"`target` has no meaning here: none of the tools of agent {agent.name} runs on a target"
        yield Finding("idle-key", entry.file, (*step.loc, "target"), what, "remove it", "warning", at_key=True)


def _unfound(entry: WorkflowEntry, loc: Loc, what: str, hint: str) -> Finding:
    return Finding("unknown-selector", entry.file, loc, what, hint)


def _is_unknown(project: Project, target: str) -> bool:
    """A template says it only when the run is there; "all hosts" is no mistake in a project that has none yet."""
    return "{" not in target and target != ALL_HOSTS and not project.targets.find(target)


def _idle_keys(entry: WorkflowEntry, step: Step, tool: ToolEntry) -> Iterator[Finding]:
    for key in ("target", "fleet"):
        if getattr(step.spec, key) is not None:
            what = f"`{key}` has no meaning here: {_FROM_HERE.format(kind=tool.kind)}"
            yield Finding("idle-key", entry.file, (*step.loc, key), what, "remove it", at_key=True)


def _idle_fleet(entry: WorkflowEntry, step: Step) -> Iterator[Finding]:
    """`fleet` where the call is never on more than one target."""
    target = getattr(step.spec, "target", None)
    if getattr(step.spec, "fleet", None) is None or may_be_many(target):
        return
    where = "without a `target` the call is on one machine" if target is None else f"`{target}` is one machine"
    hint = f"say `target: {flow(ALL_HOSTS)}` or another group, or remove it"
    what = f"`fleet` has no meaning here: {where}"
    yield Finding("idle-key", entry.file, (*step.loc, "fleet"), what, hint, at_key=True)


def _nowhere(project: Project, entry: WorkflowEntry, step: Step, tool: ToolEntry) -> Iterator[Finding]:
    """A step that calls a tool elsewhere than the tool says that it runs."""
    target, may = getattr(step.spec, "target", None), getattr(tool.spec, "targets", None)
    if may is None or (target is not None and ("{" in target or target == ALL_HOSTS)):
        return
    if target is None and (getattr(step.spec, "workspace", None) or entry.spec.workspace) == OWN:
        target = SANDBOX if SANDBOX in places_of(project, tool) else None
    if not reached(project, tool, target=target):
        if target is None:
            what, hint = f"`{tool.name}` does not run on this machine", f"say where, such as target: {flow(may[0])}"
        else:
            what, hint = f"`{target}` finds no target that `{tool.name}` runs on", f"it runs on: {', '.join(may)}"
        yield _unfound(entry, (*step.loc, "tool" if target is None else "target"), what, hint)


def _is_anywhere(project: Project, agent: AgentEntry) -> bool:
    """Whether any tool of an agent runs on a target, itself or by what it calls."""
    return any(is_moved(project.tools[name]) or project.tools[name].child for name in agent.tools)


def _idle_targets(agent: AgentEntry) -> Finding:
    what = "`targets` has no meaning here: none of the agent's tools runs on a target"
    hint = "give it tools of the kind command, or remove it"
    return Finding("idle-key", agent.file, ("targets",), what, hint, "warning", at_key=True)
