"""How often each phase can be entered in one run.

Visits are counted on the graph: a loop is entered once, and between two takings of bounded edges each phase is passed
at most once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.graph.ways import PhaseGraph

if TYPE_CHECKING:
    from runner.project.graph.ways import Way
    from runner.project.workflows import WorkflowSpec


def visits(workflow: WorkflowSpec) -> dict[str, int]:
    """The most times that each phase can be entered in one run; assumes that every cycle is bounded (R3)."""
    if len(workflow.phases) == 1 and all(phase.next is None and not phase.errors for phase in workflow.phases.values()):
        return dict.fromkeys(workflow.phases, 1)  # the runs of single agents: there may be thousands
    graph = PhaseGraph(workflow)
    return {name: _visits(workflow, graph, name) for name in graph.names}


def _visits(workflow: WorkflowSpec, graph: PhaseGraph, name: str) -> int:
    if name not in graph.reachable:
        return 0
    loop = graph.loop(name)
    count = _passes(graph, name, loop) if loop else 1
    phase = workflow.phases[name]
    return min(count, phase.limits.visits or count)


def _passes(graph: PhaseGraph, name: str, loop: frozenset[str]) -> int:
    """Passes through a loop that can touch a phase: the first one, and one for each taking of a bounded edge."""
    inside = [way for way in graph.ways if way.source in loop and way.target in loop]
    free = [way for way in inside if way.bound is None]
    doors = {way.target for way in graph.ways if way.source not in loop and way.target in loop}
    doors |= loop & set(graph.names[:1])
    repeats = sum(_bound(way) for way in inside if name in graph.reach([way.target], free))
    return repeats + (name in graph.reach(doors, free))


def _bound(way: Way) -> int:
    return way.bound or 0
