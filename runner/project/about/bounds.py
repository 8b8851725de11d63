"""The most that a run of a workflow can take, as figures: model calls, tool calls, time, and what its limits say.

Model calls and time are those of the worst case in words. A reply of a model may ask for `AT_ONCE` tool calls, and each
turn is one reply; calls that a tool's own workflow makes count as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from runner.project.graph.visits import visits
from runner.project.graph.worst_case import Counter, known_length
from runner.project.memory import Recall
from runner.project.phases import AgentBody, ForeachPhase, ParallelPhase, ToolBody, WorkflowBody

if TYPE_CHECKING:
    from runner.project.phases import Body, PhaseSpec
    from runner.project.project import Project

AT_ONCE = 64
"""Tool calls that are made for one reply of a model; the engine makes no more."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no run goes beyond; None where the files set no bound, and then why."""

    model_calls: int | None
    tool_calls: int | None
    seconds: float | None
    tokens: int | None
    """The limit of the whole run, if one is set."""
    unbounded_because: str

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def bounds(project: Project, name: str) -> Bounds:
    """The bounds of a workflow, or of the run of an agent alone."""
    cost, _ = Counter(project, Recall(), ()).workflow(name)
    limits = project.workflows[name].spec.limits
    calls = _Calls(project).workflow(name)
    whole = [None if figure == inf else int(figure) for figure in (cost.calls, calls)]
    seconds = None if cost.seconds == inf else cost.seconds
    why = cost.why if None in (*whole, seconds) else ""
    return Bounds(whole[0], whole[1], seconds, limits.tokens, why)


class _Calls:
    """Counts the tool calls of workflows; each is counted once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, float] = {}

    def workflow(self, name: str) -> float:
        """At most so many in one run of it; `inf` while it is being counted, as it then calls itself."""
        if name not in self._known:
            self._known[name] = inf
            spec = self._project.workflows[name].spec
            found = sum(_times(self._phase(spec.phases[phase]), count) for phase, count in visits(spec).items())
            self._known[name] = found + (self._body(spec.finally_) if spec.finally_ else 0)
        return self._known[name]

    def _phase(self, spec: PhaseSpec) -> float:
        if isinstance(spec, ForeachPhase):
            return _times(self._body(spec.body), known_length(spec.foreach.in_))
        return self._body(spec)

    def _body(self, spec: Body) -> float:
        tries = 1 + (spec.retry.max if spec.retry else 0)
        match spec:
            case AgentBody():
                return tries * self._agent(spec)
            case ToolBody():
                return tries * self._tool(spec.tool)
            case WorkflowBody():
                return tries * self._called(spec.workflow)
            case ParallelPhase():
                return tries * sum(map(self._body, spec.parallel.values()))
        return 0

    def _agent(self, spec: AgentBody) -> float:
        entry = self._project.agents.get(spec.agent)
        if entry is None or not entry.tools:
            return 0
        own = entry.spec.limits.turns
        turns = min(own, spec.limits.turns or own)
        return turns * AT_ONCE * max(map(self._tool, entry.tools))

    def _tool(self, name: str) -> float:
        """One call: its tries, and the calls of the workflow that it may be."""
        tool = self._project.tools.get(name)
        if tool is None:
            return 0
        called = tool.child
        tries = 1 + (tool.spec.retry.max if tool.spec.retry else 0)
        return tries * (1 + (self._called(called) if called else 0))

    def _called(self, name: str) -> float:
        return self.workflow(name) if name in self._project.workflows else 0


def _times(amount: float, count: float) -> float:
    return amount * count if amount else 0
