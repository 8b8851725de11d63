"""The worst case of each workflow, in words: at most so many model calls and so much time, or why there is no bound.

Time is work as `limits.time` counts it: people, timers and slots that are waited for are left out.
"""

from __future__ import annotations

import ast
from functools import partial
from math import ceil, inf
from typing import TYPE_CHECKING, NamedTuple

from runner.project.graph.cost import Cost, in_words
from runner.project.graph.visits import visits
from runner.project.noted import several
from runner.project.phases import AgentBody, Fleet, ForeachPhase, ParallelPhase, ToolBody, WorkflowBody
from runner.project.prospects import reached
from runner.project.targets import GROUP, HERE, grounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.memory import Recall
    from runner.project.phases import Body
    from runner.project.project import AgentEntry, Project, ToolEntry, WorkflowEntry
    from runner.project.steps import AnySpec
    from runner.project.workflows import WorkflowSpec

_WORST = "worst"
STANDARD = "standard"
"""The timeout class of what names none."""


def worst_cases(project: Project, recall: Recall) -> dict[str, str]:
    """For each workflow, its worst case in words."""
    timeouts = recall.same("all timeouts", tuple(sorted(project.settings.timeouts.items())))
    counter = Counter(project, recall, (timeouts, grounds(project, recall)))
    return {name: words for name, (_, words) in zip(project.workflows, counter.workflows(), strict=True)}


class _Aim(NamedTuple):
    """Who calls a tool, and where."""

    agent: AgentEntry | None
    target: str | None
    fleet: Fleet | None = None

    @property
    def key(self) -> object:
        """What the time of a call rests on."""
        agent = self.agent
        return (agent and (agent.targets, agent.spec.targets), self.target, self.fleet)

    def rounds(self, hosts: int) -> int:
        """How often a command's time passes when it runs on so many hosts: some at once, batch after batch."""
        said = [self.target or "", *(self.agent.spec.targets if self.agent else ())]
        if not any(word.startswith(GROUP) or "{" in word for word in said):
            return 1
        rules = self.fleet or Fleet()
        batch = rules.batch or hosts
        return sum(ceil(min(batch, hosts - done) / rules.concurrency) for done in range(0, hosts, batch))


class Counter:
    """Adds up one project; remembers the calls it has counted."""

    def __init__(self, project: Project, recall: Recall, outside: tuple[object, ...]) -> None:
        self._project = project
        self._recall = recall
        self._outside = outside
        """Timeouts and targets: what costs rest on besides what the view notes."""
        self._calls: dict[object, Cost] = {}
        self._open: list[str] = []

    def workflow(self, name: str) -> tuple[Cost, str]:
        """Its cost, and that in words."""
        entry = self._project.workflows[name]
        if name in self._open:
            self._recall.do_not_keep()
            return Cost(inf, inf, f"workflow `{name}` calls itself"), ""
        outside = self._recall.together(_WORST, *self._outside)
        return self._recall.result((_WORST, name), partial(self._worst, entry), entry, outside)

    def workflows(self) -> list[tuple[Cost, str]]:
        """The cost of each, and that in words."""
        entries = dict(self._project.workflows.items())
        return self._recall.each(_WORST, lambda name: self._worst(entries[name]), entries, *self._outside)

    def _worst(self, entry: WorkflowEntry) -> tuple[Cost, str]:
        self._open.append(entry.name)
        cost = self._add_up(entry.spec)
        self._open.pop()
        return cost, in_words(cost)

    def _add_up(self, workflow: WorkflowSpec) -> Cost:
        total = Cost()
        for name, count in visits(workflow).items():
            total = total.then(self._phase(workflow, name).times(count))
        total = total.within(workflow.limits)
        return total if workflow.finally_ is None else total.then(self._step(workflow.finally_))

    def _phase(self, workflow: WorkflowSpec, name: str) -> Cost:
        phase = workflow.phases[name]
        if not isinstance(phase, ForeachPhase):
            return self._step(phase)
        count = known_length(phase.foreach.in_)
        cost = self._step(phase.body).times(count, phase.foreach.concurrency)
        if count == inf and (cost.calls or cost.seconds):
            return cost._replace(why=f"foreach `{name}` goes over a list of unknown length")
        return cost

    def _step(self, spec: AnySpec) -> Cost:
        """One try of a step and its retries, within its limits."""
        match spec:
            case AgentBody():
                cost = self._agent(spec)
            case ToolBody():
                tool, aim = self._project.tools.get(spec.tool), _Aim(None, spec.target, spec.fleet)
                cost = _with_retries(self._tool(tool, spec.timeout, STANDARD, aim) if tool else Cost(), spec)
            case WorkflowBody():
                cost = _with_retries(self._called(spec.workflow), spec)
            case ParallelPhase():
                cost = _with_retries(_side_by_side([self._step(body) for body in spec.parallel.values()]), spec)
            case _:
                cost = Cost(waits=True)
        return cost.within(spec.limits)

    def _called(self, name: str) -> Cost:
        return self.workflow(name)[0] if name in self._project.workflows else Cost()

    def _agent(self, spec: AgentBody) -> Cost:
        """Its turns: each is one model call, then its tools side by side; what workflows among them ask counts too."""
        entry = self._project.agents.get(spec.agent)
        if entry is None:
            return Cost()
        timeout = spec.timeout or entry.spec.timeout
        turn = Cost(1, self._seconds(timeout, "model"))
        aim = _Aim(entry, spec.target)
        turn = turn.then(_side_by_side(self._tools(entry.tools, timeout, aim)))
        turns = min(entry.spec.limits.turns, spec.limits.turns or entry.spec.limits.turns)
        cost = _with_retries(turn.times(turns), spec)
        return cost._replace(calls=turns).within(entry.spec.limits)

    def _tools(self, names: Sequence[str], timeout: str, aim: _Aim) -> list[Cost]:
        """One call of each tool of an agent; most were counted for another agent."""
        where = aim.key if self._project.hosts else None
        found = [tool for tool in several(self._project.tools, names) if tool]
        known = [self._calls.get((tool.name, None, timeout, where)) for tool in found]
        return [cost or self._tool(tool, None, timeout, aim) for tool, cost in zip(found, known, strict=True)]

    def _tool(self, tool: ToolEntry, wanted: str | None, otherwise: str, aim: _Aim) -> Cost:
        """One call: within `wanted`, else the tool's own timeout, else `otherwise`."""
        if tool.child:
            return self._called(tool.child)
        key = (tool.name, wanted, otherwise, aim.key if self._project.hosts else None)
        if key not in self._calls:
            self._calls[key] = self._call(tool, wanted or tool.spec.timeout or otherwise, aim)
        return self._calls[key]

    def _call(self, tool: ToolEntry, timeout: str, aim: _Aim) -> Cost:
        places = reached(self._project, tool, aim.agent, aim.target) if self._project.hosts else ()
        hosts = [name for name in places if name not in HERE]
        away = self._seconds(timeout, "ssh") * aim.rounds(len(hosts)) if hosts else 0.0
        here = self._seconds(timeout, "tool") if not hosts or places[len(hosts) :] else 0.0
        cost = Cost(0, max(away, here))
        return cost if tool.spec.retry is None else _tried(cost, tool.spec.retry.max, tool.spec.retry.delay[1])

    def _seconds(self, timeout: str, part: str) -> float:
        try:
            ends: tuple[float, float] = getattr(self._project.timeout(timeout), part)
        except ValueError:  # said where the name stands
            return 0.0
        return ends[1]


def _side_by_side(parts: Sequence[Cost]) -> Cost:
    """All of them at the same time."""
    seconds = max([cost.seconds for cost in parts], default=0.0)
    why = next((cost.why for cost in parts if cost.why), "")
    return Cost(sum([cost.calls for cost in parts]), seconds, why, True in [cost.waits for cost in parts])


def _with_retries(cost: Cost, spec: Body) -> Cost:
    return cost if spec.retry is None else _tried(cost, spec.retry.max, spec.retry.delay[1])


def _tried(cost: Cost, retries: int, pause: float) -> Cost:
    return cost.times(1 + retries).then(Cost(0, pause * retries))


def known_length(expression: str) -> float:
    """The length of a list that is written out; `inf` for any other expression."""
    try:
        value = ast.literal_eval(expression.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return inf
    return len(value) if isinstance(value, list | tuple) else inf
