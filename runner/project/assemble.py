"""Make the entries of a project from what was read: selectors found, defaults filled in, names held together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.project.agents import AgentSpec
from runner.project.findings import Finding
from runner.project.packs import params_of
from runner.project.project import AgentEntry, Pack, ToolEntry, WorkflowEntry
from runner.project.steps import steps
from runner.project.workflows import WorkflowSpec
from runner.spec.selectors import Selectable, select
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.project.catalogue import Catalogue, Item
    from runner.project.findings import Loc
    from runner.project.reading import Reading
    from runner.tools.base import ToolSpec

RISKS = ("read", "write", "danger")


class Assembly:
    """The entries, and the findings made on the way."""

    def __init__(self, catalogue: Catalogue, reading: Reading) -> None:
        self.findings: list[Finding] = []
        self._reading = reading
        self.packs = {item.name: Pack(item.name, item.file, item.spec.description) for item in catalogue.packs.values()}
        self.tools: dict[str, ToolEntry] = {}
        for item in catalogue.packs.values():
            self._add_tools(item, catalogue)
        self._things = [Selectable(tool.name, tool.pack, tuple(tool.spec.tags)) for tool in self.tools.values()]
        self.agents = {item.name: self._agent(item) for item in catalogue.agents.values()}
        self.workflows = {item.name: self._workflow(item) for item in catalogue.workflows.values()}
        self._add_agent_runs()
        self._raise_workflow_risks()

    # --------------------------------------------------------------------------------------------------- tools

    def _add_tools(self, pack: Item, catalogue: Catalogue) -> None:
        for name, (kind, spec) in pack.tools.items():
            if name in self.tools:
                what = f"the tool `{name}` is also in {self.tools[name].file}; tool names are unique"
                self._find("duplicate-name", pack.file, ("tools", name), what, "rename one", key=True)
                continue
            params = params_of(pack.file, name, spec, self._reading.files.get)
            if isinstance(params, Finding):
                self.findings.append(params)
                self._reading.broken.add(name)
                continue
            risk = spec.risk or "write"
            interrupted = spec.interrupted or ("again" if risk == "read" else "ask")
            agents = self._callers(pack.file, name, spec, catalogue)
            self.tools[name] = ToolEntry(name, pack.name, kind, pack.file, spec, params, risk, interrupted, agents)

    def _callers(self, file: str, name: str, spec: ToolSpec, catalogue: Catalogue) -> frozenset[str] | None:
        if spec.agents is None:
            return None
        things = [Selectable(agent) for agent in catalogue.agents]
        return frozenset(self._select(spec.agents, things, file, ("tools", name, "agents"), "agent"))

    def _raise_workflow_risks(self) -> None:
        """A tool that runs a workflow has the highest risk that the workflow can reach, unless the file says one."""
        for _ in self.tools:  # a chain of workflow tools is at most as long as there are tools
            for name, entry in self.tools.items():
                if entry.kind == "workflow" and entry.spec.risk is None:
                    risk = self._reach(getattr(entry.spec, "workflow", ""), frozenset())
                    self.tools[name] = replace(entry, risk=risk)
            if not any(entry.kind == "workflow" for entry in self.tools.values()):
                break

    def _reach(self, workflow: str, seen: frozenset[str]) -> str:
        entry = self.workflows.get(workflow)
        risks = {"read"}
        for step in steps(entry.spec) if entry and workflow not in seen else ():
            body = step.spec
            names = [getattr(body, "tool", None)]
            agent = self.agents.get(getattr(body, "agent", ""))
            names += agent.tools if agent else []
            risks |= {self.tools[name].risk for name in names if name in self.tools}
            if hasattr(body, "workflow"):
                risks.add(self._reach(body.workflow, seen | {workflow}))
        return max(risks, key=RISKS.index)

    # --------------------------------------------------------------------------------- agents and workflows

    def _agent(self, item: Item) -> AgentEntry:
        spec: AgentSpec = item.spec
        found = self._select(spec.tools, self._things, item.file, ("tools",), "tool")
        for index, selector in enumerate(spec.tools):
            entry = self.tools.get(selector)
            if entry is not None and not self._may_call(item.name, entry):
                who = ", ".join(sorted(entry.agents or ())) or "nobody"
                what, hint = f"`{selector}` may be called by {who} only", f"see its `agents` in {entry.file}"
                self._find("not-offered", item.file, ("tools", index), what, hint)
        tools = sorted(name for name in found if self._may_call(item.name, self.tools[name]))
        return AgentEntry(item.name, item.file, spec, tuple(tools))

    def _may_call(self, agent: str, entry: ToolEntry) -> bool:
        return entry.spec.enabled and (entry.agents is None or agent in entry.agents)

    def _workflow(self, item: Item) -> WorkflowEntry:
        if item.name in self.agents:
            what = f"`{item.name}` is also an agent ({self.agents[item.name].file})"
            self._find("duplicate-name", item.file, (), what, "agents and workflows share one name space: rename one")
        return WorkflowEntry(item.name, item.file, item.spec)

    def _add_agent_runs(self) -> None:
        """Every agent can be run alone: a workflow of one phase stands for that."""
        for agent in self.agents.values():
            if agent.name not in self.workflows:
                self.workflows[agent.name] = WorkflowEntry(agent.name, agent.file, _alone(agent), agent.name)

    # ------------------------------------------------------------------------------------------------ helpers

    def _select(self, selectors: Iterable[str], things: list[Selectable], file: str, loc: Loc, what: str) -> list[str]:
        listed = list(selectors)
        found, idle = select(listed, things)
        for selector in idle:
            hint = did_you_mean(selector.removeprefix("-"), _known(things)) or _suggestion(selector, what, things)
            place = (*loc, listed.index(selector))
            self._find("unknown-selector", file, place, f"`{selector}` finds no {what}", hint)
        return found

    def _find(self, code: str, file: str, loc: Loc, what: str, hint: str = "", *, key: bool = False) -> None:
        self.findings.append(Finding(code, file, loc, what, hint, at_key=key))


def _alone(agent: AgentEntry) -> WorkflowSpec:
    return WorkflowSpec.model_validate(
        {
            "description": agent.spec.description,
            "inputs": {"text": "str"},
            "phases": {"answer": {"agent": agent.name, "message": "{{ inputs.text }}"}},
        }
    )


def _known(things: Iterable[Selectable]) -> list[str]:
    """Every selector that finds something."""
    packs = {f"{thing.pack}/*" for thing in things if thing.pack}
    tags = {f"tag:{tag}" for thing in things for tag in thing.tags}
    return [*(thing.name for thing in things), *sorted(packs), *sorted(tags)]


def _suggestion(selector: str, what: str, things: Iterable[Selectable]) -> str:
    wanted = selector.removeprefix("-")
    pack = wanted.partition("/")[0]
    if wanted.startswith("tag:"):
        return f"tags: {', '.join(sorted({tag for thing in things for tag in thing.tags})) or 'no tool has any'}"
    if what == "tool" and "/" in selector:
        return f"write tools.d/{pack}.yaml, or add std/{pack} to `use` in runner.yaml if it ships"
    return ""


def by_name(items: Mapping[str, Item]) -> dict[str, object]:
    """The fields of items under their names."""
    return {name: item.spec for name, item in items.items()}
