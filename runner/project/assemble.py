"""Make the entries of a project from what was read: selectors found, defaults filled in, names held together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runner.policy import RISKS
from runner.project import targets
from runner.project.agent_entries import Made, agent_entry
from runner.project.checks.offers import Offers, selected
from runner.project.findings import Finding
from runner.project.packs import gathered, params_of
from runner.project.project import AgentEntry, Pack, ToolEntry, WorkflowEntry
from runner.project.searching import taken_names
from runner.project.servers import outside
from runner.project.steps import steps
from runner.spec.selectors import Selectable, Selectables
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runner.project.catalogue import Catalogue, Item
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.reading import Reading
    from runner.project.settings import Settings
    from runner.spec.types import Fields
    from runner.targets.hosts.spec import HostSpec
    from runner.tools.base import ToolSpec

    Hosts = Mapping[str, HostSpec]


class Assembly:
    """The entries, and the findings made on the way."""

    def __init__(
        self, catalogue: Catalogue, reading: Reading, recall: Recall, settings: Settings, hosts: Hosts
    ) -> None:
        self.findings: list[Finding] = []
        self._reading = reading
        self._recall = recall
        self.settings, self.places = settings, targets.known(hosts)
        self.packs = {
            item.name: Pack(item.name, item.file, item.spec.description, item.spec.mcp)
            for item in catalogue.packs.values()
        }
        self.tools: dict[str, ToolEntry] = {}
        self._alone: dict[str, WorkflowEntry] = {}
        for item in catalogue.packs.values():
            self._add_tools(item, catalogue)
        self.offers = self._offers()
        self.agents = self._agents(catalogue.agents)
        self.workflows = self._workflows(catalogue.workflows)
        self._add_agent_runs()
        self._raise_workflow_risks()

    # --------------------------------------------------------------------------------------------------- tools

    def _add_tools(self, pack: Item, catalogue: Catalogue) -> None:
        callers = {}
        self.findings += taken_names(pack.file, pack.tools)
        self.findings += outside(pack.file, pack.spec.mcp, self.settings)
        for name, (_, spec) in pack.tools.items():
            if selectors := getattr(spec, "targets", None):
                self._places(pack, selectors, ("tools", name, "targets"))
            if spec.agents is not None and name not in self.tools:
                callers[name] = self._callers(pack.file, name, spec.agents, catalogue)
        read = self._reading.files.get
        modules = [read(file) for files in pack.modules.values() for file in files]
        key = ("entries", pack.file)
        make = partial(_entries, pack, callers, read, self._recall.last(key) or {})
        entries = self._recall.result(key, make, pack.tools, *callers.values(), *modules)
        for name, entry in entries.items():
            if name in self.tools:
                what = f"the tool `{name}` is also in {self.tools[name].file}; tool names are unique"
                self._find("duplicate-name", pack.file, ("tools", name), what, "rename one", key=True)
            elif isinstance(entry, Finding):
                self.findings.append(self._with_nearest(entry))
                self._reading.broken |= {name, pack.name}  # `pack/*` may find nothing for that
            else:
                self.tools[name] = entry

    def _with_nearest(self, finding: Finding) -> Finding:
        """For a Python file that is not there: the one beside the pack that is meant."""
        if finding.code != "no-module":
            return finding
        folder = finding.file.rpartition("/")[0]
        beside = [name for name in self._reading.files if name.startswith(f"{folder}/") and name.endswith(".py")]
        return replace(finding, hint=did_you_mean(finding.what.split()[0], beside) or finding.hint)

    def _callers(self, file: str, name: str, selectors: Sequence[str], catalogue: Catalogue) -> frozenset[str]:
        things = Selectables(Selectable(agent) for agent in catalogue.agents)
        found, findings = selected(selectors, things, file, ("tools", name, "agents"), "agent")
        self.findings += findings
        return self._recall.same(("callers", file, name), frozenset(found))

    def _offers(self) -> Offers:
        """What the tools are to agents; the same object as long as nothing of it changes."""
        tools = self.tools.values()
        said = tuple(
            (tool.name, tool.pack, tool.spec.tags, tool.spec.enabled, tool.agents, tool.file) for tool in tools
        )
        make = partial(Offers, dict(self.tools))
        return self._recall.result("offers", make, self._recall.same("said of tools", said))

    def _raise_workflow_risks(self) -> None:
        """A tool that runs a workflow has the highest risk that the workflow can reach, unless the file says one."""
        rising = {name: tool for name, tool in self.tools.items() if tool.child and tool.spec.risk is None}
        for _ in rising:  # a chain of workflow tools is at most as long as there are such tools
            for name, entry in rising.items():
                risk = self._reach(entry.child, frozenset())
                self.tools[name] = replace(entry, risk=risk)
        for name, entry in rising.items():
            risen = self.tools[name]
            make = partial(replace, entry, risk=risen.risk)
            self.tools[name] = self._recall.result(
                ("risen", name), make, entry, self._recall.same(("risk", name), risen.risk)
            )

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

    def _agents(self, items: Mapping[str, Item]) -> dict[str, AgentEntry]:
        def make(name: str) -> Made:
            return agent_entry(items[name], self.offers, self._recall.last(("agent", name)))

        specs = {name: item.spec for name, item in items.items()}
        usual = (targets.default(self.settings),)
        agents: dict[str, AgentEntry] = {}
        for item, made in zip(items.values(), self._recall.each("agent", make, specs, self.offers), strict=True):
            entry, self._alone[item.name], findings = made
            self.findings += findings
            places = self._places(item, item.spec.targets, ("targets",)) if item.spec.targets else ()
            places = places or usual
            agents[item.name] = entry if entry.targets == places else self._moved(entry, places)
        return agents

    def _moved(self, entry: AgentEntry, places: tuple[str, ...]) -> AgentEntry:
        """The entry of an agent that acts elsewhere; the same object as long as it stays alike."""
        same = self._recall.same(("places", entry.file), places)
        return self._recall.result(("moved", entry.file), partial(replace, entry, targets=same), entry, same)

    def _places(self, item: Item, selectors: Sequence[str], loc: Loc) -> tuple[str, ...]:
        """The targets that selectors find, the first of them first."""
        _, findings = selected(selectors, self.places, item.file, loc, "target")
        # "All hosts" is no mistake in a project that has none yet.
        self.findings += [one for one in findings if selectors[int(one.loc[-1])] != targets.ALL_HOSTS]
        return targets.allowed(selectors, self.places, self.settings)

    def _workflows(self, items: Mapping[str, Item]) -> dict[str, WorkflowEntry]:
        for item in items.values():
            if item.name in self.agents:
                what = f"`{item.name}` is also an agent ({self.agents[item.name].file})"
                hint = "agents and workflows share one name space: rename one"
                self._find("duplicate-name", item.file, (), what, hint)
        specs = {name: item.spec for name, item in items.items()}
        made = self._recall.each("workflow", lambda name: WorkflowEntry(*items[name][:3]), specs)
        return dict(zip(items, made, strict=True))

    def _add_agent_runs(self) -> None:
        """Every agent can be run alone: a workflow of one phase stands for that."""
        self.workflows |= {name: entry for name, entry in self._alone.items() if name not in self.workflows}

    def _find(self, code: str, file: str, loc: Loc, what: str, hint: str = "", *, key: bool = False) -> None:
        self.findings.append(Finding(code, file, loc, what, hint, at_key=key))


def _entries(
    pack: Item,
    callers: Mapping[str, frozenset[str]],
    read: Callable[[str], bytes | None],
    last: Mapping[str, ToolEntry | Finding],
) -> dict[str, ToolEntry | Finding]:
    """The entry of each tool of a pack, or what is wrong with the signature of its function."""
    entries: dict[str, ToolEntry | Finding] = {}
    for name, (kind, spec) in pack.tools.items():
        params = params_of(pack.file, name, spec, read)
        entries[name] = params if isinstance(params, Finding) else _tool(pack, name, kind, spec, params, callers)
        former = last.get(name)
        if isinstance(former, ToolEntry) and _is_same(former, entries[name]):
            entries[name] = former
    return gathered(entries, pack.file)


def _tool(
    pack: Item, name: str, kind: str, spec: ToolSpec, params: Fields, callers: Mapping[str, frozenset[str]]
) -> ToolEntry:
    risk = spec.risk or ("danger" if kind == "shell" or getattr(spec, "free", False) else "write")
    interrupted = spec.interrupted or ("again" if risk == "read" else "ask")
    return ToolEntry(name, pack.name, kind, pack.file, spec, params, risk, interrupted, callers.get(name))


def _is_same(former: ToolEntry, entry: ToolEntry | Finding) -> bool:
    """Whether both are made of the same fields; the rest of an entry follows from them."""
    return (
        isinstance(entry, ToolEntry)
        and former.spec is entry.spec
        and former.params is entry.params
        and former.agents is entry.agents
    )


def by_name(items: Mapping[str, Item]) -> dict[str, object]:
    """The fields of items under their names."""
    return {name: item.spec for name, item in items.items()}
