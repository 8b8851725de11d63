"""The ways through the workflows: phases, edges with conditions and bounds, and the worst case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.project.compare import judges
from runner.project.compare.changes import Change, GraphChange
from runner.project.phases import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.compare.changes import Effect, Status
    from runner.project.compare.walk import Found
    from runner.project.flow import Flow
    from runner.project.workflows import WorkflowSpec


STOPS = ("fail", "error")


@dataclass(frozen=True, slots=True)
class Edge:
    """A way out of a phase, as it can be told from the others there."""

    source: str
    via: str
    condition: str
    """The expression of a `next`, the match of an `errors`; empty for the way that is always open."""
    to: str
    number: int = 1
    """Among those that say the same."""


Bounds = dict[Edge, tuple[int | None, str]]
"""`max` and `exhausted` of each edge, in the order of the file."""


def graph_changes(found: Found) -> Iterator[GraphChange]:
    """Each workflow whose ways differ; of the runs of single agents only the worst case."""
    sides = found.sides
    old, new = sides.old.declared_workflows, sides.new.declared_workflows
    for name in sorted(sides.old.workflows.keys() | sides.new.workflows.keys()):
        cases = (sides.old.worst_cases.get(name), sides.new.worst_cases.get(name))
        specs = [entries[name].spec if name in entries else None for entries in (old, new)]
        changes = (*_ways(*specs), *found.graphs.get(name, ()))
        if changes or cases[0] != cases[1]:
            yield GraphChange(name, _status(*cases), changes, cases)


def _status(old: object, new: object) -> Status:
    return "added" if old is None else "removed" if new is None else "changed"


def _ways(old: WorkflowSpec | None, new: WorkflowSpec | None) -> Iterator[Change]:
    kinds = [{name: kind_of(phase) for name, phase in spec.phases.items()} if spec else {} for spec in (old, new)]
    yield from _phases(*kinds)
    if old and new and next(iter(old.phases)) != next(iter(new.phases)):
        yield Change("changed", "the first phase", "", next(iter(old.phases)), next(iter(new.phases)))
    yield from _edges(edges(old) if old else {}, edges(new) if new else {})


def _phases(old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        kinds = (old.get(name), new.get(name))
        if kinds[0] != kinds[1]:
            yield Change(judges.presence(*kinds), f"phase {name}", "kind", *kinds)


def _edges(old: Bounds, new: Bounds) -> Iterator[Change]:
    for edge in [*old, *(edge for edge in new if edge not in old)]:
        if edge not in new or edge not in old:
            shown = (_shown(edge, old), _shown(edge, new))
            yield Change(_effect(edge, is_new=edge in new), f"phase {edge.source}", edge.via, *shown)
        elif old[edge] != new[edge]:
            shown = (_shown(edge, old), _shown(edge, new))
            yield Change(judges.wider_limit(old[edge][0], new[edge][0]), f"phase {edge.source}", edge.via, *shown)
    yield from _order(old, new)


def _effect(edge: Edge, *, is_new: bool) -> Effect:
    """A way more leads further, unless it is one to stop by."""
    return "gained" if is_new != (edge.to in STOPS) else "lost"


def _order(old: Bounds, new: Bounds) -> Iterator[Change]:
    """The first edge that is open is taken: their order decides."""
    for source, via in sorted({(edge.source, edge.via) for edge in old.keys() & new.keys()}):
        before, after = (
            [edge for edge in one if (edge.source, edge.via) == (source, via) and edge in other]
            for one, other in ((old, new), (new, old))
        )
        if before != after:
            shown = ([_shown(edge, old) for edge in before], [_shown(edge, new) for edge in after])
            yield Change("changed", f"phase {source}", f"order of {via}", *shown)


def edges(workflow: WorkflowSpec) -> Bounds:
    """Every edge of a workflow with its bounds; the way to the following phase too, that no line says."""
    found: Bounds = {}
    seen: Counter[tuple[str, str, str, str]] = Counter()
    names = [*workflow.phases, "pass"]
    for following, (name, phase) in enumerate(workflow.phases.items(), start=1):
        for via, condition, to, bounds in _out_of(phase, names[following]):
            seen[name, via, condition, to] += 1
            found[Edge(name, via, condition, to, seen[name, via, condition, to])] = bounds
    return found


def _out_of(phase: Flow, following: str) -> Iterator[tuple[str, str, str, tuple[int | None, str]]]:
    if phase.next is None or isinstance(phase.next, str):
        yield "next", "", phase.next or following, (None, "")
    else:
        for edge in phase.next:
            yield "next", edge.when or "", edge.to, (edge.max, edge.exhausted if edge.max else "")
    for error in phase.errors:
        yield "errors", error.match, error.to, (error.max, error.exhausted if error.max else "")


def _shown(edge: Edge, bounds: Bounds) -> str | None:
    """`→ fix when not phases.verify.ok, at most 3 times, then fail`; None where it is not."""
    if edge not in bounds:
        return None
    most, exhausted = bounds[edge]
    when = f" {'when' if edge.via == 'next' else 'after'} {edge.condition}" if edge.condition else ""
    return f"→ {edge.to}{when}" + (f", at most {most} time{'s' * (most != 1)}, then {exhausted}" if most else "")
