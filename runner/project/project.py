"""A Project: what the files say, read, checked and frozen. It opens nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from runner.policy import RISKS
from runner.project import targets
from runner.project.settings import BUILT_IN_TIMEOUTS, Settings, TimeoutClass
from runner.runs.paths import CHAT
from runner.spec import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from runner.policy import CommandPolicy
    from runner.project.agents import AgentSpec, PromptSpec
    from runner.project.workflows import WorkflowSpec
    from runner.spec.selectors import Selectables
    from runner.spec.types import Fields
    from runner.targets.hosts.spec import HostSpec
    from runner.tools.base import Interrupted, ToolSpec
    from runner.tools.mcp.spec import McpServerSpec


@dataclass(frozen=True)
class Pack:
    """A pack; its tools, with its defaults applied, are in `Project.tools`."""

    name: str
    file: str
    description: str
    server: McpServerSpec | None = None
    """The server that has its tools."""


@dataclass(frozen=True)
class ToolEntry:
    """A tool with its pack's defaults applied; `spec` is of its kind's class."""

    name: str
    pack: str
    kind: str
    file: str
    spec: ToolSpec
    params: Fields
    """What it takes: `params` of the file, or what the signature of a python tool says."""
    risk: str
    """`risk` of the file, or its kind's default."""
    interrupted: Interrupted
    """`interrupted` of the file, or `again` for risk read and `ask` for the rest."""
    agents: frozenset[str] | None = None
    """Who may call it (selectors resolved); None: whoever lists it."""

    @cached_property
    def risks(self) -> tuple[str, ...]:
        """The risks that its calls may have: one, but for a free command line, which is judged by its words."""
        return RISKS if getattr(self.spec, "free", "") else (self.risk,)

    @cached_property
    def child(self) -> str:
        """The workflow or agent that it runs as a part of its caller's run; empty for the other kinds."""
        return str(getattr(self.spec, self.kind)) if self.kind in ("agent", "workflow") else ""


@dataclass(frozen=True)
class AgentEntry:
    """An agent and the tools its selectors found, sorted by name."""

    name: str
    file: str
    spec: AgentSpec
    tools: tuple[str, ...]
    targets: tuple[str, ...] = ("local",)
    """Where its commands may run (selectors found); the first is the default."""


@dataclass(frozen=True)
class WorkflowEntry:
    """A workflow; `agent` or `tool` is set when it stands for the run of that agent alone, or for one call of it."""

    name: str
    file: str
    spec: WorkflowSpec
    agent: str = ""
    tool: str = ""

    @property
    def kind(self) -> Literal["workflow", "agent", "tool", "chat"]:
        """What a run of it is of."""
        if self.name == CHAT:
            return "chat"
        return "agent" if self.agent else "tool" if self.tool else "workflow"


AnyEntry = AgentEntry | ToolEntry | WorkflowEntry


@dataclass(frozen=True)
class Project:
    """Everything the files say; `revision` is the digest of `files`, which hold every byte that was read."""

    root: Path
    revision: str
    files: Mapping[str, bytes]
    settings: Settings
    agents: Mapping[str, AgentEntry]
    prompts: Mapping[str, PromptSpec]
    packs: Mapping[str, Pack]
    tools: Mapping[str, ToolEntry]
    workflows: Mapping[str, WorkflowEntry]
    """Also one for every agent, under the agent's name, made of a single phase `answer`."""
    worst_cases: Mapping[str, str] = field(default_factory=dict)
    """For each workflow, in words: at most N model calls and time, or unbounded because …"""
    hosts: Mapping[str, HostSpec] = field(default_factory=dict)
    """The hosts of runner.yaml."""
    policy: CommandPolicy | None = None
    """What free command lines may do; None when no tool takes one and the project says nothing of it."""
    secrets: frozenset[str] = frozenset()
    """Names of the `${NAME}` that the files ask for."""

    @property
    def declared_workflows(self) -> dict[str, WorkflowEntry]:
        """The workflows that have a file: not the runs of single agents."""
        return {name: entry for name, entry in self.workflows.items() if not entry.agent}

    @cached_property
    def targets(self) -> Selectables:
        """Where commands can run, as selectors find it."""
        return targets.known(self.hosts)

    def groups_of(self, target: str) -> tuple[str, ...]:
        """The groups that a target is in."""
        return next((thing.groups for thing in self.targets.things if thing.name == target), ())

    @cached_property
    def prompt_texts(self) -> dict[str, str]:
        """The named prompts' templates, for includes."""
        return {name: prompt.template for name, prompt in self.prompts.items()}

    def timeout(self, name: str) -> TimeoutClass:
        """The timeout class of that name; a duration stands for itself."""
        found = self.settings.timeouts.get(name) or BUILT_IN_TIMEOUTS.get(name)
        if found:
            return found
        seconds = parse_duration(name)
        return TimeoutClass.model_construct(model=(seconds, seconds), tool=(seconds, seconds), ssh=(seconds, seconds))

    def describe(self) -> dict[str, Any]:
        """Counts, for one line about what was loaded."""
        return {"agents": len(self.agents), "tools": len(self.tools), "workflows": len(self.declared_workflows)}


def by_file(tools: Iterable[ToolEntry]) -> dict[str, list[AnyEntry]]:
    """Tools by the file of their pack."""
    found: defaultdict[str, list[AnyEntry]] = defaultdict(list)
    for tool in tools:
        found[tool.file].append(tool)
    return found
