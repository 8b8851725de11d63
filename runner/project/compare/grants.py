"""Who may call which tool in the end: selectors, `agents` of tools and all lists of permissions taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.policy import judge
from runner.project.compare.changes import Change
from runner.project.phases import AgentBody, ToolBody, WorkflowBody
from runner.project.prospects import subjects
from runner.project.steps import steps
from runner.project.targets import is_moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.policy import Rule, Subject
    from runner.project.project import Project

WORDS = {"allow": "allowed", "ask": "asks a person", "deny": "denied"}
_LEVELS = (None, "deny", "ask", "allow")

Key = tuple[str, str, str]
"""The agent or workflow that is started, the agent that calls (empty: a phase does), the tool."""
Sort = tuple[str, str]
"""A target, and for a free command line, whose calls may have any, a risk."""
Answers = dict[Sort, str]
Pair = tuple[str | None, str | None]


def changes(old: Project, new: Project) -> Iterator[Change]:
    """Each tool that somebody may call on one side, and not or otherwise on the other."""
    before, after = grants(old), grants(new)
    for key in sorted(before.keys() | after.keys()):
        root, agent, tool = key
        pairs = _pairs(before.get(key, {}), after.get(key, {}))
        alone = _pairs(before.get((agent, agent, tool), {}), after.get((agent, agent, tool), {}))
        if agent not in ("", root) and pairs == alone:
            continue  # what an agent may by itself is said once, not for each workflow that uses it
        where = f"agent {agent}" if agent == root else f"workflow {root}{f', agent {agent}' if agent else ''}"
        yield from _told(where, tool, pairs, (old, new))


def _pairs(before: Answers, after: Answers) -> dict[Sort, Pair]:
    return {sort: (before.get(sort), after.get(sort)) for sort in dict.fromkeys((*before, *after))}


def _told(where: str, tool: str, pairs: dict[Sort, Pair], sides: tuple[Project, Project]) -> Iterator[Change]:
    """A line for each change; it names the targets where it does not hold on all of them."""
    ways: dict[tuple[str, Pair], list[str]] = {}
    for (target, risk), pair in pairs.items():
        ways.setdefault((risk, pair), []).append(target)
    everywhere = {target for target, _ in pairs}
    for (risk, pair), names in ways.items():
        if pair[0] == pair[1]:
            continue
        effect = "gained" if _LEVELS.index(pair[1]) > _LEVELS.index(pair[0]) else "lost"
        on = "" if len(names) == len(everywhere) else f" on {', '.join(names)}"
        shown = (_words(project, tool, answer, risk) for project, answer in zip(sides, pair, strict=True))
        yield Change(effect, where, f"calls {tool}{on}", *shown)  # type: ignore[arg-type]  # words of Effect


def _words(project: Project, tool: str, answer: str | None, risk: str) -> str | None:
    return None if answer is None else f"{WORDS[answer]} (risk {risk or project.tools[tool].risk})"


def grants(project: Project) -> dict[Key, Answers]:
    """The answer to each call that a run can come to; the loosest, where it can come to one in several ways."""
    found: dict[Key, Answers] = {}
    for root in project.workflows:
        _Walk(project, root, found).enter(root, (), ())
    return found


class _Walk:
    """Goes through all that one run can call, with the callers whose lists hold there."""

    def __init__(self, project: Project, root: str, found: dict[Key, Answers]) -> None:
        self._project, self._root, self._found = project, root, found
        self._seen: set[tuple[str, frozenset[str], frozenset[str]]] = set()

    def enter(self, name: str, workflows: tuple[str, ...], agents: tuple[str, ...]) -> None:
        entry = self._project.workflows.get(name)
        state = (name, frozenset(workflows), frozenset(agents))
        if entry is None or name in workflows or state in self._seen:
            return
        self._seen.add(state)
        chain = (*workflows, name)
        for step in steps(entry.spec):
            match step.spec:
                case ToolBody(tool=tool, target=target):
                    self._call(tool, "", target, chain, agents)
                case AgentBody(agent=agent, target=target) if agent in self._project.agents:
                    for tool in self._project.agents[agent].tools:
                        self._call(tool, agent, target, chain, agents)
                case WorkflowBody(workflow=called):
                    self.enter(called, chain, agents)

    def _call(
        self, tool: str, agent: str, target: str | None, workflows: tuple[str, ...], callers: tuple[str, ...]
    ) -> None:
        entry, project = self._project.tools.get(tool), self._project
        if entry is None:
            return
        agents = (*callers, agent) if agent else callers
        known = self._found.setdefault((self._root, agent, tool), {})
        for subject in subjects(project, entry, project.agents.get(agent), target):
            if is_moved(entry) and any(subject.target not in project.agents[name].targets for name in callers):
                continue  # what is called may act nowhere else than who led to it
            answer = self._answer(subject, workflows, agents)
            sort = (subject.target, subject.risk if entry.risks[1:] else "")
            known[sort] = max(known.get(sort, answer), answer, key=_LEVELS.index)
            if entry.child and answer != "deny":
                self.enter(entry.child, workflows, agents)

    def _answer(self, subject: Subject, workflows: tuple[str, ...], agents: tuple[str, ...]) -> str:
        project = self._project
        lists: list[tuple[str, Sequence[Rule]]] = [("", project.settings.permissions)]
        lists += [("", project.workflows[name].spec.permissions) for name in workflows]
        lists += [("", project.agents[name].spec.permissions) for name in agents]
        return judge(subject, lists).action
