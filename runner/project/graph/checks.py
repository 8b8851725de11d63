"""The graph checks: every edge leads somewhere, every cycle has a bound, no phase is out of reach (R2, R3, R11)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.flow import ENDS, ENDS_ELSEWHERE
from runner.project.graph import blocks, callees, calls
from runner.project.graph.ways import PhaseGraph, closing_ways
from runner.project.graph.worst_case import worst_cases
from runner.project.phases import AgentPhase
from runner.project.steps import steps
from runner.spec.words import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.project.findings import Loc
    from runner.project.flow import Edge, ErrorEdge
    from runner.project.graph.ways import Way
    from runner.project.memory import Recall
    from runner.project.project import Project, WorkflowEntry

__all__ = ["check", "worst_cases"]


def check(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """Everything that is wrong with the workflows' graphs and with what their steps call; `seen` is its view."""
    declared = project.declared_workflows
    yield from chain.from_iterable(
        recall.each("graph", lambda name: tuple(_check_workflow(seen, declared[name])), declared)
    )
    yield from calls.check_recursion(project, seen, recall)
    yield from calls.check_prompts(project)
    yield from calls.check_tools(project)


def _check_workflow(project: Project, entry: WorkflowEntry) -> Iterator[Finding]:
    graph = PhaseGraph(entry.spec)
    yield from _reserved_names(entry)
    yield from _targets(project, entry, graph)
    yield from _edges(entry)
    yield from _cycles(entry, graph)
    yield from _unreachable(entry, graph)
    yield from _continues(entry, graph)
    yield from blocks.check(project, entry)
    for step in steps(entry.spec):
        yield from calls.check(project, entry, step)


def _reserved_names(entry: WorkflowEntry) -> Iterator[Finding]:
    for name in entry.spec.phases:
        if name in ENDS:
            what = f"`{name}` is an end of the run and cannot name a phase"
            yield Finding("reserved-name", entry.file, ("phases", name), what, "choose another name", at_key=True)
        elif name == _AT_THE_END:
            what = "`finally` is the step after the end and cannot name a phase"
            hint = "choose another name, or write `finally:` beside `phases:`"
            yield Finding("reserved-name", entry.file, ("phases", name), what, hint, at_key=True)


def _targets(project: Project, entry: WorkflowEntry, graph: PhaseGraph) -> Iterator[Finding]:
    for way in graph.unknown:
        what = f"`{way.target}` is no phase of this workflow"
        yield Finding("unknown-target", entry.file, way.loc, what, _target_hint(project, way, graph))


def _target_hint(project: Project, way: Way, graph: PhaseGraph) -> str:
    name = way.target.strip(" _").lower()
    near = nearest(way.target, graph.names, cutoff=_VERY_NEAR)
    plain = way.target.strip().removeprefix("phases.")
    if plain in graph.names:
        return f"write {plain}"
    if way.kind == "exhausted" and not near and name in (*ENDS_ELSEWHERE, "next", "continue"):
        return f"after the last time `fail` (the default), `pass` or `error` ends the run; phases: {_listed(graph)}"
    if name in ENDS_ELSEWHERE and not near:
        return f"`{ENDS_ELSEWHERE[name]}` ends the run; ends: {_ENDS}"
    if name in ("retry", "self", "again", "repeat", "loop", "continue"):
        return f"to enter `{way.source}` again write [{{to: {way.source}, max: 3}}]"
    if "{" in name:
        return "an edge leads where it says: for a choice write a list, [{when: …, to: …}, {to: …}]"
    if " " in name or "," in name:
        return "an edge leads to one phase: what runs side by side are the branches of a `parallel`"
    if added := callees.as_phase(project, way.target):
        return added
    return did_you_mean(way.target, [*graph.names, *ENDS]) or f"phases: {_listed(graph)}; ends: {_ENDS}"


def _listed(graph: PhaseGraph) -> str:
    return ", ".join(graph.names)


def _edges(entry: WorkflowEntry) -> Iterator[Finding]:
    for name, phase in entry.spec.phases.items():
        loc: Loc = ("phases", name)
        edges = phase.next if isinstance(phase.next, tuple) else ()
        if isinstance(phase.next, tuple):
            yield from _next_list(entry.file, (*loc, "next"), phase.next)
        yield from _error_list(entry.file, (*loc, "errors"), phase.errors)
        yield from _idle_exhausted(entry.file, (*loc, "next"), edges)
        yield from _idle_exhausted(entry.file, (*loc, "errors"), phase.errors)


def _next_list(file: str, loc: Loc, edges: Sequence[Edge]) -> Iterator[Finding]:
    if not edges:
        yield Finding("next-open", file, loc, "the list has no entry", "leave `next` out to go to the following phase")
    elif all(edge.when is not None for edge in edges):
        what = "the last entry has a `when`: there is no way on when none is true"
        yield Finding(
            "next-open", file, (*loc, len(edges) - 1), what, "add a last entry without `when`, e.g. {to: fail}"
        )
    first_open = next((index for index, edge in enumerate(edges[:-1]) if edge.when is None), None)
    if first_open is not None:
        what = "no entry after this one can be taken, because it has no `when`"
        hint = "give it a `when`, or move it to the end"
        yield Finding("next-unreachable", file, (*loc, first_open), what, hint)


def _error_list(file: str, loc: Loc, edges: Sequence[ErrorEdge]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, edge in enumerate(edges):
        if seen & {"any", edge.match}:
            earlier = edge.match if edge.match in seen else "any"
            what = f"this entry is never taken: an entry above matches `{earlier}` already"
            yield Finding("errors-unreachable", file, (*loc, index), what, "remove it, or move it up")
        seen.add(edge.match)


def _idle_exhausted(file: str, loc: Loc, edges: Sequence[Edge | ErrorEdge]) -> Iterator[Finding]:
    for index, edge in enumerate(edges):
        if edge.max is None and "exhausted" in edge.model_fields_set:
            what = "`exhausted` means nothing without `max`"
            hint = "add `max: N`, or remove `exhausted`"
            yield Finding("exhausted-without-max", file, (*loc, index, "exhausted"), what, hint, at_key=True)


def _cycles(entry: WorkflowEntry, graph: PhaseGraph) -> Iterator[Finding]:
    for way, trail in closing_ways(graph.names, graph.free):
        circle = " → ".join([*trail, way.target])
        what = f"the cycle {circle} has no bound"
        yield Finding("unbounded-cycle", entry.file, way.loc, what, _bound_hint(way))


def _bound_hint(way: Way) -> str:
    if way.kind == "exhausted":
        return "`exhausted` is taken without a bound: lead it out of the cycle"
    if way.loc[-1] == "next":
        return f"write next: [{{to: {way.target}, max: 3}}], or give another edge of the cycle a `max`"
    return "add `max: N` to this edge, or to another edge of the cycle"


def _unreachable(entry: WorkflowEntry, graph: PhaseGraph) -> Iterator[Finding]:
    if graph.unknown:  # the mistyped edge may be the one that leads there
        return
    for name in graph.names:
        if name not in graph.reachable and name != _AT_THE_END:
            what = f"phase `{name}` can never be entered: no edge leads to it"
            hint = "lead a `next` or `errors` edge to it, or remove it"
            yield Finding("unreachable-phase", entry.file, ("phases", name), what, hint, at_key=True)


def _continues(entry: WorkflowEntry, graph: PhaseGraph) -> Iterator[Finding]:
    agents = [name for name, phase in entry.spec.phases.items() if isinstance(phase, AgentPhase)]
    for name, phase in entry.spec.phases.items():
        wanted = phase.continue_ if isinstance(phase, AgentPhase) else None
        if wanted is None:
            continue
        loc: Loc = ("phases", name, "continue")
        if wanted not in agents:
            known = "is a phase, but has no agent" if wanted in graph.names else "is no phase of this workflow"
            hint = did_you_mean(wanted, agents) or f"phases with an agent: {', '.join(agents)}"
            yield Finding("continue-unknown", entry.file, loc, f"`{wanted}` {known}", hint)
        elif not graph.unknown and name in graph.reachable and wanted not in graph.before(name):
            what = f"phase `{wanted}` can never have run before `{name}`, so there is no conversation to continue"
            yield Finding("continue-never-run", entry.file, loc, what, "name a phase that comes before")


_ENDS = ", ".join(ENDS)
_AT_THE_END = "finally"
_VERY_NEAR = 0.8
