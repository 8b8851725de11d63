"""Fields that are read of answers whose agent declares none: told once for each agent, with all that is to declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from runner.project.phases import AgentBody
from runner.project.steps import steps
from runner.project.words import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.findings import Finding
    from runner.project.names.shapes import Answer
    from runner.project.project import Project

_MOST = 3
"""How many other places are named."""
_WHOLE = frozenset({"answer", "content", "message", "output", "response", "result", "text", "value"})
"""What others call the whole text of an answer."""


class FieldRead(NamedTuple):
    """One place that reads a field of such an answer."""

    finding: Finding
    answer: Answer
    workflow: str
    field: str


def told(reads: Iterable[FieldRead], project: Project) -> Iterator[Finding]:
    """One finding for each agent, at the first place; where only a whole text can be meant, one for each place."""
    by_agent: dict[str, list[FieldRead]] = {}
    for read in reads:
        by_agent.setdefault(read.answer.agent, []).append(read)
    for agent, found in by_agent.items():
        if _WHOLE.issuperset(read.field for read in found):
            yield from (read.finding for read in found)
        else:
            yield _declare(agent, found, project)


def _declare(agent: str, found: list[FieldRead], project: Project) -> Finding:
    first, *others = sorted(found, key=lambda read: (read.finding.severity, read.finding.loc == ("template",)))
    fields = ", ".join(f"{name}: …" for name in dict.fromkeys(read.field for read in found))
    what = f"{first.finding.what}: agent `{agent}` declares no `output`"
    return replace(first.finding, what=what, hint=_where(agent, found, project, fields) + _also(first, others))


def _where(agent: str, found: list[FieldRead], project: Project, fields: str) -> str:
    """Where the fields are declared: with the agent, unless only one of several steps has them read."""
    file, own = project.agents[agent].file, dict.fromkeys((read.workflow, read.answer.step) for read in found)
    places = " and ".join(f"{step} of workflow `{workflow}`" for workflow, step in own)
    if not file.startswith("agents.d/"):
        return f"declare it on {places}: output: {{{fields}}}"
    if len(own) == 1 < _uses(agent, project):
        return f"declare it on {places}: output: {{{fields}}}; if all its answers are such, in {file}"
    return f"declare it in {file}: output: {{{fields}}}"


def _also(first: FieldRead, others: Iterable[FieldRead]) -> str:
    """The other places that read the fields."""
    here = _place(first)
    places = [place for place in dict.fromkeys(map(_place, others)) if place != here]
    if not places:
        return ""
    more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
    return f"; also read in {', '.join(places[:_MOST])}{more}"


def _place(read: FieldRead) -> str:
    finding = read.finding
    return finding.file if finding.loc == ("template",) else f"{finding.file} at {dotted(finding.loc)}"


def _uses(agent: str, project: Project) -> int:
    """How many steps have its answer as its own file declares it."""
    bodies = (step.spec for entry in project.workflows.values() if not entry.agent for step in steps(entry.spec))
    return sum(isinstance(body, AgentBody) and body.agent == agent and body.output is None for body in bodies)
