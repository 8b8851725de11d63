"""May a call happen: by the rules of its run and of all its callers, and by those in force now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.policy import Judgement, Rule, Subject, judge, strictest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.engine.step import Step
    from runner.project.project import Project, ToolEntry

def judged(step: Step, entry: ToolEntry, agent: str, target: str) -> Judgement:
    """By the rules the run began with and by those in force: what was tightened since reaches it, nothing else.

    `agent` is who asks for the call, empty for a phase of kind tool; `target` is where it runs.
    """
    own, current = step.ctx.project, step.ctx.current()
    judgement = judge(_subject(own, entry, agent, target), _lists(own, step, agent))
    if current.revision == own.revision:
        return judgement
    now = current.tools.get(entry.name, entry)
    if not now.spec.enabled:
        return Judgement("deny", f"{now.file} (now): enabled: false")
    later = judge(_subject(current, now, agent, target), _lists(current, step, agent))
    return strictest([judgement, replace(later, rule=f"{later.rule} (now)")])


def _subject(project: Project, entry: ToolEntry, agent: str, target: str) -> Subject:
    return Subject(entry.name, entry.pack, tuple(entry.spec.tags), entry.risk, agent, target)


def _lists(project: Project, step: Step, agent: str) -> list[tuple[str, Sequence[Rule]]]:
    """The lists of a project, also of all callers: what is called never may more than who calls it.

    A workflow or agent that the project no longer has speaks as it did in the run's own.
    """
    own, (workflows, agents) = step.ctx.project, step.walk.chain
    lists: list[tuple[str, Sequence[Rule]]] = [("runner.yaml", project.settings.permissions)]
    for name in workflows:
        workflow = project.workflows.get(name) or own.workflows[name]
        lists.append((workflow.file, workflow.spec.permissions))
    for name in dict.fromkeys((*agents, agent)):
        entry = project.agents.get(name) or own.agents.get(name)
        if entry is not None:
            lists.append((entry.file, entry.spec.permissions))
    return lists
