"""Walk a workflow: enter a phase, perform it, leave it, take an edge, until an end. The state says where to go on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from runner.engine.phases import ACTIONS, foreach
from runner.engine.steps.step import Step, perform
from runner.engine.steps.views import join, phase_view
from runner.engine.walk.edges import choose
from runner.engine.walk.ending import End, conclude, leave_open
from runner.errors import StepFailed
from runner.project.flow import ENDS
from runner.project.phases import ForeachPhase, kind_of
from runner.prompts import expression
from runner.runs.events import PhaseEntered, PhaseFailed, PhaseLeft, PhaseSkipped
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.engine.steps.budget import Budget
    from runner.engine.steps.context import RunContext
    from runner.project.phases import PhaseSpec
    from runner.project.project import WorkflowEntry
    from runner.runs.events import EdgeTaken
    from runner.runs.parts import Scope


_EVIDENCE = {"path", "via", "index", "to", "expression", "values", "count", "max", "exhausted"}


class Walk:
    """One workflow being walked in a scope: the run itself (empty scope) or a called workflow (its caller's path)."""

    def __init__(
        self,
        ctx: RunContext,
        scope: str,
        entry: WorkflowEntry,
        inputs: Mapping[str, Any],
        workspace: Path,
        budgets: tuple[Budget, ...],
        called_by: Step | None = None,
    ) -> None:
        self.ctx = ctx
        self.chain = _chain(entry, called_by)
        """The workflows and the agents, from the outermost caller to this workflow, whose rules hold here."""
        self.scope = scope
        self.entry = entry
        self.inputs = inputs
        self.workspace = workspace
        self.budgets = budgets
        self.look_again()

    def look_again(self) -> None:
        """Show templates what is recorded by now of all phases."""
        phases, state = self.entry.spec.phases, self.ctx.state
        self._phases = {name: phase_view(state, self.scope, name, spec) for name, spec in phases.items()}

    @property
    def where(self) -> Scope:
        """Where the walk stands."""
        return self.ctx.state.scopes[self.scope]

    def values(self) -> dict[str, Any]:
        """What templates and expressions see in this scope."""
        return {"inputs": self.inputs, "phases": self._phases, "run": self._run}

    @cached_property
    def _run(self) -> dict[str, Any]:
        state = self.ctx.state
        started = datetime.fromtimestamp(state.started_at, UTC).isoformat(timespec="seconds")
        queued = state.queued
        assert queued is not None  # noqa: S101 - every run begins with this event
        return {
            "id": self.ctx.run,
            "name": queued.name,
            "revision": queued.revision,
            "workspace": str(self.workspace),
            "started_at": started,
        }

    def child(self, step: Step, path: str, entry: WorkflowEntry, inputs: Mapping[str, Any], own: Budget) -> Walk:
        """The walk of a workflow that a step calls, in the scope of its path."""
        return Walk(self.ctx, path, entry, inputs, step.workspace, (*step.budgets, own), step)

    async def conclude(self) -> End:
        """Walk to an end, whatever it is, then do the `finally` step."""
        return await conclude(self)

    async def to_end(self) -> End:
        """Walk until an end is reached; a limit set further out is raised, not routed."""
        where, first = self.where, next(iter(self.entry.spec.phases))
        while (name := where.at or first) not in ENDS:
            record = where.phases[name].history[-1] if where.left else await self._visit(name)
            end = self._leave_by_edge(name, record)
            if end is not None:
                return end
        return self._ended(name)

    async def _visit(self, name: str) -> Record:
        """One visit of a phase, begun now or gone on with after a stop."""
        spec, known = self.entry.spec.phases[name], self.where.phases[name]
        visit = known.visits if known.open else known.visits + 1
        step = self._step(name, spec, visit)
        if not known.open and not self._enter(step):
            record = known.history[-1]
        else:
            record = await self._perform(step)
        self._phases[name] = phase_view(self.ctx.state, self.scope, name, spec)
        return record

    def _step(self, name: str, spec: PhaseSpec, visit: int) -> Step:
        path = join(self.scope, name, visit)
        return Step(self, spec, name, visit, path, self.budgets, self.workspace, {})

    def _enter(self, step: Step) -> bool:
        """Begin a visit; False when the phase's `when` is false and it is skipped."""
        when = None if isinstance(step.spec, ForeachPhase) else step.spec.when
        if when is not None:
            condition = _Condition(step, when)
            if condition.fault is None and not condition.value:
                self.ctx.append(
                    PhaseSkipped(path=step.path, visit=step.visit, expression=when, values=condition.values)
                )
                return False
        items = foreach.items(step) if isinstance(step.spec, ForeachPhase) else None
        self.ctx.append(PhaseEntered(path=step.path, visit=step.visit, kind=kind_of(step.spec), items=items))
        return True

    async def _perform(self, step: Step) -> Record:
        record = self._refused(step) or await perform(step, ACTIONS[kind_of(step.spec)])
        record = record.model_copy(update={"visits": step.visit})
        kind = PhaseFailed if record.status == "failed" else PhaseLeft
        leave_open(self.ctx, step.path)
        self.ctx.append(kind(path=step.path, record=record))
        return record

    def _refused(self, step: Step) -> Record | None:
        """A failed record for a visit beyond `limits.visits`, or one whose `when` cannot be worked out."""
        most = step.spec.limits.visits
        if most is not None and step.visit > most:
            message = f"phase `{step.phase}` may be entered {most} times (limits.visits)"
            return Record.of("failed", error=Fault(match="budget", message=message))
        when = None if isinstance(step.spec, ForeachPhase) else step.spec.when
        fault = _Condition(step, when).fault if when is not None else None
        return Record.of("failed", error=fault) if fault else None

    def _leave_by_edge(self, name: str, record: Record) -> End | None:
        """Take the edge that leads on; an End when no edge takes a failure or none can be worked out."""
        visit = self.where.phases[name].visits
        step = self._step(name, self.entry.spec.phases[name], visit)
        try:
            edge = choose(step, record, self.where.taken)
        except StepFailed as failure:
            evidence = {"phase": step.path, "error": failure.message, "hint": failure.hint}
            why = f"the way out of `{name}` cannot be worked out: {failure.message}"
            return End("error", None, why, evidence, Fault.of(failure))
        if edge is None:
            return self._unrouted(step, record)
        self.ctx.append(edge)
        return None

    def _unrouted(self, step: Step, record: Record) -> End:
        fault = record.error or Fault(match="tool", message="it failed")
        evidence = {"phase": step.path, "match": fault.match, "error": fault.message, "hint": fault.hint}
        return End("error", record.output, f"`{step.path}` failed: {fault.message}", evidence, fault)

    def _ended(self, verdict: str) -> End:
        where = self.where
        history = where.phases[where.last].history
        output, fault = (history[-1].output, history[-1].error) if history else (None, None)
        edge, judged = where.edge, where.judged
        evidence = edge.model_dump(include=_EVIDENCE) if edge else {}
        why = _way(edge) if edge else f"the workflow leads to {verdict}"
        if judged is not None and judged is not edge:
            evidence["decided_by"] = judged.model_dump(include=_EVIDENCE)
            why = f"{why}; before, {_way(judged)}"
        return End(verdict, output, why, evidence, fault)


def _chain(entry: WorkflowEntry, called_by: Step | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if called_by is None:
        return (entry.name,), ()
    workflows, agents = called_by.walk.chain
    agent = getattr(called_by.spec, "agent", None)
    return (*workflows, entry.name), (*agents, agent) if agent else agents


class _Condition:
    """A `when` worked out once: its value and the values it read, or the fault."""

    def __init__(self, step: Step, source: str) -> None:
        self.value: object = None
        self.values: dict[str, Any] = {}
        self.fault: Fault | None = None
        try:
            self.value = step.evaluate(source)
            self.values = expression(source).explain(step.values())
        except StepFailed as failure:
            self.fault = Fault.of(failure)


def _way(edge: EdgeTaken) -> str:
    """An edge in words, with what decided it."""
    way = f"`{edge.path}` leads to {edge.to}"
    if edge.exhausted:
        return f"{way} (`exhausted`): {edge.via}[{edge.index}] was taken {edge.max} of {edge.max} times"
    return f"{way} because {edge.expression}" if edge.expression else way
