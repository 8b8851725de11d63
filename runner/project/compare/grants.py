"""Who may call which tool in the end: selectors, `agents` of tools and all lists of permissions taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.policy import Subject, judge
from runner.project.compare.changes import Change
from runner.project.phases import AgentBody, ToolBody, WorkflowBody
from runner.project.steps import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, ToolEntry

TARGET = "local"
WORDS = {"allow": "allowed", "ask": "asks a person", "deny": "denied"}
_LEVELS = (None, "deny", "ask", "allow")

Key = tuple[str, str, str]
"""The agent or workflow that is started, the agent that calls (empty: a phase does), the tool."""


def changes(old: Project, new: Project) -> Iterator[Change]:
    """Each tool that somebody may call on one side, and not or otherwise on the other."""
    before, after = grants(old), grants(new)
    for key in sorted(before.keys() | after.keys()):
        root, agent, tool = key
        answers = (before.get(key), after.get(key))
        alone = (before.get((agent, agent, tool)), after.get((agent, agent, tool)))
        if answers[0] == answers[1] or (agent not in ("", root) and answers == alone):
            continue  # what an agent may by itself is said once, not for each workflow that uses it
        effect = "gained" if _LEVELS.index(answers[1]) > _LEVELS.index(answers[0]) else "lost"
        where = f"agent {agent}" if agent == root else f"workflow {root}{f', agent {agent}' if agent else ''}"
        shown = (_words(old, tool, answers[0]), _words(new, tool, answers[1]))
        yield Change(effect, where, f"calls {tool}", *shown)  # type: ignore[arg-type]  # words of Effect


def grants(project: Project) -> dict[Key, str]:
    """The answer to each call that a run can come to; the loosest, where it can come to one in several ways."""
    found: dict[Key, str] = {}
    for root in project.workflows:
        _Walk(project, root, found).enter(root, (), ())
    return found


class _Walk:
    """Goes through all that one run can call, with the callers whose lists hold there."""

    def __init__(self, project: Project, root: str, found: dict[Key, str]) -> None:
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
                case ToolBody(tool=tool):
                    self._call(tool, "", chain, agents)
                case AgentBody(agent=agent) if agent in self._project.agents:
                    for tool in self._project.agents[agent].tools:
                        self._call(tool, agent, chain, (*agents, agent))
                case WorkflowBody(workflow=called):
                    self.enter(called, chain, agents)

    def _call(self, tool: str, agent: str, workflows: tuple[str, ...], agents: tuple[str, ...]) -> None:
        entry = self._project.tools.get(tool)
        if entry is None:
            return
        answer = self._answer(entry, agent, workflows, agents)
        key = (self._root, agent, tool)
        self._found[key] = max(self._found.get(key, answer), answer, key=_LEVELS.index)
        if entry.child and answer != "deny":
            self.enter(entry.child, workflows, agents)

    def _answer(self, entry: ToolEntry, agent: str, workflows: tuple[str, ...], agents: tuple[str, ...]) -> str:
        project = self._project
        lists = [("", project.settings.permissions)]
        lists += [("", project.workflows[name].spec.permissions) for name in workflows]
        lists += [("", project.agents[name].spec.permissions) for name in agents]
        return judge(Subject(entry.name, entry.pack, tuple(entry.spec.tags), entry.risk, agent, TARGET), lists).action


def _words(project: Project, tool: str, answer: str | None) -> str | None:
    return None if answer is None else f"{WORDS[answer]} (risk {project.tools[tool].risk})"
