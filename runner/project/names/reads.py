"""What may be read of `phases` at one place of a workflow: names, fields, and whether they are there by then (R11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from runner.errors import Match
from runner.project.names import moved
from runner.project.names.outputs import of_tool
from runner.project.names.shapes import (
    ANSWER,
    NUMBER,
    OPEN,
    TEXT,
    TRUTH,
    Answer,
    Fault,
    Schema,
    choice,
    closed,
    follow,
    walk,
)
from runner.project.phases import AgentBody, ApprovalBody, Body, ForeachPhase, ParallelPhase, ToolBody
from runner.project.targets import may_be_many
from runner.prompts import ITEM
from runner.runs.record import Status
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.graph.ways import PhaseGraph
    from runner.project.project import Project
    from runner.project.steps import AnySpec
    from runner.project.workflows import WorkflowSpec
    from runner.prompts import NamePath

FROM_THE_START = frozenset({"status", "ok", "error", "visits", "history", "items"})
"""The fields that a phase has before it was ever entered; a branch has them too."""
FAULT = closed({"match": choice(get_args(Match)), "message": TEXT, "hint": TEXT})
STATUS = choice(get_args(Status))
_FIELDS = {
    **dict.fromkeys(("result", "response", "answer", "text", "value", "content", "data", "message"), "NAME.output"),
    **dict.fromkeys(("success", "succeeded", "passed", "done"), "NAME.ok"),
    **dict.fromkeys(("failed", "failure"), "not NAME.ok"),
    "skipped": "NAME.status == 'skipped'",
    **dict.fromkeys(("attempts", "count", "runs"), "NAME.visits"),
    **dict.fromkeys(("exit_code", "exit", "code"), "NAME.output.exit"),
    **dict.fromkeys(("state", "outcome", "conclusion"), "NAME.status"),
}
"""What others call the fields of a phase, and what is written here."""
_COMMAND = {
    **dict.fromkeys(("stdout", "stderr", "output", "result", "log", "lines"), "what the command said is `output.text`"),
    **dict.fromkeys(("exit_code", "exitcode", "code", "returncode", "status"), "what it ended with is `output.exit`"),
}
"""What others call what a command leaves."""
_PHASE, _FIELD = 1, 2
"""Places in a path: phases.PHASE.FIELD."""


@dataclass(frozen=True, slots=True)
class PhaseReads:
    """The view on `phases` from one place."""

    project: Project
    workflow: WorkflowSpec
    graph: PhaseGraph
    here: str
    """The phase that reads; empty for `finally`."""
    has_run: bool = False
    """Whether it reads after its own work, on the way out."""

    def check(self, path: NamePath, tested: frozenset[str]) -> Iterator[Fault]:
        """What is wrong with one path; `tested` are phases whose ok, status or visits are looked at beside it."""
        if len(path.parts) == _PHASE:
            return
        name = path.parts[_PHASE]
        if name not in self.workflow.phases:
            hint = moved.to_branch(self.workflow, path.parts) or did_you_mean(name, self.workflow.phases)
            hint = hint or f"phases: {', '.join(self.workflow.phases)}"
            yield Fault("unknown-phase", f"there is no phase `{name}` in this workflow", hint)
            return
        fault = self._field_fault(name, path.parts)
        if fault is not None:
            yield fault
        elif ITEM not in path.parts and not self.graph.unknown and (not self.here or self.here in self.graph.reachable):
            yield from self._order_faults(name, path, is_safe=path.guarded or name in tested)

    def known(self, parts: tuple[str, ...]) -> Schema:
        """What is known of the value that a path leads to."""
        name = parts[_PHASE] if len(parts) > _PHASE else ""
        return follow(closed(self._fields(name)), parts[_FIELD:]) if name in self.workflow.phases else OPEN

    def possible(self, name: str) -> bool:
        """Whether a phase can have run by then."""
        if not self.here:
            return name in self.graph.reachable
        return (self.has_run and name == self.here) or name in self.graph.before(self.here)

    def _fields(self, name: str) -> dict[str, Schema]:
        """What is known of each field of a phase."""
        phase = self.workflow.phases[name]
        record = self._record(phase.body if isinstance(phase, ForeachPhase) else phase, f"phase `{name}`")
        fields = dict(record["properties"])
        if isinstance(phase, ForeachPhase):
            outputs = {"type": "array", "items": fields["output"]}
            fields = {**fields, "output": outputs, "items": {"type": "array", "items": record}}
        elif isinstance(phase, ParallelPhase):
            branches = phase.parallel.items()
            fields |= {branch: self._record(body, f"branch `{name}.{branch}`") for branch, body in branches}
        return {**fields, "history": OPEN}

    def _field_fault(self, name: str, parts: tuple[str, ...]) -> Fault | None:
        phase, fields = self.workflow.phases[name], self._fields(name)
        if parts[_FIELD : _FIELD + 1] == ("items",) and "items" not in fields:
            return Fault("unknown-name", f"phase `{name}` has no `items`", "only a `foreach` has them")
        fault = walk(closed(fields), f"phases.{name}", parts[_FIELD:])
        if fault is not None and len(parts) > _FIELD and parts[_FIELD] not in fields:
            return replace(fault, hint=self._field_hint(name, parts) or fault.hint)
        if fault is not None and isinstance(phase, ToolBody) and parts[_FIELD:-1] == ("output",):
            return replace(fault, hint=_COMMAND.get(parts[-1], fault.hint))
        if fault is not None and isinstance(phase, ApprovalBody) and parts[_FIELD] == "output":
            return replace(fault, hint=f"who decided is `output.by`; what: write `phases.{name}.ok`")
        return fault

    def _field_hint(self, name: str, parts: tuple[str, ...]) -> str:
        """Where a field is that the phase itself has not."""
        field, *rest = parts[_FIELD:]
        if field in follow(self._fields(name)["output"], ()).get("properties", ()):
            return f"write `phases.{name}.output.{field}`"
        is_phase = field in self.workflow.phases and field not in (name, "" if self.has_run else self.here)
        if is_phase and (rest or field not in _FIELDS):
            return moved.to_phase(parts)
        meant = _FIELDS.get(field)
        return f"write `{meant.replace('NAME', f'phases.{name}')}`" if meant else ""

    def _record(self, spec: AnySpec, step: str) -> Schema:
        """What is known of the record that a step leaves; `step` are the words for it."""
        output = self._output(spec, step)
        return closed({"error": FAULT, "ok": TRUTH, "output": output, "status": STATUS, "visits": NUMBER})

    def _output(self, spec: AnySpec, step: str) -> Schema:
        if isinstance(spec, ToolBody):
            return OPEN if may_be_many(spec.target) else of_tool(self.project.tools.get(spec.tool))
        if isinstance(spec, ApprovalBody):
            return closed({"by": TEXT, "note": OPEN})
        if not isinstance(spec, AgentBody) or spec.agent not in self.project.agents:
            return OPEN
        fields = spec.output or self.project.agents[spec.agent].spec.output
        if fields is None:
            return {**TEXT, ANSWER: Answer(spec.agent, step)}
        return closed({k: t.schema for k, t in fields.types.items()})

    def _order_faults(self, name: str, path: NamePath, *, is_safe: bool) -> Iterator[Fault]:
        is_own = name == self.here
        if not (self.possible(name) or (is_own and path.parts[_FIELD : _FIELD + 1] == ("visits",))):
            yield self._never(name)
        elif is_safe or self._is_there_from_the_start(name, path.parts[_FIELD:]):
            return
        elif not self._sure(name):
            yield self._maybe(name, path, "may not have run, or may have failed, by then")
        elif self._skippable(name):
            yield self._maybe(name, path, "may have been skipped by its `when`")

    def _is_there_from_the_start(self, name: str, fields: tuple[str, ...]) -> bool:
        phase = self.workflow.phases[name]
        if isinstance(phase, ParallelPhase) and fields and fields[0] in phase.parallel:
            fields = fields[1:]
        return not fields or fields[0] in FROM_THE_START

    def _sure(self, name: str) -> bool:
        if self.has_run and name == self.here:
            return True
        return bool(self.here) and self.graph.surely_done_before(self.here, name)

    def _skippable(self, name: str) -> bool:
        phase = self.workflow.phases[name]
        return isinstance(phase, Body) and phase.when is not None

    def _never(self, name: str) -> Fault:
        if name == self.here:
            what = f"phase `{name}` reads itself, but it runs only once, and has not run yet"
            return Fault("never-run", what, "read a phase that comes before")
        what = f"phase `{name}` can never have run before `{self.here}`" if self.here else f"phase `{name}` never runs"
        return Fault("never-run", what, "read a phase that comes before")

    def _maybe(self, name: str, path: NamePath, what: str) -> Fault:
        filled = (
            "default(…, true)" if path.parts[-1] == "output" else "default(…)"
        )  # an output that is not there is null
        hint = f"write `{path} | {filled}`, or ask `phases.{name}.ok` first"
        return Fault("may-not-have-run", f"phase `{name}` {what}: `{path}` may be missing", hint, is_warning=True)
