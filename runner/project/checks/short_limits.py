"""Limits that end the work before it can be done: a deadline before an answer, one turn for an agent with tools."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.phases import AgentBody, ApprovalBody, WaitBody
from runner.project.steps import steps
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import Step

    Deadline = tuple[float, str]
    """Seconds, and who has them."""

CODE = "short-limit"
_ONE_TURN = "the first turn may call a tool, and there is none left to answer with what it gives"


def check(project: Project, recall: Recall) -> Iterator[Finding]:
    """A warning for each."""
    for agent in project.agents.values():
        if agent.tools and agent.spec.limits.turns == 1:
            hint = "give at least 2, or take the tools away"
            yield Finding(CODE, agent.file, ("limits", "turns"), _ONE_TURN, hint, "warning")
    declared = project.declared_workflows
    yield from chain.from_iterable(recall.each("too late", lambda name: _too_late(declared[name]), declared))
    steps_of_one = recall.each("one turn", lambda name: _of_one_turn(declared[name]), declared)
    for entry, found in zip(declared.values(), steps_of_one, strict=True):
        for loc, name in found:
            if name in project.agents and project.agents[name].tools:
                hint = f"give at least 2: `{name}` has tools"
                yield Finding(CODE, entry.file, (*loc, "limits", "turns"), _ONE_TURN, hint, "warning")


def _of_one_turn(entry: WorkflowEntry) -> tuple[tuple[Loc, str], ...]:
    """The steps that leave an agent one turn."""
    found = [(step.loc, step.spec) for step in steps(entry.spec) if step.spec.limits.turns == 1]
    return tuple((loc, spec.agent) for loc, spec in found if isinstance(spec, AgentBody))


def _too_late(entry: WorkflowEntry) -> tuple[Finding, ...]:
    """The approvals and waits that end after a deadline that holds for them."""
    found: list[Finding] = []
    around: dict[str, Deadline | None] = {}
    for step in steps(entry.spec):
        run = entry.spec.limits.deadline if step.phase else None  # `finally` is outside of the run's limits
        held = [around.get(step.phase), (run, "the run"), (step.spec.limits.deadline, step.words)]
        first = min(((one[0], one[1]) for one in held if one and one[0] is not None), default=None)
        if not step.is_part:
            around[step.phase] = first
        if first:
            found += _after(entry.file, step, first)
    return tuple(found)


def _after(file: str, step: Step, deadline: Deadline) -> Iterator[Finding]:
    seconds, who = deadline
    most = format_duration(seconds)
    has = f"{who} has {most} (`limits.deadline`)"
    loc: Loc | None = None
    if isinstance(step.spec, ApprovalBody) and "deadline" in step.spec.approval.model_fields_set:
        longest, loc = step.spec.approval.deadline, ("approval", "deadline")
        what = f"{has}, so nobody can answer for {format_duration(longest)}"
    elif isinstance(step.spec, WaitBody) and step.spec.wait.for_ is not None:
        longest, loc = step.spec.wait.for_, ("wait", "for")
        what = f"{has}, so it cannot wait for {format_duration(longest)}"
    if loc and longest > seconds:
        hint = f"make one of them fit: more than {format_duration(longest)} there, or less than {most} here"
        yield Finding(CODE, file, (*step.loc, *loc), what, hint, "warning")
