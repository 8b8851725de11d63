"""A workflow as boxes and lines with their words, before anybody draws it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runner.project.phases import (
    AgentBody,
    ApprovalBody,
    ForeachPhase,
    ParallelPhase,
    ToolBody,
    WaitBody,
    WorkflowBody,
    kind_of,
)
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.flow import Edge, ErrorEdge, Flow
    from runner.project.phases import Body, PhaseSpec
    from runner.project.project import WorkflowEntry

Via = Literal["next", "errors", "exhausted"]


@dataclass(frozen=True, slots=True)
class Box:
    """A phase, a branch, or `finally`."""

    name: str
    kind: str
    """agent, tool, workflow, approval, wait or parallel; of a foreach that of its body."""
    words: tuple[str, ...]
    """What it does and when, a sentence each."""
    each: tuple[str, ...] = ()
    """What a foreach goes over, and how many at once; nothing for all else."""
    branches: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A way from a phase to a phase or an end."""

    source: str
    target: str
    via: Via
    words: tuple[str, ...] = ()
    """Its conditions and bounds; none for a way that is always taken."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All of a workflow that is drawn; the first box is entered first."""

    name: str
    description: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    last: Box | None = None
    """`finally`."""


def chart_of(entry: WorkflowEntry) -> Chart:
    """The boxes and lines of a workflow; ways of one sort between the same two places are one line."""
    spec = entry.spec
    boxes = tuple(_box(name, phase) for name, phase in spec.phases.items())
    following = [*list(spec.phases)[1:], "pass"]
    words: defaultdict[tuple[str, str, Via], list[str]] = defaultdict(list)
    for (name, phase), after in zip(spec.phases.items(), following, strict=True):
        for to, via, said in _ways(phase, after):
            words[name, to, via].extend(said)
    lines = tuple(Line(source, to, via, tuple(said)) for (source, to, via), said in words.items())
    last = None if spec.finally_ is None else _box("finally", spec.finally_)
    return Chart(entry.name, spec.description, boxes, lines, last)


def _box(name: str, spec: Body | PhaseSpec) -> Box:
    if isinstance(spec, ForeachPhase):
        each = spec.foreach
        abreast = (f"{each.concurrency} at once",) if each.concurrency > 1 else ()
        over = f"↻ each {each.as_} in {_line(each.in_)}"
        return Box(name, kind_of(spec.body), _words(spec.body), (over, *abreast))
    branches = spec.parallel.items() if isinstance(spec, ParallelPhase) else ()
    return Box(name, kind_of(spec), _words(spec), branches=tuple(_box(branch, body) for branch, body in branches))


def _words(spec: Body) -> tuple[str, ...]:
    when = () if spec.when is None else (f"when {_line(spec.when)}",)
    return (_act(spec), *when)


def _act(spec: Body) -> str:
    match spec:
        case AgentBody():
            return f"agent {spec.agent}"
        case ToolBody():
            return f"tool {spec.tool}"
        case WorkflowBody():
            return f"workflow {spec.workflow}"
        case ApprovalBody():
            return f"asks: {_line(spec.approval.ask)}"
        case WaitBody():
            pause = spec.wait
            return f"waits {format_duration(pause.for_)}" if pause.for_ is not None else f"until {_line(pause.until)}"
        case ParallelPhase():
            return f"{spec.join} of these"
    raise TypeError(type(spec).__name__)


def _ways(phase: Flow, following: str) -> Iterator[tuple[str, Via, tuple[str, ...]]]:
    """Each way out of a phase: where to, which sort, its words."""
    if phase.next is None or isinstance(phase.next, str):
        yield phase.next or following, "next", ()
    else:
        for edge in phase.next:
            condition = _line(edge.when) if edge.when is not None else "else" if len(phase.next) > 1 else ""
            yield from _edge(edge, "next", condition)
    for error in phase.errors:
        yield from _edge(error, "errors", "on any failure" if error.match == "any" else f"on {error.match}")


def _edge(edge: Edge | ErrorEdge, via: Via, condition: str) -> Iterator[tuple[str, Via, tuple[str, ...]]]:
    most = () if edge.max is None else (f"max {edge.max}",)
    yield edge.to, via, (*((condition,) if condition else ()), *most)
    if edge.max is not None:
        yield edge.exhausted, "exhausted", (f"after {edge.max} time{'s' * (edge.max != 1)}",)


def _line(text: object) -> str:
    return " ".join(str(text).split())
