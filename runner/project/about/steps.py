"""The steps of a workflow in words: what each does, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.phases import (
    AgentBody,
    ApprovalBody,
    ForeachPhase,
    ParallelPhase,
    ToolBody,
    WaitBody,
    WorkflowBody,
)
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.flow import Edge, ErrorEdge, Flow
    from runner.project.phases import Body, PhaseSpec


def edges(phases: Mapping[str, PhaseSpec]) -> list[dict[str, Any]]:
    """Every way out of every phase, in the order in which they are tried."""
    following = [*list(phases)[1:], "pass"]
    return [
        {"from": name, **way}
        for (name, spec), after in zip(phases.items(), following, strict=True)
        for way in _ways(spec, after)
    ]


def _ways(spec: Flow, after: str) -> Iterator[dict[str, Any]]:
    if spec.next is None or isinstance(spec.next, str):
        yield {"via": "next", "to": spec.next or after}
    else:
        for edge in spec.next:
            yield {"via": "next", "to": edge.to, **({"when": edge.when} if edge.when else {}), **_bound(edge)}
    for error in spec.errors:
        yield {"via": "errors", "match": error.match, "to": error.to, **_bound(error)}


def _bound(edge: Edge | ErrorEdge) -> dict[str, Any]:
    return {"max": edge.max, "exhausted": edge.exhausted} if edge.max is not None else {}


def in_words(edge: Mapping[str, Any]) -> str:
    """`→ work when not phases.verify.ok, at most 2 times, then fail`."""
    failure = {"": "", "any": " after any failure"}.get(edge.get("match", ""), f" after a failure: {edge.get('match')}")
    when = f" when {one_line(edge['when'])}" if "when" in edge else ""
    times = (
        f", at most {edge['max']} {'times' if edge['max'] > 1 else 'time'}, then {edge['exhausted']}"
        if "max" in edge
        else ""
    )
    return f"→ {edge['to']}{failure}{when}{times}"


def does(spec: Body | ForeachPhase) -> str:
    """What a phase or body does: `tool run_tests`, `agent coder when phases.verify.output`."""
    if isinstance(spec, ForeachPhase):
        return f"foreach {spec.foreach.as_} in {one_line(spec.foreach.in_)}: {does(spec.body)}"
    return act(spec) + _asked(spec) + (f" when {one_line(spec.when)}" if spec.when is not None else "")


def act(spec: Body) -> str:
    """What a body does, whatever its condition."""
    match spec:
        case AgentBody():
            return f"agent {spec.agent}"
        case ToolBody():
            return f"tool {spec.tool}"
        case WorkflowBody():
            return f"workflow {spec.workflow}"
        case ApprovalBody():
            return f'approval "{one_line(spec.approval.ask)}"'
        case WaitBody():
            pause = spec.wait
            return f"wait {format_duration(pause.for_) if pause.for_ is not None else f'until {one_line(pause.until)}'}"
        case ParallelPhase():
            return f"parallel, {spec.join if isinstance(spec.join, str) else f'{spec.join} of them'}"
    raise TypeError(type(spec).__name__)


def _asked(spec: Body) -> str:
    """Who may answer the question of an approval, and within what time."""
    if not isinstance(spec, ApprovalBody):
        return ""
    return f" by {' or '.join(spec.approval.by) or 'anyone'} within {format_duration(spec.approval.deadline)}"


def approvals(spec: Body | ForeachPhase) -> list[dict[str, Any]]:
    """Each question of a phase, with the branch that asks it, who may answer and the deadline in seconds."""
    bodies = spec.parallel if isinstance(spec, ParallelPhase) else {None: getattr(spec, "body", spec)}
    asking = {branch: body.approval for branch, body in bodies.items() if isinstance(body, ApprovalBody)}
    return [{"branch": branch, **question.model_dump()} for branch, question in asking.items()]


def branches(spec: Body | ForeachPhase) -> dict[str, str]:
    """What each branch of a parallel phase does; other phases have none."""
    return {name: does(body) for name, body in spec.parallel.items()} if isinstance(spec, ParallelPhase) else {}


def one_line(text: object) -> str:
    """A text with its line ends as blanks."""
    return " ".join(str(text).split())
