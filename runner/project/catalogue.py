"""What a load knows by name: the project's own files, and what `use:` brings with all that it names in turn."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.policy import CommandPolicy
from runner.project.agents import AgentSpec, NamedPrompt, PromptSpec
from runner.project.findings import Finding
from runner.project.packs import PackSpec, defaults_of, modules_of, read_tool
from runner.project.phases import AgentBody, ForeachPhase, ParallelPhase, ToolBody, WorkflowBody
from runner.project.servers import lock_beside, server_tools
from runner.project.shipped import Shipped
from runner.project.std import PREFIX
from runner.project.workflows import WorkflowSpec
from runner.spec.layout import POLICY
from runner.spec.words import did_you_mean
from runner.tools.command import CommandTool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.reading import Reading
    from runner.project.settings import Settings
    from runner.tools.base import ToolSpec

FOLDERS: dict[str, type[Any]] = {
    "agents": AgentSpec,
    "prompts": PromptSpec,
    "packs": PackSpec,
    "workflows": WorkflowSpec,
}
_PLACES = {"agents": "agents.d", "prompts": "agents.d/prompts", "packs": "tools.d", "workflows": "workflows"}


Tools = dict[str, tuple[str, "ToolSpec"]]


class Item(NamedTuple):
    """A file that was read, under its name."""

    name: str
    file: str
    spec: Any
    tools: Tools
    """Of a pack: kind and fields of each tool."""
    modules: dict[str, list[str]]
    """Of a pack: the Python files that its tools name."""


_NONE: tuple[Tools, dict[str, list[str]]] = ({}, {})
"""The tools and modules of what is no pack."""


class Catalogue:
    """The items of each sort by name."""

    def __init__(self, reading: Reading, settings: Settings) -> None:
        self.agents: dict[str, Item] = {}
        self.prompts: dict[str, Item] = {}
        self.packs: dict[str, Item] = {}
        self.workflows: dict[str, Item] = {}
        self.policy: CommandPolicy | None = None
        """What free command lines may do; read when the project says it, or a tool takes such lines."""
        self._reading = reading
        self._shipped = Shipped(reading, _PLACES)
        self._read_own()
        self._use(settings)
        self._read_policy()

    def ships(self, file: str) -> bool:
        """Whether a file of that name, which begins with `std/`, ships."""
        return self._shipped.has(file)

    def pack_that_ships(self, tool: str) -> str | None:
        """The shipped pack that holds a tool of that name."""
        return self._shipped.pack_of(tool)

    def _read_own(self) -> None:
        for sort, folder in _PLACES.items():
            stems = {name: stem for stem, name in self._reading.stems(folder)}
            if stems.pop(POLICY, None):
                self.policy = self._reading.spec(POLICY, CommandPolicy)
            for name, spec in self._reading.specs([*stems], FOLDERS[sort]).items():
                self._add(sort, stems[name], name, spec)

    def _read_policy(self) -> None:
        """The shipped policy, where the project has none and a tool needs it."""
        free = self._reading.recall.each(
            "free lines",
            lambda name: _any_free(self.packs[name].tools),
            {name: one.tools for name, one in self.packs.items()},
        )
        if any(free) and self.policy is None and POLICY not in self._reading.broken:
            self.policy = self._reading.spec(f"{PREFIX}{POLICY}", CommandPolicy)

    def _add(self, sort: str, stem: str, file: str, spec: Any) -> Item:
        tools, modules = self._tools(file, spec) if sort == "packs" else _NONE
        item = getattr(self, sort)[stem] = Item(stem, file, spec, tools, modules)
        return item

    def _tools(self, file: str, spec: PackSpec) -> tuple[Tools, dict[str, list[str]]]:
        if spec.mcp is not None:
            return self._server_tools(file, spec), {}
        defaults = defaults_of(self._reading.raw(file))
        recall = self._reading.recall
        make = partial(_read_tools, file, spec, defaults, recall.last(("tools", file)))
        tools, modules, findings, _ = recall.result(("tools", file), make, spec)
        self._reading.findings += findings
        for name in spec.tools.keys() - tools.keys():
            self._reading.broken |= {name, PurePosixPath(file).stem}  # `pack/*` may find nothing for that
        if modules:
            self._read_modules(file.rpartition("/")[0])
        return tools, modules

    def _server_tools(self, file: str, spec: PackSpec) -> Tools:
        """The tools of a pack that names a server, as the lock beside it has them."""
        pack, lock = PurePosixPath(file).stem, self._reading.read(lock_beside(file))
        make = partial(server_tools, file, pack, spec, lock)
        tools, findings = self._reading.recall.result(("tools", file), make, spec, lock)
        self._reading.findings += findings
        if findings:
            self._reading.broken |= {pack}
        return dict(tools)

    def _read_modules(self, folder: str) -> None:
        """All Python files beside a pack belong to the revision: a module may import its neighbours."""
        for name in self._reading.source.names(folder):
            if name.endswith(".py"):
                self._reading.read(name)

    # ------------------------------------------------------------------------------------------------- `use:`

    def _use(self, settings: Settings) -> None:
        due: deque[tuple[str, str]] = deque()
        for index, wanted in enumerate(settings.use):
            found = self._shipped.sorts(wanted)
            if not found:
                names = self._shipped.all_names()
                hint = did_you_mean(wanted, names) or f"there are: {', '.join(names)}"
                self._reading.findings.append(
                    Finding("unknown-use", "runner.yaml", ("use", index), f"nothing ships as `{wanted}`", hint)
                )
            if wanted in settings.use[:index]:
                what = f"`{wanted}` stands here twice"
                self._reading.findings.append(
                    Finding("duplicate-use", "runner.yaml", ("use", index), what, "remove one", "warning")
                )
            due += [(sort, wanted.removeprefix(PREFIX)) for sort in found]
        self._bring(due)

    def _bring(self, due: deque[tuple[str, str]]) -> None:
        """Read the shipped items that are wanted, then what they name; the project's own of the same name stand."""
        seen: set[tuple[str, str]] = set()
        while due:
            sort, name = due.popleft()
            if (sort, name) in seen:
                continue
            seen.add((sort, name))
            item = getattr(self, sort).get(name)
            own = f"{_PLACES[sort]}/{name}.yaml"
            shipped = f"{PREFIX}{own}"
            if item is None and own not in self._reading.broken and self._shipped.has(shipped):
                spec = self._reading.spec(shipped, FOLDERS[sort])
                item = None if spec is None else self._add(sort, name, shipped, spec)
            if item is not None:
                due += self._named_by(item)

    def _named_by(self, item: Item) -> Iterator[tuple[str, str]]:
        spec = item.spec
        if isinstance(spec, AgentSpec):
            if isinstance(spec.prompt, NamedPrompt):
                yield "prompts", spec.prompt.use
            for selector in spec.selectors:
                yield from self._packs_of(selector.removeprefix("-"))
        elif isinstance(spec, WorkflowSpec):
            for body in _bodies(spec):
                yield from self._named_by_body(body)
        for kind, tool in item.tools.values():
            if kind == "workflow":
                yield "workflows", getattr(tool, "workflow", "")

    def _named_by_body(self, body: Any) -> Iterator[tuple[str, str]]:
        if isinstance(body, AgentBody):
            yield "agents", body.agent
            if isinstance(body.message, NamedPrompt):
                yield "prompts", body.message.use
        elif isinstance(body, ToolBody):
            yield from self._packs_of(body.tool)
        elif isinstance(body, WorkflowBody):
            yield "workflows", body.workflow

    def _packs_of(self, selector: str) -> Iterator[tuple[str, str]]:
        pack, slash, _ = selector.rpartition("/")
        if slash:
            yield "packs", pack
        elif not any(selector in item.tools for item in self.packs.values()):
            holder = self._shipped.pack_of(selector)
            if holder:
                yield "packs", holder


def _any_free(tools: Tools) -> bool:
    """Whether any tool of a pack takes free command lines."""
    return any(isinstance(tool, CommandTool) and tool.free for _, tool in tools.values())


class _ToolsRead(NamedTuple):
    """The tools of a pack, the Python files that they name, what is wrong with the others, and what was written."""

    tools: Tools
    modules: dict[str, list[str]]
    findings: tuple[Finding, ...]
    written: dict[str, str]


def _read_tools(file: str, spec: PackSpec, defaults: Any, last: _ToolsRead | None) -> _ToolsRead:
    """The tools of a pack; those written as they were last are the same objects, so that what holds them stands."""
    tools: Tools = {}
    findings: list[Finding] = []
    written = {name: repr((raw, defaults)) for name, raw in spec.tools.items()}
    for name, raw in spec.tools.items():
        if last and name in last.tools and last.written[name] == written[name]:
            tools[name] = last.tools[name]
            continue
        read = read_tool(file, name, raw, defaults)
        if isinstance(read, list):
            findings += read
        else:
            tools[name] = read
    folder = file.rpartition("/")[0]
    modules = {name: [f"{folder}/{module}.py" for module in modules_of(tool)] for name, (_, tool) in tools.items()}
    return _ToolsRead(tools, {name: files for name, files in modules.items() if files}, tuple(findings), written)


def _bodies(spec: WorkflowSpec) -> Iterator[Any]:
    phases = [*spec.phases.values(), *([spec.finally_] if spec.finally_ else [])]
    for phase in phases:
        if isinstance(phase, ParallelPhase):
            yield from phase.parallel.values()
        else:
            yield phase.body if isinstance(phase, ForeachPhase) else phase
