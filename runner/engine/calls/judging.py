"""May a call happen: by the rules of its run and of all its callers, and by those in force now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.policy import Judgement, Rule, Subject, judge, strictest
from runner.project.commands import assessed
from runner.project.startable import startable
from runner.project.targets import LOCAL, SANDBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.engine.calls.planning import Planned
    from runner.engine.steps.step import Step
    from runner.policy import Assessment
    from runner.project.project import Project, ToolEntry
    from runner.tools.port import Call


MOST_SHOWN = 64 * 1024
"""Bytes of a call that a person is asked about."""


def judged(planned: Planned) -> Judgement:
    """By the rules the run began with and by those in force: what was tightened since reaches it, nothing else.

    A call on several targets is judged for each; the strictest answer holds. Where a person would be asked about more
    than anybody reads, the answer is no: what is asked about is never cut.
    """
    judgement = strictest(_judged(planned, call) for call in planned.calls)
    if judgement.action == "ask" and (size := planned.size) > MOST_SHOWN:
        why = f"its length: a person would have to read {size:,} bytes, more than {MOST_SHOWN:,}"
        return Judgement("deny", f"{why} ({judgement.rule})")
    return judgement


def is_untrusted(planned: Planned) -> bool:
    """Whether strangers may have written what a call gives back: its tool says so, or a command looks at a host."""
    said = planned.entry.spec.untrusted
    if said is None and planned.call.ready is not None:
        return any(target not in (LOCAL, SANDBOX) for target in planned.targets)
    return bool(said)


def is_harmless(planned: Planned) -> bool:
    """Whether a call only reads and sends nothing out, by the files the run began with and by those in force."""
    own, current = planned.step.ctx.project, planned.step.ctx.current()
    versions = [(own, planned.entry), (current, current.tools.get(planned.entry.name, planned.entry))]
    subjects = [
        _subject(project, planned, entry, call, assessed(project, entry, call.arguments, call.target, call.workspace))
        for project, entry in versions
        for call in planned.calls
    ]
    return all(subject.risk == "read" and not subject.egress for subject in subjects)


def _judged(planned: Planned, call: Call) -> Judgement:
    step, entry = planned.step, planned.entry
    own, current = step.ctx.project, step.ctx.current()
    judgement = _by(own, planned, entry, call)
    if current.revision == own.revision:
        return judgement
    now = current.tools.get(entry.name, entry)
    if not now.spec.enabled:
        return Judgement("deny", f"{now.file} (now): enabled: false")
    later = _by(current, planned, now, call)
    return strictest([judgement, replace(later, rule=f"{later.rule} (now)")])


def _by(project: Project, planned: Planned, entry: ToolEntry, call: Call) -> Judgement:
    """By the files of one project; what made a command line risky is said with the rule."""
    read = assessed(project, entry, call.arguments, call.target, call.workspace)
    _, callers = planned.step.walk.chain
    subject = _subject(project, planned, entry, call, read)
    lists = _lists(project, planned.step, planned.agent)
    # As each agent that led to it: what is called may no more than who calls it.
    agents = dict.fromkeys((planned.agent, *callers))
    judgement = strictest(judge(replace(subject, agent=agent), lists) for agent in agents)
    return judgement if read is None else replace(judgement, rule=f"{judgement.rule} ({read.reason})")


def _subject(project: Project, planned: Planned, entry: ToolEntry, call: Call, read: Assessment | None) -> Subject:
    words = read.argv if read else planned.argv
    return Subject(
        entry.name,
        entry.pack,
        tuple(entry.spec.tags),
        read.risk if read else entry.risk,
        planned.agent,
        call.target,
        groups=project.groups_of(call.target),
        argv=None if words is None else tuple(words),
        shell=read.shell if read else entry.kind == "shell",
        egress=bool(entry.spec.egress),
        tainted=bool(planned.step.ctx.state.tainted),
    )


def _lists(project: Project, step: Step, agent: str) -> list[tuple[str, Sequence[Rule]]]:
    """The lists of a project, also of all callers: what is called never may more than who calls it.

    A workflow or agent that the project no longer has speaks as it did in the run's own.
    """
    own, (workflows, agents) = step.ctx.project, step.walk.chain
    lists: list[tuple[str, Sequence[Rule]]] = [("runner.yaml", project.settings.permissions)]
    for name in workflows:
        workflow = startable(project, name) or startable(own, name)
        assert workflow is not None  # noqa: S101 - the run walks it
        lists.append((workflow.file, workflow.spec.permissions))
    for name in dict.fromkeys((*agents, agent)):
        entry = project.agents.get(name) or own.agents.get(name)
        if entry is not None:
            lists.append((entry.file, entry.spec.permissions))
    return lists
