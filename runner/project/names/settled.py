"""Conditions that are decided before they are asked: by what was asked on each way to where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.flow import ENDS, Edge
from runner.project.steps import steps
from runner.prompts import TemplateError, expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.project.graph.ways import PhaseGraph, Way
    from runner.project.project import WorkflowEntry
    from runner.project.workflows import WorkflowSpec

    Facts = frozenset[tuple[str, bool]]

_NEGATED = re.compile(r"not ([\w.]+|\([^()]*\))")


def check(entry: WorkflowEntry, graph: PhaseGraph) -> Iterator[Finding]:
    """A warning for each entry of `next` that is never taken for such a condition, and each step always skipped."""
    if graph.unknown:
        return
    known = _on_entry(entry.spec, graph)
    for step in steps(entry.spec):
        if step.spec.when is not None and step.phase in known:
            settled = _settled(step.spec.when, _without(known[step.phase], step.phase))
            if settled is False:
                what = f"`{step.spec.when}` is always false here: no way leads to `{step.phase}` where it is true"
                hint = "remove the `when`, or ask for what differs between the ways"
                yield Finding("comparison", entry.file, (*step.loc, "when"), what, hint, "warning")
    for name, facts in known.items():
        yield from _edges(entry, name, _without(facts, name))


def _edges(entry: WorkflowEntry, name: str, facts: Facts) -> Iterator[Finding]:
    edges = _list_of(entry.spec, name)
    for index, edge in enumerate(edges):
        settled = _settled(edge.when, facts | _refused(edges[:index])) if edge.when else None
        if settled is None or (settled and not _leads_on(edge, edges[index + 1 :], facts)):
            continue
        outcome = "no entry after this one is ever taken" if settled else "this entry is never taken"
        what = f"`{edge.when}` is always {str(settled).lower()} here, by what was asked before: {outcome}"
        without = "leave out the `when` and the entries after it" if settled else "remove the entry"
        hint = f"ask what `{name}` itself left, such as `phases.{name}.ok`, or {without}"
        yield Finding("next-unreachable", entry.file, ("phases", name, "next", index, "when"), what, hint, "warning")


def _leads_on(edge: Edge, others: Iterable[Edge], facts: Facts) -> bool:
    """Whether an entry that is always taken cuts off a way to a phase; a choice may be written out to its end."""
    return _settled(edge.when or "", facts) is True and any(other.to not in ENDS for other in others)


def _on_entry(workflow: WorkflowSpec, graph: PhaseGraph) -> dict[str, Facts]:
    """What is sure of conditions whenever a phase is entered, by the ways that lead to it."""
    known: dict[str, Facts] = {graph.names[0]: frozenset()}
    changed = True
    while changed:
        changed = False
        for way in graph.ways:
            if way.source in known:
                there = _after(workflow, way, known[way.source])
                merged = known.get(way.target, there) & there
                changed |= known.get(way.target) != merged
                known[way.target] = merged
    return known


def _after(workflow: WorkflowSpec, way: Way, facts: Facts) -> Facts:
    """What is sure behind a way: what the phase did not change, and what was asked on the way out."""
    facts = _without(facts, way.source)
    if way.after_failure:
        return facts | {(f"phases.{way.source}.ok", False)}
    edges = _list_of(workflow, way.source)
    index = next((part for part in way.loc if isinstance(part, int)), None)
    if not edges or index is None:
        return facts
    taken = edges[index].when
    return facts | _refused(edges[:index]) | ({_fact(taken, holds=True)} if taken else set())


def _list_of(workflow: WorkflowSpec, name: str) -> Sequence[Edge]:
    following = workflow.phases[name].next
    return following if isinstance(following, tuple) else ()


def _refused(edges: Iterable[Edge]) -> Facts:
    return frozenset(_fact(edge.when, holds=False) for edge in edges if edge.when)


def _settled(when: str, facts: Facts) -> bool | None:
    condition, holds = _fact(when, holds=True)
    return next((true == holds for known, true in facts if known == condition), None)


def _fact(when: str, *, holds: bool) -> tuple[str, bool]:
    """A condition without the `not` before it, and whether that holds."""
    bare = " ".join(when.split())
    negated = _NEGATED.fullmatch(bare)
    return (negated[1].strip("()"), not holds) if negated else (bare, holds)


def _without(facts: Facts, name: str) -> Facts:
    """The facts that a phase's own work cannot change."""
    return frozenset(fact for fact in facts if not _may_read(fact[0], name))


def _may_read(condition: str, name: str) -> bool:
    try:
        paths = expression(condition).paths
    except TemplateError:
        return True
    return any(path.parts[0] == "phases" and path.parts[1:2] in ((), (name,)) for path in paths)
