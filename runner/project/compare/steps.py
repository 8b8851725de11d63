"""What the workflows do: their steps with what these call, and the persons who are asked on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.compare.plain import written
from runner.project.compare.walk import compare_fields
from runner.project.graph.ways import PhaseGraph
from runner.project.phases import ApprovalBody, ForeachPhase, ParallelPhase, WaitBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.compare.changes import Effect
    from runner.project.compare.walk import Found
    from runner.project.workflows import WorkflowSpec
    from runner.spec import Spec

_SHOWN_APART = ("next", "errors", "parallel", "body")
"""Keys of a phase that stand with the graph, or as steps of their own."""


def compare_workflows(found: Found) -> None:
    """Note what differs in the powers of workflows, step by step."""
    old, new = found.sides.old.declared_workflows, found.sides.new.declared_workflows
    for name in sorted(old.keys() | new.keys()):
        if name in old and name in new:
            _both(found, name, old[name].spec, new[name].spec)
        else:
            _one(found, name, (new.get(name) or old[name]).spec, "gained" if name in new else "lost")


def _one(found: Found, name: str, spec: WorkflowSpec, effect: Effect) -> None:
    """A workflow that came or went: its head, and each step that acts."""
    head = {key: value for key, value in written(spec).items() if key not in ("phases", "finally")}
    _note(found, effect, f"workflow {name}", head)
    for where, step in parts(name, spec).items():
        if not isinstance(step, ApprovalBody | WaitBody | ParallelPhase):
            _note(found, effect, where, _own(step))


def _both(found: Found, name: str, old: WorkflowSpec, new: WorkflowSpec) -> None:
    compare_fields(found, f"workflow {name}", old, new, workflow=name)
    before, after = parts(name, old), parts(name, new)
    for where in [*before, *(where for where in after if where not in before)]:
        if where in before and where in after:
            compare_fields(found, where, before[where], after[where], workflow=name)
        else:
            _came_or_went(found, where, before.get(where), after.get(where))
    _gates(found, name, old, new)


def _came_or_went(found: Found, where: str, old: Spec | None, new: Spec | None) -> None:
    """A step more can do more, unless it is a person who is asked."""
    step = old or new
    effect: Effect = "gained" if (old is None) != isinstance(step, ApprovalBody) else "lost"
    if not isinstance(step, WaitBody | ParallelPhase):
        found.power(effect, where, "", _own(old), _own(new))


def _note(found: Found, effect: Effect, where: str, data: Any) -> None:
    if effect == "gained":
        found.power(effect, where, new=data)
    else:
        found.power(effect, where, old=data)


def parts(workflow: str, spec: WorkflowSpec) -> dict[str, Spec]:
    """Every step under its name: phases, their branches and items, `finally`."""
    found: dict[str, Spec] = {}
    for name, phase in spec.phases.items():
        where = f"workflow {workflow}, phase {name}"
        found[where] = phase
        if isinstance(phase, ForeachPhase):
            found[f"{where}, each item"] = phase.body
        elif isinstance(phase, ParallelPhase):
            found.update({f"{where}, branch {branch}": body for branch, body in phase.parallel.items()})
    if spec.finally_ is not None:
        found[f"workflow {workflow}, finally"] = spec.finally_
    return found


def _own(step: Spec | None) -> dict[str, Any] | None:
    return None if step is None else {key: value for key, value in written(step).items() if key not in _SHOWN_APART}


def _gates(found: Found, name: str, old: WorkflowSpec, new: WorkflowSpec) -> None:
    """Note the phases that a run now comes to without the approval that it could not go around before."""
    before, after = gates(old), gates(new)
    for phase in sorted(before.keys() & after.keys()):
        where = f"workflow {name}, phase {phase}"
        for approval in sorted(before[phase] - after[phase]):
            found.power("gained", where, "entered only after approval", old=approval)
        for approval in sorted(after[phase] - before[phase]):
            found.power("lost", where, "entered only after approval", new=approval)


def gates(workflow: WorkflowSpec) -> Mapping[str, frozenset[str]]:
    """For each phase, the approvals that every way to it goes through."""
    graph = PhaseGraph(workflow)
    asking = [name for name, phase in workflow.phases.items() if isinstance(phase, ApprovalBody)]
    free = {name: graph.reach(graph.names[:1], [way for way in graph.ways if way.source != name]) for name in asking}
    return {
        phase: frozenset(name for name in asking if name != phase and phase not in free[name])
        for phase in workflow.phases
    }
