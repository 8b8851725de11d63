"""What can be told of a call before it is made: where it may run, and what the rules answer there.

A free command line is judged by its words, so its calls may have any risk; rules about words are met by no call here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.policy import Subject, judge
from runner.project import targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.policy import Judgement, Rule
    from runner.project.project import AgentEntry, Project, ToolEntry

    Lists = Sequence[tuple[str, Sequence[Rule]]]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the rules answer to some of a tool's calls."""

    judgement: Judgement
    targets: tuple[str, ...]
    risks: tuple[str, ...]


def subjects(
    project: Project, tool: ToolEntry, agent: AgentEntry | None = None, target: str | None = None
) -> Iterator[Subject]:
    """Each sort of call: by where it runs, and by its risk; `target` is what its phase says."""
    for name in reached(project, tool, agent, target):
        for risk in tool.risks:
            yield Subject(
                tool.name,
                tool.pack,
                tuple(tool.spec.tags),
                risk,
                agent.name if agent else "",
                name,
                groups=project.groups_of(name),
                egress=bool(tool.spec.egress),
            )


def reached(
    project: Project, tool: ToolEntry, agent: AgentEntry | None = None, target: str | None = None
) -> tuple[str, ...]:
    """The targets that a call may run on, the one first that it runs on unless something else is said."""
    if not targets.is_moved(tool):
        return (targets.LOCAL,)
    may = targets.places_of(project, tool)
    if target is not None and "{" in target:  # nobody knows yet
        said = may
    else:
        said = targets.allowed((target,), project.targets, project.settings) if target is not None else ()
    own: tuple[str, ...] = agent.targets if agent else ()
    if not agent and target is None:
        own = (targets.default(project.settings),)
    return tuple(name for name in dict.fromkeys((*said, *own)) if name in may)


def prospects(found: Iterable[Subject], lists: Lists) -> list[Prospect]:
    """The different answers, each with the targets and risks that it is given for; the default target's come first."""
    rows: dict[tuple[Judgement, str], list[str]] = {}
    for subject in found:
        rows.setdefault((judge(subject, lists), subject.risk), []).append(subject.target)
    merged: dict[tuple[Judgement, tuple[str, ...]], list[str]] = {}
    for (judgement, risk), names in rows.items():
        merged.setdefault((judgement, tuple(names)), []).append(risk)
    return [Prospect(judgement, names, tuple(risks)) for (judgement, names), risks in merged.items()]
