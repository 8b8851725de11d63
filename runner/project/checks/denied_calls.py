"""Rules that deny what the files themselves call: a phase that is sure to fail, an agent that is left no tool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeVar

from runner.policy import deciding
from runner.project.findings import Finding
from runner.project.phases import ToolBody
from runner.project.prospects import subjects
from runner.project.steps import steps
from runner.project.targets import grounds
from runner.project.words import flow
from runner.spec.selectors import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.policy import Rule, Subject
    from runner.project.memory import Recall
    from runner.project.project import AgentEntry, Project, ToolEntry, WorkflowEntry
    from runner.project.steps import Step

    Lists = Sequence[tuple[str, Sequence[Rule]]]
    EntryT = TypeVar("EntryT", AgentEntry, WorkflowEntry)

_SHOWN = 3
"""Calls that a message names."""


@dataclass(frozen=True, slots=True)
class _Denied:
    """A call that a rule denies."""

    file: str
    index: int
    rule: Rule
    tool: ToolEntry
    agent: str
    """Who is left no tool; empty for a phase that calls one itself."""
    words: str


def check(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """A warning for each such rule of runner.yaml, a workflow or an agent; `seen` is the project's view."""
    general = recall.same("rules", project.settings.permissions)
    found = [*_of_phases(project, seen, recall, general), *_of_agents(project, seen, recall, general)]
    for (file, index), group in groupby(sorted(found, key=_place), key=_place):
        denied = _once(group)
        more = f"; and {len(denied) - _SHOWN} more" if len(denied) > _SHOWN else ""
        what = f"it denies {'; also '.join(one.words for one in denied[:_SHOWN])}{more}"
        yield Finding("denied-call", file, ("permissions", index), what, _hint(project, denied[:_SHOWN]), "warning")


def _place(denied: _Denied) -> tuple[str, int]:
    return denied.file, denied.index


def _once(denied: Iterable[_Denied]) -> list[_Denied]:
    """The calls without those that a rule for another one would free too."""
    first: dict[tuple[str, str], _Denied] = {}
    for one in denied:
        if (one.tool.name, "") not in first:
            first.setdefault((one.tool.name, one.agent), one)
    return [*first.values()]


def _of_phases(project: Project, seen: Project, recall: Recall, general: Sequence[Rule]) -> Iterator[_Denied]:
    denying = _denying(general, project.declared_workflows)
    where = grounds(project, recall)
    found = recall.each(
        "denied phases", lambda name: tuple(_of_workflow(seen, denying[name], general)), denying, general, where
    )
    return chain.from_iterable(found)


def _of_workflow(project: Project, entry: WorkflowEntry, general: Sequence[Rule]) -> Iterator[_Denied]:
    lists = _lists(general, entry)
    for step in steps(entry.spec):
        if isinstance(step.spec, ToolBody) and not _is_expected(entry, step):
            name = ".".join(filter(None, (entry.name, step.phase or "finally", step.branch)))
            yield from _of_phase(project, name, step.spec, lists)


def _of_phase(project: Project, name: str, body: ToolBody, lists: Lists) -> Iterator[_Denied]:
    tool = project.tools.get(body.tool)
    if tool is not None and tool.spec.enabled:
        words = f"`{tool.name}`, which phase {name} calls"
        for file, index, rule in _decided([*subjects(project, tool, target=body.target)], lists):
            yield _Denied(file, index, rule, tool, "", words)


def _of_agents(project: Project, seen: Project, recall: Recall, general: Sequence[Rule]) -> Iterator[_Denied]:
    denying = _denying(general, project.agents)
    where = grounds(project, recall)
    found = recall.each("denied tools", lambda name: _left_none(seen, denying[name], general), denying, general, where)
    for name, denied in zip(denying, found, strict=True):
        if denied:
            last = max(denied, key=_place)
            is_alone = all(_place(one) == _place(last) for one in denied)
            yield replace(last, words=f"every tool of agent {name}") if is_alone else last


def _left_none(project: Project, agent: AgentEntry, general: Sequence[Rule]) -> list[_Denied]:
    """What denies each tool of an agent; nothing when one is left to it."""
    denied: list[_Denied] = []
    lists = _lists(general, agent)
    for name in agent.tools:
        by = next(_decided([*subjects(project, project.tools[name], agent)], lists), None)
        if by is None:
            return []
        denied.append(_Denied(*by, project.tools[name], agent.name, f"`{name}`, the last tool of agent {agent.name}"))
    return denied


def _denying(general: Sequence[Rule], entries: Mapping[str, EntryT]) -> Mapping[str, EntryT]:
    """The entries that a list with a denial holds for."""
    if any(rule.action == "deny" for rule in general):
        return entries
    return {name: one for name, one in entries.items() for rule in one.spec.permissions if rule.action == "deny"}


def _lists(general: Sequence[Rule], entry: AgentEntry | WorkflowEntry) -> Lists:
    """The lists that hold for what calls, those that deny nothing left out."""
    lists = [("runner.yaml", general), (entry.file, entry.spec.permissions)]
    return [(file, rules) for file, rules in lists if any(rule.action == "deny" for rule in rules)]


def _decided(calls: Sequence[Subject], lists: Lists) -> Iterator[tuple[str, int, Rule]]:
    """The rule of each list that denies a tool's calls, wherever they run and whatever their risk."""
    for file, rules in lists:
        found = {_sure(call, rules) for call in calls}
        index = found.pop() if len(found) == 1 else None
        if index is not None and rules[index].action == "deny":
            yield file, index, rules[index]


def _sure(call: Subject, rules: Sequence[Rule]) -> int | None:
    """The rule that decides a call; None as well when one above it may, which is about words that nobody knows yet."""
    index = deciding(call, rules)
    above = [rule for rule in rules[:index] if rule.argv is not None and rule.action != "deny"]
    return None if any(deciding(call, [rule.model_copy(update={"argv": None})]) == 0 for rule in above) else index


def _is_expected(entry: WorkflowEntry, step: Step) -> bool:
    """Whether the workflow has a way for a call that is denied."""
    phase = entry.spec.phases.get(step.phase)
    return phase is not None and any(edge.match == "policy" for edge in phase.errors)


def _hint(project: Project, denied: Sequence[_Denied]) -> str:
    """Rules for above it; one that is about nothing else would not be reached any more."""
    first = denied[0]
    if first.rule.agent in (None, first.agent or None) and _reach(project, first.rule) == {first.tool.name}:
        if first.agent and first.rule.agent:
            return f"remove it, or take `{first.tool.name}` out of the agent's `tools`"
        if not first.agent:
            return 'if only agents may not, add agent: "*" to it; else remove it' if project.agents else "remove it"
    above = [flow(_exception(one)) for one in denied]
    return f"put {'rules' if above[1:] else 'a rule'} above it: {', '.join(above)}"


def _exception(denied: _Denied) -> dict[str, str]:
    """The rule that leaves one call to what holds without rules."""
    agent = {"agent": denied.agent} if denied.agent else {}
    return {"tool": denied.tool.name, **agent, "action": "allow" if denied.tool.risk == "read" else "ask"}


def _reach(project: Project, rule: Rule) -> set[str]:
    return {
        tool.name
        for tool in project.tools.values()
        if (rule.tool is None or matches(rule.tool, tool.name, pack=tool.pack, tags=tool.spec.tags))
        and (rule.risk is None or rule.risk in tool.risks)
    }
